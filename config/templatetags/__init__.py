"""Tags of pages that show more than one app."""
