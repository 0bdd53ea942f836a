"""The secret key of a copy that nobody configured."""

import contextlib
import secrets
import tempfile
from pathlib import Path


def kept_key(var_dir: Path) -> str:
    """Return the secret key kept in `var_dir`, made on first use and readable by its owner only.

    Production never comes here: it needs SECRET_KEY.
    """
    path = var_dir / "secret_key"
    if not path.exists():
        # Written whole, then named: of two that start together one wins, both read the same.
        with tempfile.NamedTemporaryFile("w", dir=var_dir, encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(file.name)
    return path.read_text(encoding="ascii")
