"""What stands in the way of writing something down."""


class TooMany(Exception):
    """Somebody sends more than a person would; its text says what to do."""
