"""What a page of the report cannot do."""


class SumsAreMissing(Exception):
    """There are no sums that fit, and the facts are too many to be asked instead: wait until they were made."""
