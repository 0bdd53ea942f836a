"""What exists: categories, items, search."""
