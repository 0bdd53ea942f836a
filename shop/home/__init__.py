"""The buyer's first page: what to order again, what needs attention, what is owed."""
