"""The command: python -m config.postgres start | stop | url | status."""

import sys
from pathlib import Path

from config import env
from config.postgres import PostgresUnavailable, ensure_running, status, stop, url


def main(arguments: list[str]) -> int:
    """Run one command of the module's text; return the exit code."""
    var_dir = env.folder("VAR_DIR", Path(__file__).resolve().parent.parent.parent / "var")
    command = arguments[0] if len(arguments) == 1 else ""
    try:
        if command == "start":
            ensure_running(var_dir)
        if command == "stop":
            stop(var_dir)
    except PostgresUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    if command not in {"start", "stop", "url", "status"}:
        print("usage: python -m config.postgres start | stop | url | status", file=sys.stderr)
        return 2
    print(url(var_dir) if command == "url" else status(var_dir))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
