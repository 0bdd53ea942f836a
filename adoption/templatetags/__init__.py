"""Tags of the adoption pages."""
