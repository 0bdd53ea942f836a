"""Drills: bad days that take too long for every CI run. See `python -m tests.reliability.drills`."""
