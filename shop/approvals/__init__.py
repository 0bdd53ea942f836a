"""Company rules: who must approve an order before it is placed, and what may be spent."""
