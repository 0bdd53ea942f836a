"""The last known copy of the ERP's facts, of every channel."""
