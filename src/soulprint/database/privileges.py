"""Whose files are whose: folders and files that come to be whole or not at all, for this user alone. When root starts
Postgres, which refuses to run as root: an account to drop to, and places that the account can reach."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soulprint import errors

ACCOUNTS = ("postgres", "nobody")
SHARED = Path("/var/lib/soulprint")
"""Where root keeps what the account can't reach in its own place."""

POINTER = "postgres.location"
LEFTOVER = 10.0
"""Seconds to wait for a folder that somebody may still write to."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system account that runs Postgres."""

    uid: int
    gid: int

    def can(self, wanted: int, path: Path) -> bool:
        """Whether the mode of this one path allows `wanted` (4 read, 1 search or execute)."""
        status = path.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return (status.st_mode >> shift) & wanted == wanted

    def reaches(self, folder: Path) -> bool:
        """Whether it may pass through this folder and all above it."""
        return all(self.can(1, path) for path in (folder, *folder.parents))


def make_home(home: Path) -> Path:
    """The home's true path, made if it is missing: for this user alone, or by root so that others may pass through."""
    home = home.expanduser().resolve()
    home.mkdir(mode=0o711 if _root() else 0o700, parents=True, exist_ok=True)
    return home


def settle(home: Path) -> tuple[Path, Account | None]:
    """The folder of the home's cluster, made or not, and the account that must run it (`None`: the present user).

    A cluster that was made once stays where it is and with its owner. Raises `errors.NoPermission` when that account
    can no longer reach it, `errors.DatabaseStartFailed` when root finds no account to drop to.
    """
    home_cluster, pointer = home / "postgres", home / POINTER
    made = home_cluster if home_cluster.exists() else Path(pointer.read_text().strip()) if pointer.exists() else None
    if not _root():
        return made or home_cluster, None
    account = _account(made, home)
    if made is None and not account.reaches(home):
        made = SHARED / secrets.token_hex(8)  # never the cluster of a home that was deleted
    if made is not None and made.parent.exists() and not account.reaches(made.parent):
        raise errors.NoPermission(path=made)
    if made is not None and made != home_cluster and not pointer.exists():
        write(pointer, f"{made}\n")
    return made or home_cluster, account


def _root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _account(cluster: Path | None, home: Path) -> Account:
    import pwd  # Windows has none

    if cluster is not None and cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ACCOUNTS:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise errors.DatabaseStartFailed(reason="root has no account named postgres or nobody to run it", folder=home)


def run_as(account: Account | None) -> dict[str, Any]:
    """Arguments for `subprocess` that drop to the account and shed every group of root."""
    return {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}


def give(path: Path, account: Account | None) -> None:
    """Make the account the owner of a path that was just made."""
    if account is not None:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def reachable_binaries(binaries: Path, account: Account | None) -> Path:
    """The folder of programs itself, or a copy that the account can run. The copy is made once for each build."""
    parts = _parts(binaries)
    if account is None or all(account.reaches(part) and account.can(4, part) for part in parts):
        return binaries
    packages = binaries.parent.parent.parent
    copy = SHARED / f"binaries-{_fingerprint(parts)}"
    if not copy.exists():
        _publish(parts, packages, copy)
    return copy / binaries.relative_to(packages)


def _parts(binaries: Path) -> list[Path]:
    """What the programs need beside them, the libraries that came in a wheel included."""
    installation = binaries.parent
    package = installation.parent
    libraries = (installation / "lib", package.with_name(f"{package.name}.libs"), package / ".dylibs")
    return [folder for folder in (binaries, installation / "share", *libraries) if folder.exists()]


def _fingerprint(parts: list[Path]) -> str:
    files = sorted(file for part in parts for file in part.rglob("*") if file.is_file())
    names = "\n".join(f"{file.name} {file.stat().st_size}" for file in files)
    return hashlib.sha256(names.encode()).hexdigest()[:16]


def _publish(parts: list[Path], packages: Path, copy: Path) -> None:
    """Copy under another name, open to all for reading, then rename: nobody ever sees half of it."""
    SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f"{copy.name}.new-", dir=SHARED))
    try:
        for part in parts:
            shutil.copytree(part, beside / part.relative_to(packages))
        for path in (beside, *beside.rglob("*")):
            program = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if program else 0o644)
        beside.rename(copy)
    except OSError:
        if not copy.exists():  # else another process was faster
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def partial(data: Path, account: Account | None) -> Iterator[tuple[Path, Path]]:
    """An empty folder beside `data`, and a file for the password, both the account's own. At the end of the block the
    folder takes its place; after an error, or a kill, nothing counts."""
    data.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    for leftover in data.parent.glob(f"{data.name}.new-*"):
        _clear(leftover)
    beside = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
    try:
        beside.chmod(0o711)
        folder, password = beside / "data", beside / "password"
        folder.mkdir(mode=0o700)
        password.touch(mode=0o600)
        give(folder, account)
        give(password, account)
        yield folder, password
        folder.rename(data)
        _sync(data.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _clear(leftover: Path) -> None:
    """Remove what a killed process left half made; its own initdb may outlive it and write there for a moment more."""
    deadline = time.monotonic() + LEFTOVER
    while leftover.exists() and time.monotonic() < deadline:
        shutil.rmtree(leftover, ignore_errors=True)
        time.sleep(0.02)


def write(path: Path, text: str) -> None:
    """Write a small file for this user alone, whole or not at all, and on the disk when this returns."""
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.new-", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    Path(name).replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
