"""What managers see in the admin."""
