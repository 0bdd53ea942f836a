"""Measurements of the shop, run by hand or by `make bench`."""
