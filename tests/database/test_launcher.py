from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
import sqlalchemy

from soulprint import errors
from soulprint.database import launcher, privileges
from soulprint.database.engine import driver_url

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills and drops privileges as Unix does")

USER = """
import sys
from pathlib import Path
from soulprint.database import launcher

with launcher.running(Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A place that every account can reach, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="launcher-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def template(folder: Path) -> Path:
    """A home with a cluster that is stopped."""
    home = folder / "template"
    with launcher.running(home):
        pass
    return home


@pytest.fixture
def home(template: Path) -> Iterator[Path]:
    """The same home, stopped again after the test."""
    yield template
    launcher.stop(template)
    assert servers(template) == []


@pytest.fixture
def new(folder: Path) -> Iterator[Path]:
    """A home that nobody used yet."""
    home = folder / "new"
    yield home
    clear(home)


def copy(template: Path, home: Path) -> None:
    subprocess.run(["cp", "-a", template, home], check=True)


def clear(home: Path) -> None:
    launcher.stop(home)
    assert servers(home) == []
    shutil.rmtree(home)


def servers(home: Path) -> list[psutil.Process]:
    """The live postgres processes of a home, the postmaster first."""
    return sorted(
        (process for process in psutil.process_iter() if folder_of(process) == str((home / "postgres").resolve())),
        key=lambda process: int(process.pid),
    )


def folder_of(process: psutil.Process) -> str:
    try:
        return str(process.cwd()) if process.name() == "postgres" else ""
    except psutil.Error:
        return ""


def add_row(server: launcher.Server) -> int:
    """Commits one more row; how many there are now."""
    with psycopg.connect(server.url) as connection:
        connection.execute("create table if not exists kept (n int)")
        connection.execute("insert into kept values (1)")
        return connection.execute("select from kept").rowcount


def spawn(home: Path, code: str = USER) -> subprocess.Popen[str]:
    """A process that uses the home's server until its standard input ends, in a process group of its own."""
    command, pipe = [sys.executable, "-c", code, str(home)], subprocess.PIPE
    return subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, start_new_session=True, cwd="/", preexec_fn=hear_ctrl_c
    )


