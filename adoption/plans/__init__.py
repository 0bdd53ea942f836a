"""What was planned and what it costs: plans, goals, costs, exchange rates, opening hours, holidays."""
