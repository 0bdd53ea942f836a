"""The adapter kit: the same questions (contract.py) to every adapter, asked of a sample that it offers (sample.py)."""
