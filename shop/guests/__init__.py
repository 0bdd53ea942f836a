"""The catalogue for people without a log-in, where the owner of the shop allows it."""
