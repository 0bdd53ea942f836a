"""What stands in the way of writing something down."""


class TooMany(Exception):
    """Somebody sends more than a person would; its text says what to do."""


class AnsweredAlready(Exception):
    """Somebody else has answered; the text says who."""
