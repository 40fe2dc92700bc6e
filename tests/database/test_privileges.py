from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from soulprint import errors
from soulprint.database import launcher, privileges

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes and owners are of Unix")

root = pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root drops privileges")
STRANGER = privileges.Account(uid=54321, gid=54321)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place that every account can reach, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="privileges-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def shared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for /var/lib/soulprint."""
    monkeypatch.setattr(privileges, "SHARED", folder / "shared")
    return folder / "shared"


@pytest.fixture
def hidden(folder: Path) -> Path:
    """A place that nobody but its owner reaches, as root's own folder."""
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    return hidden


@pytest.fixture
def installation(hidden: Path) -> Path:
    """The programs, installed where only root reaches them."""
    package = launcher._binaries(None).parent.parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            subprocess.run(["cp", "-a", part, hidden / part.name], check=True)
    return hidden / package.name / "pginstall"


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents)}


def test_an_account_reaches_what_all_folders_above_let_it_search(folder: Path, hidden: Path) -> None:
    (folder / "open").mkdir(mode=0o711)
    (hidden / "open").mkdir(mode=0o755)
    assert STRANGER.reaches(folder / "open")
    assert not STRANGER.reaches(hidden)
    assert not STRANGER.reaches(hidden / "open")


@pytest.mark.parametrize(
    ("mode", "owner", "group", "can"),
    [(0o700, True, False, True), (0o070, False, True, True), (0o007, True, True, False), (0o770, False, False, False)],
)
def test_the_most_fitting_part_of_the_mode_decides(
    folder: Path, mode: int, owner: bool, group: bool, can: bool
) -> None:
    file = folder / "file"
    file.touch()
    file.chmod(mode)
    status = file.stat()
    account = privileges.Account(status.st_uid if owner else 54321, status.st_gid if group else 54321)
    assert account.can(5, file) is can


def test_a_plain_user_keeps_its_own_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert privileges.settle(folder) == (folder / "postgres", None)
    assert privileges.run_as(None) == {}
    assert privileges.reachable_binaries(folder / "bin", None) == folder / "bin"


@root
def test_root_drops_to_an_account_without_any_of_its_groups(folder: Path) -> None:
    data, account = privileges.settle(folder)
    assert data == folder / "postgres"
    assert account is not None
    identity = subprocess.run(["id", "-u"], stdout=subprocess.PIPE, check=True, **privileges.run_as(account)).stdout
    groups = subprocess.run(["id", "-G"], stdout=subprocess.PIPE, check=True, **privileges.run_as(account)).stdout
    assert identity != b"0\n"
    assert groups.split() == [str(account.gid).encode()]


@root
def test_a_cluster_stays_where_it_was_made(folder: Path, hidden: Path, shared: Path) -> None:
    elsewhere, _ = privileges.settle(hidden)
    assert elsewhere.parent == shared
    hidden.chmod(0o755)
    assert privileges.settle(hidden)[0] == elsewhere
    (folder / "postgres").mkdir()
    folder.chmod(0o700)
    with pytest.raises(errors.NoPermission):
        privileges.settle(folder)


@root
def test_root_runs_a_cluster_as_its_owner(folder: Path) -> None:
    (folder / "postgres").mkdir()
    os.chown(folder / "postgres", 54321, 54321)
    assert privileges.settle(folder) == (folder / "postgres", STRANGER)


@root
def test_root_without_an_account_is_told_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privileges, "ACCOUNTS", ("no-such-account",))
    with pytest.raises(errors.DatabaseStartFailed, match="no account"):
        privileges.settle(folder)


@root
def test_the_server_runs_though_the_account_reaches_neither_home_nor_programs(
    hidden: Path, shared: Path, installation: Path
) -> None:
    before = modes(hidden)
    home = hidden / "home"
    for _ in range(2):
        with launcher.running(home, installation / "bin") as server, psycopg.connect(server.url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    assert server.data.parent == shared
    assert (home / "postgres.location").read_text() == f"{server.data}\n"
    assert shared in server.binaries.parents
    assert len(list(shared.glob("binaries-*"))) == 1
    assert server.binaries.parent.owner() == "root"
    assert modes(hidden) == before
    assert server.data.stat().st_uid != 0


@root
def test_another_build_gets_a_copy_of_its_own_that_all_can_read(hidden: Path, shared: Path) -> None:
    account = privileges.Account(54321, 54321)
    programs = hidden / "pginstall/bin"
    programs.mkdir(parents=True, mode=0o700)
    (programs / "postgres").write_text("one")
    (programs / "postgres").chmod(0o700)
    first = privileges.reachable_binaries(programs, account)
    assert privileges.reachable_binaries(programs, account) == first
    assert stat.S_IMODE((first / "postgres").stat().st_mode) == 0o755
    (programs / "postgres").write_text("another")
    assert (privileges.reachable_binaries(programs, account) / "postgres").read_text() == "another"
    assert (first / "postgres").read_text() == "one"
    assert len(list(shared.iterdir())) == 2


def test_a_small_file_is_written_whole_for_this_user_alone(folder: Path) -> None:
    file = folder / "file"
    for text in ("one", "two"):
        privileges.write(file, text)
        assert file.read_text() == text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(folder.iterdir()) == [file]


def test_a_folder_takes_its_place_only_when_all_went_well(folder: Path) -> None:
    data = folder / "data"
    (folder / "data.new-of-a-killed-process").mkdir()
    with pytest.raises(FileNotFoundError), privileges.partial(data, None) as (partial, _):
        (partial / "missing").unlink()
    assert list(folder.iterdir()) == []
    with privileges.partial(data, None) as (partial, password):
        (partial / "file").touch()
        assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["data"]
    assert [path.name for path in data.iterdir()] == ["file"]


@root
def test_a_home_that_was_deleted_begins_anew(hidden: Path, shared: Path) -> None:
    home = hidden / "home"
    with launcher.running(home) as first:
        pass
    shutil.rmtree(home)
    with launcher.running(home) as second:
        assert second.data.parent == first.data.parent == shared
        assert second.data != first.data
