"""Errors of quotes, by what the caller does next."""

from shop.errors import ShopError


class QuoteRefused(ShopError):
    """It can't be done as it was sent (422): the sentence says what to put right."""


class QuoteMoved(ShopError):
    """Somebody else was quicker, or time was (409): the sentence says what is so now."""


class AnswerRefused(QuoteRefused):
    """An answer that breaks the rails or can't be read; `rows` has a sentence for each row of the form."""

    def __init__(self, sentence: str, rows: dict[str, str]) -> None:
        self.rows = rows
        super().__init__(sentence)
