"""Microsoft Dynamics 365 Business Central over its standard API v2.0, with or without our bridge extension."""
