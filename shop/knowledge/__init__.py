"""Articles that answer before somebody asks: how to choose, how to use, how we work."""
