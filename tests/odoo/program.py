"""Odoo itself: the Debian package, unpacked and not installed, and its Python packages, kept in the cache folder."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK_FILE = HERE / "requirements.lock"
PACKAGE = "odoo-19"
# The only release of Debian that has it; nothing of that release is installed.
SUITE = "sid"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
FETCH_S, UNPACK_S, INSTALL_S = 240, 240, 400
LAST_LINES = 25
# Line of the file `version` that says that only some modules are there.
PRUNED = "pruned"


class OdooUnavailable(Exception):
    """There is no Odoo to be had here; the text says which step failed, its last words, and what to do."""


def cache_folder() -> Path:
    """Return where programs and prepared databases are kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "b2b-webshop" / PACKAGE


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep others from preparing the same folder at the same time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    """Tell a person what is going on: the first time takes minutes."""
    print(f"odoo: {text}", file=sys.stderr, flush=True)


def run(
    step: str,
    command: Sequence[str | Path],
    *,
    seconds: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    said: str = "",
) -> str:
    """Run a step to its end and return what it printed.

    Raises:
        OdooUnavailable: it failed or took too long; the text holds the end of its output.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            check=False,
            cwd=cwd,
            env=dict(env) if env else None,
            input=said,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OdooUnavailable(f"No Odoo: the step '{step}' failed: {error}") from error
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-LAST_LINES:])
        raise OdooUnavailable(
            f"No Odoo: the step '{step}' failed (exit code {done.returncode}). Its last words:\n{last}"
        )
    return done.stdout


class Program:
    """Odoo's code and the Python environment that runs it."""

    def __init__(self, cache: Path, modules: Sequence[str]) -> None:
        """`modules` are those that will be installed; the code is got anew when they change."""
        self.cache = cache
        self.modules = ",".join(modules)
        self.code = cache / "code"
        self.venv = cache / "venv"

    @property
    def python(self) -> Path:
        """The Python that runs it."""
        return self.venv / "bin" / "python"

    @property
    def packages(self) -> Path:
        """The folder that Python finds Odoo in."""
        return self.code / "usr" / "lib" / "python3" / "dist-packages"

    @property
    def version(self) -> str:
        """The version of the Debian package."""
        return self._stamp()[0]

    def _stamp(self) -> list[str]:
        """Return the version and the modules of the code that is there."""
        file = self.cache / "version"
        return file.read_text(encoding="ascii").splitlines() if file.exists() else ["", ""]

    def ensure(self) -> None:
        """Get whatever is missing.

        Raises:
            OdooUnavailable: it cannot be had.
        """
        self._printer()
        # One waits for the network mostly, the other for the processor.
        with held(self.cache), ThreadPoolExecutor() as pool:
            for part in [pool.submit(self._ensure_code), pool.submit(self._ensure_packages)]:
                part.result()

    def _ensure_code(self) -> None:
        if self._stamp()[1:2] != [self.modules]:
            self._unpack()

    def _ensure_packages(self) -> None:
        digest = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()
        stamp = self.venv / ".installed"
        if not stamp.exists() or stamp.read_text(encoding="ascii") != digest:
            self._install()
            stamp.write_text(digest, encoding="ascii")

    def make_whole(self) -> None:
        """Get back what `prune` took away: a database can be made with the whole package only.

        Raises:
            OdooUnavailable: it cannot be had.
        """
        if PRUNED in self._stamp():
            self._unpack()

    def prune(self, modules: Sequence[str]) -> None:
        """Keep only the modules that the database has, and of their texts the Spanish: a quarter of the package."""
        (self.cache / "version").write_text(f"{self.version}\n{self.modules}\n{PRUNED}\n", encoding="ascii")
        addons = self.packages / "odoo" / "addons"
        for folder in addons.iterdir():
            if folder.is_dir() and not folder.is_symlink() and folder.name not in modules and folder.name != "base":
                shutil.rmtree(folder)
        for texts in addons.glob("*/i18n/*.po"):
            if not texts.stem.startswith("es"):
                texts.unlink()

    def _unpack(self) -> None:
        with tempfile.TemporaryDirectory(dir=self.cache) as name:
            folder = Path(name)
            given = os.environ.get("ODOO_DEB", "")
            archive = Path(given) if given else _downloaded(folder)
            say(f"unpacking {archive.name}")
            run("unpack", ["dpkg-deb", "-x", archive, folder / "code"], seconds=UNPACK_S)
            version = run("version", ["dpkg-deb", "-f", archive, "Version"], seconds=30)
            shutil.rmtree(self.code, ignore_errors=True)
            (folder / "code").rename(self.code)
        (self.cache / "version").write_text(f"{version.strip()}\n{self.modules}\n", encoding="ascii")

    def _install(self) -> None:
        say("installing its Python packages (about a minute)")
        shutil.rmtree(self.venv, ignore_errors=True)
        run("environment", [sys.executable, "-m", "venv", self.venv], seconds=INSTALL_S)
        quietly = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        run("packages", [self.python, *quietly, "--requirement", LOCK_FILE], seconds=INSTALL_S)

    def _printer(self) -> None:
        """Look for what prints PDFs; `make test-odoo` installs it where it may."""
        if shutil.which("wkhtmltopdf") is None:
            raise OdooUnavailable("No PDF from Odoo: wkhtmltopdf is missing. Debian: apt-get install wkhtmltopdf")


def _downloaded(folder: Path) -> Path:
    """Download the package alone, from the Debian mirror that this machine uses, by an apt of its own."""
    say(f"downloading {PACKAGE} (120 MB)")
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise OdooUnavailable(f"No Odoo: this is no Debian. Give the file of the package {PACKAGE} in ODOO_DEB.")
    for name in ("lists/partial", "cache/archives/partial", "parts"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    (folder / "sources.list").write_text(f"deb {signed}{_mirror()} {SUITE} main\n", encoding="utf-8")
    (folder / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{folder}/sources.list";\nDir::Etc::sourceparts "{folder}/parts";\n'
        f'Dir::State::lists "{folder}/lists";\nDir::State::status "{folder}/status";\n'
        f'Dir::Cache "{folder}/cache";\nAPT::Sandbox::User "root";\nAcquire::Languages "none";\n',
        encoding="utf-8",
    )
    env = {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}
    run("package list", ["apt-get", "update", "-qq"], seconds=FETCH_S, env=env)
    run("download", ["apt-get", "download", "-qq", PACKAGE], seconds=FETCH_S, env=env, cwd=folder)
    return next(folder.glob("*.deb"))


def _mirror() -> str:
    told = run("mirror", ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"], seconds=30)
    mirrors = [line for line in told.splitlines() if line.rstrip("/").endswith("/debian")]
    if not mirrors:
        raise OdooUnavailable(f"No Odoo: this machine knows no mirror of Debian. Give {PACKAGE}'s file in ODOO_DEB.")
    return mirrors[0]
