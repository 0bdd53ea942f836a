"""Items that somebody wants to be told of when they are in stock again."""
