"""What is on its way."""
