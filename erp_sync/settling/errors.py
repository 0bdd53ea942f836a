"""What a person who settles may be told."""


class SettlingRefused(Exception):
    """Nothing was changed; the text says why and what to do."""
