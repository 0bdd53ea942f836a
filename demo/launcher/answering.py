"""Whether a server of the demo answers."""

import http.client
import json

from demo.launcher.places import HOST


def shop_answers(port: int) -> bool:
    """Whether the shop's web server is alive."""
    return _answers(port, "GET", "/healthz")


def erp_answers(port: int) -> bool:
    """Whether the ERP's server tells its version."""
    body = json.dumps({"id": 1, "method": "common.server.version", "params": []})
    return _answers(port, "POST", "/rpc/", body, {"Content-Type": "application/json", "Accept-Encoding": "gzip"})


def _answers(port: int, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=3)
    try:
        connection.request(method, path, body, headers or {})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
