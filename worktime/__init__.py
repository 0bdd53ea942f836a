"""Business time: how many minutes of opening hours lie between two instants. Plain Python, beneath every app."""
