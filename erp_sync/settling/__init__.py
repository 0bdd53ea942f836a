"""Is the shop right? Nightly prices, hourly and nightly documents against the ERP; what differs waits for a person."""