def hear_ctrl_c() -> None:
    """What is started in the background of a script inherits that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def user(home: Path, code: str = USER) -> Iterator[subprocess.Popen[str]]:
    with spawn(home, code) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgresql://")
        try:
            yield process
        finally:
            process.kill()


def account_of(home: Path) -> dict[str, Any]:
    owner = (home / "postgres").stat()
    return {"user": owner.st_uid, "group": owner.st_gid}


def test_a_new_home_gets_a_private_server_for_the_applications_role(new: Path) -> None:
    with launcher.running(new) as server, psycopg.connect(server.url) as connection:
        role = "select rolname, rolsuper, rolcreaterole from pg_roles where rolname = current_user"
        assert connection.execute(role).fetchone() == ("soulprint", False, False)
        database = "select pg_get_userbyid(datdba), datlocprovider::text, datlocale from pg_database where datname = %s"
        assert connection.execute(database, ["soulprint"]).fetchone() == ("soulprint", "b", "C.UTF-8")
        settings: dict[str, str] = dict(connection.execute("select name, setting from pg_settings").fetchall())
        assert settings["server_encoding"] == "UTF8"
        assert settings["data_checksums"] == "on"
        assert settings["TimeZone"] == "UTC"
        assert settings["listen_addresses"] == ""
        extensions = {name for (name,) in connection.execute("select extname from pg_extension")}
        assert {"vector", "pg_trgm", "unaccent"} <= extensions
    for secret in (new / "postgres.passwords", server.log):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700


def test_a_missing_extension_is_noted_and_stops_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(launcher, "EXTENSIONS", ("no_such_thing", *launcher.EXTENSIONS))
    with launcher.running(home) as server:
        assert add_row(server)
    assert "no extension no_such_thing" in caplog.text


def test_a_wrong_password_is_refused_on_the_socket(home: Path) -> None:
    with launcher.running(home) as server, pytest.raises(psycopg.OperationalError, match="password authentication"):
        psycopg.connect(server.url.replace("soulprint:", "soulprint:x"))


def test_sqlalchemy_takes_the_address(home: Path) -> None:
    with launcher.running(home) as server:
        engine = sqlalchemy.create_engine(driver_url(server.url))
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("select 1")) == 1
        engine.dispose()


def test_what_was_committed_outlives_the_server(home: Path) -> None:
    with launcher.running(home) as server:
        count = add_row(server)
    assert servers(home) == []
    with launcher.running(home) as server:
        assert add_row(server) == count + 1


def test_starting_twice_in_one_process_is_one_use(home: Path) -> None:
    assert launcher.start(home) == launcher.start(home)
    assert launcher.stop(home)
    assert not launcher.stop(home)


def test_a_running_server_is_adopted_and_stops_with_its_last_user(home: Path) -> None:
    with user(home) as other:
        (before, *_) = servers(home)
        launcher.start(home)
        assert not launcher.stop(home)
        assert other.communicate("")[0] == ""
        assert not before.is_running()


def test_a_second_user_keeps_the_server_up(home: Path) -> None:
    with user(home) as other:
        server = launcher.start(home)
        other.communicate("")
        assert add_row(server)
        assert launcher.stop(home)


def test_the_server_of_a_killed_process_is_adopted_and_can_be_stopped(home: Path) -> None:
    with user(home) as owner:
        owner.kill()
        owner.wait()
        (orphan, *_) = servers(home)
        launcher.start(home)
        assert orphan.is_running()
        assert launcher.stop(home)
        assert servers(home) == []


@pytest.mark.parametrize("ours", [True, False], ids=["of this process", "of another process"])
def test_a_killed_server_is_reopened_at_once_with_all_that_was_committed(home: Path, ours: bool) -> None:
    with user(home) if not ours else launcher.running(home):
        count = add_row(launcher.start(home))
        servers(home)[0].kill()
        assert add_row(launcher.start(home)) == count + 1


def test_a_server_that_shuts_down_is_waited_for(home: Path) -> None:
    count = add_row(launcher.start(home))
    servers(home)[0].send_signal(signal.SIGINT)
    assert add_row(launcher.start(home)) == count + 1


@pytest.mark.parametrize("program", ["sleep", "postgres"])
def test_a_stale_pid_that_names_an_innocent_process_harms_nobody(
    home: Path, template: Path, folder: Path, program: str
) -> None:
    """After a power cut the pid in the file can be anybody's: here of a process that belongs to the same account."""
    innocent, elsewhere = None, folder / "elsewhere"
    if program == "sleep":
        innocent = subprocess.Popen(["sleep", "60"], **account_of(home))
        pid = innocent.pid
    else:
        copy(template, elsewhere)
        launcher.start(elsewhere)
        pid = servers(elsewhere)[0].pid
    try:
        data = home / "postgres"
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (data / name).write_text(f"{pid}\n{data}\n0\n5432\n{data}\n\n")
        with launcher.running(home) as server:
            assert add_row(server)
            assert servers(home)[0].pid != pid
        assert psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    finally:
        if innocent:
            innocent.kill()
            innocent.wait()
        else:
            clear(elsewhere)


def test_a_copy_of_a_running_home_is_not_taken_for_it(home: Path, folder: Path) -> None:
    copied = folder / "copied"
    with launcher.running(home) as server:
        count = add_row(server)
        copy(home, copied)
        with launcher.running(copied) as other:
            assert other.data == copied / "postgres"
            add_row(other)
        assert add_row(server) == count + 1
    clear(copied)


def test_a_pid_file_that_does_not_fit_the_server_stops_nobody(home: Path) -> None:
    launcher.start(home)
    file = home / "postgres/postmaster.pid"
    lines = file.read_text().splitlines(keepends=True)
    with subprocess.Popen(["sleep", "60"], **account_of(home)) as innocent:
        file.write_text("".join([f"{innocent.pid}\n", *lines[1:]]))
        assert not launcher.stop(home)
        assert innocent.poll() is None
        innocent.kill()
    file.write_text("".join(lines))
    assert launcher.stop(home)


def test_six_processes_at_once_share_one_server_that_ends_with_the_last(new: Path) -> None:
    processes = [spawn(new) for _ in range(6)]
    urls = {process.stdout.readline() for process in processes if process.stdout}
    assert len(urls) == 1
    assert len([server for server in servers(new) if server.ppid() not in {s.pid for s in servers(new)}]) == 1
    for process in processes:
        if process.stdin:
            process.stdin.close()
    for process in processes:
        with process:
            assert process.wait() == 0
    assert servers(new) == []


