"""What can go wrong with an ERP, grouped by what the caller does next."""


class ErpError(Exception):
    """Root of everything that an ERP call may raise.

    `str(error)` is safe for a log; only `ErpRejected.message` is meant for a buyer.
    """


class ErpUnavailable(ErpError):
    """No usable answer in time: show the last known value with its age, try again later.

    Attributes:
        nothing_sent: True when surely no byte reached the ERP (refused, DNS, breaker open), so a write
            may be repeated without looking it up first.
    """

    def __init__(self, message: str, *, nothing_sent: bool = False) -> None:
        super().__init__(message)
        self.nothing_sent = nothing_sent


class ErpRejected(ErpError):
    """The ERP understood and said no: show its own words, do not repeat.

    Attributes:
        message: The ERP's sentence, plain text, at most 500 characters.
        warning: The ERP's name of the warning when a person there could go on nevertheless, else "".
    """

    def __init__(self, message: str, *, warning: str = "") -> None:
        self.message = message[:500]
        self.warning = warning
        super().__init__(self.message)


class ErpBroken(ErpError):
    """The answer makes no sense (wrong shape, garbage, missing field): log it and alert.

    For a write its outcome is unknown: look it up by reference before sending again.
    """


class ErpMisconfigured(ErpError):
    """The connection's settings are wrong (address, login, rights): an operator must act."""
