"""How the connection to the ERP does, now and over a month; maintenance that is announced to buyers."""
