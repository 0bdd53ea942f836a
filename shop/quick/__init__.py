"""Quick order: lines typed, pasted or uploaded, on one pad that says what becomes of each."""
