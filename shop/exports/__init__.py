"""The shop's door to `sheets`: tables as files."""
