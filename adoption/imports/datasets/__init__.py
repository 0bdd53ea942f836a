"""Mappings of public data sets to the canonical schema, one module each."""
