"""Pure metrics: plain Python over facts, no Django."""
