"""What happens beside a request, or to its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from tests.erp_stubs.transport import Application


class Told:
    """An application whose answers are changed before they are told."""

    def __init__(self, application: Application, change: Callable[[Any], None]) -> None:
        self._application, self._change = application, change

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        answer = self._application(request)
        told = answer.json()
        self._change(told)
        return httpx2.Response(answer.status_code, headers={"Date": answer.headers["Date"]}, json=told)


class Meanwhile:
    """An application before whose first request of a kind something else happens."""

    def __init__(
        self, application: Application, when: Callable[[httpx2.Request], bool], act: Callable[[], object]
    ) -> None:
        self._application, self._when, self._act = application, when, act
        self.acted = False

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        if not self.acted and self._when(request):
            self.acted = True
            self._act()
        return self._application(request)
