"""Receivers of the facts that accounts and the shop announce."""
