"""See config.formats."""
