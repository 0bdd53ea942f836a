"""Making, starting and stopping the private PostgreSQL."""

import contextlib
import fcntl
import locale
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from config.postgres.places import (
    CURE,
    DATABASE,
    SUPERUSER,
    Cluster,
    PostgresUnavailable,
    cluster_of,
    locked,
    make_private,
    owner,
)
from config.postgres.programs import START_TIMEOUT_S, find_programs, run

CRASH_ATTEMPTS = 5
CRASH_PAUSE_S = 0.5
UNUSED_PID = 2**30  # no system counts so far


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
    make_private(cluster.home.parent, None)
    with locked(cluster.home.parent / "postgres.lock"):
        if answers(cluster):
            return
        programs = find_programs(cluster)
        make_private(cluster.home, owner())
        make_private(cluster.socket_dir, owner())
        if not cluster.data.exists():
            _initialise(cluster, programs)
        _disown_pid_file(cluster)
        _start(cluster, programs, durable=durable)
        _create_database(cluster)


def stop(var_dir: Path) -> bool:
    """Stop the cluster of `var_dir`; return False when it did not run."""
    cluster = cluster_of(var_dir)
    if _server_pid(cluster) is None:
        return False
    with locked(cluster.home.parent / "postgres.lock"):
        pg_ctl = find_programs(cluster) / "pg_ctl"
        run(cluster, pg_ctl, "stop", "-D", cluster.data, "-m", "fast", "-w")
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


def _initialise(cluster: Cluster, programs: Path) -> None:
    """Make the data directory; it is named when complete, so an interrupted run does no harm."""
    fresh = cluster.data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    identity = ("-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", f"--locale={_utf8_locale()}")
    run(cluster, programs / "initdb", "-D", fresh, *identity, "--no-sync", "--no-instructions")
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
    start = (programs / "pg_ctl", "start", *place, "-w", "-t", str(START_TIMEOUT_S))
    if (cluster.data / "postmaster.pid").exists():
        # It was killed: its last processes need a moment to notice, and hold the data until then.
        for _attempt in range(CRASH_ATTEMPTS - 1):
            with contextlib.suppress(PostgresUnavailable):
                return run(cluster, *start)
            time.sleep(CRASH_PAUSE_S)
    return run(cluster, *start)


def _create_database(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url.removesuffix(DATABASE) + "postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _disown_pid_file(cluster: Cluster) -> None:
    """Take a number that belongs to another process by now out of a killed server's pid file.

    PostgreSQL would refuse to start. The rest of the file stays: by it PostgreSQL sees whether
    processes of the killed server still hold the data.
    """
    pid_file = cluster.data / "postmaster.pid"
    if pid_file.exists() and _server_pid(cluster) is None:
        _number, rest = pid_file.read_text(encoding="ascii").split("\n", 1)
        pid_file.write_text(f"{UNUSED_PID}\n{rest}", encoding="ascii")


def _server_pid(cluster: Cluster) -> int | None:
    try:
        pid = int((cluster.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if str(cluster.data) in _command_of(pid) else None


def _command_of(pid: int) -> str:
    """Return the command line of a process, empty when there is none."""
    with contextlib.suppress(OSError):
        if platform.system() == "Linux":
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        listed = subprocess.run(  # noqa: S603
            ["/bin/ps", "-o", "command=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return listed.stdout
    return ""


def _utf8_locale() -> str:
    """Return a UTF-8 locale of this machine that lower-cases every letter (accents, ñ)."""
    before = locale.setlocale(locale.LC_CTYPE)
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, name)
            locale.setlocale(locale.LC_CTYPE, before)
            return name
    raise PostgresUnavailable(f"This machine has no UTF-8 locale (tried C.UTF-8 and en_US.UTF-8). {CURE}")
