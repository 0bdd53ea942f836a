"""Orders of every channel, placing one, ordering again."""