def test_ctrl_c_ends_the_program_and_then_the_server(home: Path) -> None:
    with user(home) as process:
        (server, *_) = servers(home)
        assert os.getpgid(server.pid) != os.getpgid(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
        assert servers(home) == []
    assert "received fast shutdown request" in (home / "postgres.log").read_text()


def test_ctrl_c_does_not_reach_a_server_that_others_use(home: Path) -> None:
    with user(home) as process:
        server = launcher.start(home)
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
        assert add_row(server)


def test_ctrl_c_during_the_start_leaves_no_server(home: Path) -> None:
    with spawn(home) as process:
        while not (home / "postgres/postmaster.pid").exists():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
    psutil.wait_procs(servers(home), timeout=10)
    assert servers(home) == []


def test_a_kill_while_the_cluster_is_made_leaves_nothing_half_made(new: Path) -> None:
    with spawn(new) as process:
        while not list(new.glob("postgres.new-*/data/base")):
            assert process.poll() is None
        process.kill()
    assert not (new / "postgres").exists()
    with launcher.running(new) as server:
        assert add_row(server)
    assert not [path for path in new.iterdir() if ".new-" in path.name]


@pytest.mark.parametrize(
    "name",
    [
        "with spaces and ünïcode",
        'it\'s "quoted" $HOME `id`',
        "a,b",
        "100 %41 %s",
        "long/" + "x" * 120,
        "not utf-8 \udcff",
    ],
    ids=["spaces", "quotes", "comma", "percent", "long", "not utf-8"],
)
def test_any_path_will_do(folder: Path, template: Path, name: str) -> None:
    home = folder / name
    home.parent.mkdir(mode=0o711, exist_ok=True)
    template.rename(home)
    with launcher.running(home) as server:
        host = psycopg.conninfo.conninfo_to_dict(server.url)["host"]
        assert isinstance(host, str)
        assert stat.S_IMODE(Path(host).stat().st_mode) == 0o700
        with launcher.running(home) as again:
            assert add_row(again)
    home.rename(template)
    assert not Path(host).exists()


def test_without_programs_the_error_says_what_to_set(new: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.DatabaseMissing, match="SOULPRINT_DATABASE_URL"):
        launcher.start(new, tmp_path)


def test_a_cluster_of_another_major_version_is_left_alone_with_advice(home: Path) -> None:
    (home / "postgres/PG_VERSION").write_text("17\n")
    with pytest.raises(errors.DatabaseStartFailed, match=r"files are of Postgres 17.*dump"):
        launcher.start(home)
    (home / "postgres/PG_VERSION").write_text("18\n")
    with launcher.running(home) as server:
        assert add_row(server)


def test_lost_passwords_are_named(home: Path) -> None:
    file = home / "postgres.passwords"
    kept = file.rename(home / "kept")
    with pytest.raises(errors.DatabaseStartFailed, match=r"postgres\.passwords"):
        launcher.start(home)
    kept.rename(file)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.DatabaseStartFailed, match="File exists"):
        launcher.start(tmp_path / "file")


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    place = folder / "disk"
    place.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", place], capture_output=True).returncode:
        pytest.skip("a small disk can't be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(disk: Path) -> None:
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_a_full_disk_is_named_when_the_cluster_is_made(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(40 << 20))
    with pytest.raises(errors.NoSpace, match=str(small_disk)):
        launcher.start(small_disk / "home")
    (small_disk / "filler").unlink()
    with launcher.running(small_disk / "home") as server:
        assert add_row(server)


def test_a_full_disk_is_named_when_the_server_starts(small_disk: Path, template: Path) -> None:
    copy(template, small_disk / "home")
    fill(small_disk)
    with pytest.raises(errors.NoSpace, match=str(small_disk)):
        launcher.start(small_disk / "home")


def test_what_people_imported_never_reaches_the_log(home: Path) -> None:
    secret = "my-private-words"

    def attempt(query: str, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        with pytest.raises(psycopg.Error):
            connection.execute(query, [secret])

    server = launcher.start(home)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("create table if not exists texts (text text unique)")
        connection.execute("insert into texts values (%s)", [secret])
        for query in (
            "insert into texts values (%s)",
            "select %s::int",
            "nonsense %s",
            "do $$ begin raise '%%', 'my-private-words'; end $$ -- %s",
        ):
            attempt(query, connection)
    with spawn(home, QUERY) as process:
        assert process.stdout is not None
        psutil.Process(int(process.stdout.readline())).kill()
        process.wait()
    assert add_row(launcher.start(home))
    launcher.stop(home)
    log = server.log.read_text()
    assert "was terminated by signal 9" in log
    assert secret not in log


QUERY = """
import sys
from pathlib import Path
import psycopg
from soulprint.database import launcher

with psycopg.connect(launcher.start(Path(sys.argv[1])).url) as connection:
    print(connection.info.backend_pid, flush=True)
    try:
        connection.execute("select 'my-private-words', pg_sleep(60)")
    except psycopg.OperationalError:
        pass
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads the environment of a process")
def test_no_key_reaches_the_servers_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "key")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    launcher.start(home)
    names = {line.partition("=")[0] for line in Path(f"/proc/{servers(home)[0].pid}/environ").read_text().split("\0")}
    assert not names & {"SOME_API_KEY", "PGDATA", "PGPORT"}
    assert launcher.stop(home)


AS_NOBODY = """
import os, pwd, sys
from pathlib import Path
from soulprint import errors
from soulprint.database import launcher

nobody = pwd.getpwnam("nobody")
os.setgroups([])
os.setgid(nobody.pw_gid)
os.setuid(nobody.pw_uid)
for home in sys.argv[1:]:
    try:
        with launcher.running(Path(home)) as server:
            print(server.data.owner())
    except errors.SoulprintError as error:
        print(type(error).__name__)
"""


@pytest.fixture
def as_nobody() -> Callable[..., list[str]]:
    """Runs the servers of homes, one after the other, in a process that gave up root for good: owners or errors."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    nobody = pwd.getpwnam("nobody")
    if not privileges.Account(nobody.pw_uid, nobody.pw_gid).reaches(launcher._binaries(None)):
        pytest.skip("the programs lie where only root can reach them")

    def run(*homes: Path) -> list[str]:
        command = [sys.executable, "-c", AS_NOBODY, *map(str, homes)]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd="/").stdout.splitlines()

    return run


def test_a_plain_user_runs_it_as_itself_and_root_after_it_as_that_user(
    folder: Path, as_nobody: Callable[..., list[str]]
) -> None:
    home = folder / "nobodys"
    home.mkdir()
    shutil.chown(home, "nobody")
    assert as_nobody(home) == ["nobody"]
    with launcher.running(home) as server:
        assert servers(home)[0].username() == "nobody"
        assert server.data == home / "postgres"
    assert as_nobody(home) == ["nobody"]
    shutil.rmtree(home)


def test_a_home_without_permission_is_named(home: Path, folder: Path, as_nobody: Callable[..., list[str]]) -> None:
    (folder / "roots").mkdir(mode=0o700, exist_ok=True)
    homes = (home, folder / "roots", folder / "roots/home", folder / "missing")
    assert as_nobody(*homes) == ["NoPermission"] * 4
    with launcher.running(home) as server:
        assert add_row(server)


def test_root_in_a_container_tells_its_servers_apart(home: Path, template: Path, folder: Path) -> None:
    """Without the right to look into other processes, as containers have it, and with another server of the account."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root can give up a right of root")
    elsewhere = folder / "elsewhere"
    copy(template, elsewhere)
    launcher.start(home)
    blind = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace", sys.executable, "-c", REOPEN]
    subprocess.run([*blind, str(elsewhere)], check=True, timeout=60)
    assert servers(home)[0].is_running()
    clear(elsewhere)


REOPEN = """
import sys
from pathlib import Path
import psutil
from soulprint.database import launcher

home = Path(sys.argv[1])
server = launcher.start(home)
postmaster = psutil.Process(int((server.data / "postmaster.pid").read_text().split()[0]))
try:
    sys.exit(f"sees {postmaster.cwd()}")
except psutil.AccessDenied:
    postmaster.kill()
with launcher.running(home):
    pass
"""


def test_the_server_never_listens_on_the_network(home: Path) -> None:
    with launcher.running(home):
        assert servers(home)[0].net_connections("inet") == []
