"""What staff may be told when a row cannot be moved."""


class OutboxRefused(Exception):
    """The row is not in a state that allows it; the text says what to do."""
