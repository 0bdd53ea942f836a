"""Where the private PostgreSQL lives, and as whom it runs."""

import contextlib
import fcntl
import functools
import hashlib
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DATABASE = "webshop"
SUPERUSER = "postgres"
SOCKET_PATH_MAX = 100  # the system's limit is 104 (macOS) or 108 bytes
TEMPORARY = Path("/var/tmp")  # noqa: S108 (folders there are made for one owner and checked)
CURE = "Set DATABASE_URL to a PostgreSQL of your own, or install one (apt-get install postgresql)."


class PostgresUnavailable(RuntimeError):
    """The private PostgreSQL cannot run here; the text says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """Where one VAR_DIR's PostgreSQL lives; everything follows from `home`."""

    home: Path

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.home / "server.log"

    @property
    def socket_dir(self) -> Path:
        """The folder of the socket: the home, unless its name is too long for a socket."""
        if len(f"{self.home}/.s.PGSQL.5432".encode()) <= SOCKET_PATH_MAX:
            return self.home
        return TEMPORARY / f"webshop-{_digest(self.home)}-socket"

    @property
    def url(self) -> str:
        """The DATABASE_URL."""
        return f"postgresql://{SUPERUSER}@{quote(str(self.socket_dir), safe='')}/{DATABASE}"


def cluster_of(var_dir: Path) -> Cluster:
    """Return the cluster of `var_dir`.

    Root must hand it to another user, who cannot enter a closed folder such as /root: then it
    lives in /var/tmp.
    """
    home = var_dir.resolve() / "postgres"
    if is_root() and not open_to_all(home.parent):
        home = TEMPORARY / f"webshop-{_digest(home)}" / "postgres"
    return Cluster(home)


def is_root() -> bool:
    """Say whether this process is root's."""
    return os.geteuid() == 0


@functools.cache
def owner() -> pwd.struct_passwd | None:
    """Return the unprivileged user that runs the server for root; None when we are not root."""
    if not is_root():
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresUnavailable(f"PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody'. {CURE}")


def open_to_all(path: Path) -> bool:
    """Say whether every user may enter `path` and the folders above it."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def make_private(folder: Path, owner: pwd.struct_passwd | None) -> None:
    """Make a folder for `owner` (None: for us); in /var/tmp nobody may have prepared it for us."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    ours = {os.geteuid(), owner.pw_uid if owner else os.geteuid()}
    if TEMPORARY in folder.parents and (folder.is_symlink() or folder.stat().st_uid not in ours):
        raise PostgresUnavailable(f"{folder} belongs to somebody else. Remove it, or set VAR_DIR to another folder.")
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; whoever wants it meanwhile waits."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]
