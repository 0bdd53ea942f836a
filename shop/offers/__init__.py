"""Offers of the shop: dated rules that take something off an order, as a line of its own in the ERP."""
