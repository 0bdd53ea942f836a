"""Conversations about an order, a quote or a return: messages, files, read marks."""
