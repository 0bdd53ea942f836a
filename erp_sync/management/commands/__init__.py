"""Commands of the ERP layer."""
