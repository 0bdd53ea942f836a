"""Returns from an order line."""
