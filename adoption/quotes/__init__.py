"""What became of quotes: asked, answered by a person, decided."""
