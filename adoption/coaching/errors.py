"""What stands in the way of a nudge."""


class NotInvited(Exception):
    """Nothing was sent; its text says why and what to do."""
