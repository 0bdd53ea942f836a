"""Facts that come in files: the canonical schema, and other data sets by their mappings."""
