"""Quotes: asked for, answered line by line, accepted once."""
