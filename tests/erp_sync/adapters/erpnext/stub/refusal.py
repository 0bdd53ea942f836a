"""How the stub says no: as Frappe does, with HTML in JSON in JSON."""

from __future__ import annotations

import json
from typing import Any


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, kind: str, words: str = "") -> None:
        super().__init__(f"{kind}: {words}")
        self.status, self.kind, self.words = status, kind, words

    def body(self) -> dict[str, Any]:
        """Return it as Frappe writes it."""
        told: dict[str, Any] = {"exc_type": self.kind, "exc": json.dumps(["Traceback (most recent call last): secret"])}
        if self.words:
            told["exception"] = f"frappe.exceptions.{self.kind}: {self.words}"
            told["_server_messages"] = json.dumps([json.dumps({"message": self.words, "indicator": "red"})])
        return told


def invalid(words: str, kind: str = "ValidationError") -> Refusal:
    """Return a refusal of what was sent."""
    return Refusal(417, kind, words)


def missing(doctype: str, name: str) -> Refusal:
    """Return that there is no such document."""
    return Refusal(404, "DoesNotExistError", f"{doctype} <strong>{name}</strong> not found")
