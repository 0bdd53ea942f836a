"""What stands in the way of a weekly mail."""


class NotSubscribed(Exception):
    """Nothing was saved; its text says why and what to do."""
