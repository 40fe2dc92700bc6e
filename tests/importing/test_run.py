from __future__ import annotations

import asyncio
import json
import random
import sys
import uuid
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from soulprint import errors, importing
from soulprint.database import Database
from soulprint.importing.engine import batches
from soulprint.records import Claim, Import, UserProfile
from soulprint.settings import Settings
from tests.importing import exports, oracle
from tests.importing.stored import one, rows

pytestmark = pytest.mark.anyio

Importer = Callable[..., Awaitable[importing.Report]]
CONVERSATIONS = [
    exports.chatgpt_conversation(
        "One", [("user", "Hello ☕"), ("assistant", "Hi"), ("user", "two\nlines")], time=1.7e9
    ),
    exports.chatgpt_conversation("Two", [("user", "  spaces ")], time=1.71e9),
    exports.chatgpt_conversation("Three", [("user", "слово"), ("assistant", "да")], time=1.72e9),
]


@pytest.fixture
def bring(database: Database, account: uuid.UUID, settings: Settings) -> Importer:
    """Import paths from beginning to end, and check that the count adds up."""

    async def bring(*paths: Path) -> importing.Report:
        async with importing.begun(database, account, "what they call it") as import_id:
            report = await importing.run(database, account, import_id, paths, settings)
        done = report.imported + report.updated + report.unchanged + report.repeated + report.empty
        assert report.seen == done + sum(report.skipped.values()) + sum(report.failed.values())
        return report

    return bring


async def test_the_report_agrees_with_a_naive_count(bring: Importer, tmp_path: Path) -> None:
    report = await bring(exports.written(tmp_path / "conversations.json", CONVERSATIONS))
    figures = oracle.figures(CONVERSATIONS)
    assert (report.seen, report.imported, report.conversations) == (3, 3, figures.conversations)
    assert report.messages == {"user": figures.user, "assistant": figures.assistant}
    assert report.user_characters == figures.user_characters
    assert report.first_message_at == datetime.fromtimestamp(1.7e9, UTC)
    assert report.last_message_at == datetime.fromtimestamp(1.72e9 + 1, UTC)
    plain = report.as_json()
    assert plain["first_message_at"] == "2023-11-14T22:13:20Z"
    assert {*plain} >= {"import_id", "seen", "skipped", "failed", "empty", "updated", "unchanged", "seconds"}


def packings(folder: Path) -> dict[str, Path]:
    """The same conversations in every packing."""
    line = exports.as_written(CONVERSATIONS)
    shards = {f"conversations-{number:03}.json": [each] for number, each in enumerate(CONVERSATIONS)}
    for name, shard in shards.items():
        exports.written(folder / "folder" / "deep" / name, shard)
    archive = exports.zipped({"conversations.json": line, "user.json": {"email": "a@example.org"}})
    inner = "User Online Activity/Conversations__1-chatgpt-0001.zip"
    files: dict[str, object] = {
        "zip.zip": archive,
        "nested.zip": exports.zipped({inner: archive, "a.csv": b"x"}),
        "shards.zip": exports.zipped(shards),
        "pretty.json": json.dumps(CONVERSATIONS, indent=2).replace("\n", "\r\n").encode(),
        "minified.json": json.dumps(CONVERSATIONS, separators=(",", ":"), ensure_ascii=False).encode(),
        "bom.json": b"\xef\xbb\xbf" + line,
        "wrapped.json": {"version": 1, "conversations": CONVERSATIONS},
        "lines.jsonl": b"\n".join(map(exports.as_written, CONVERSATIONS)),
        "slim.json": [exports.slim(each) for each in CONVERSATIONS],
    }
    return {"folder": folder / "folder"} | {name: exports.written(folder / name, each) for name, each in files.items()}


async def test_the_same_content_in_any_packing_gives_the_same_rows(
    bring: Importer, database: Database, account: uuid.UUID, tmp_path: Path
) -> None:
    await bring(exports.written(tmp_path / "conversations.json", CONVERSATIONS))
    before = await rows(database, account, ids=True)
    assert len(before) == 6
    for name, path in packings(tmp_path).items():
        report = await bring(path)
        assert (name, report.unchanged, report.seen) == (name, 3, 3)
        assert report.messages == {"user": 4, "assistant": 2}
    assert await rows(database, account, ids=True) == before


@pytest.mark.parametrize("zipped", [True, False])
async def test_the_page_for_reading_stands_in_for_lost_conversations(
    bring: Importer, tmp_path: Path, zipped: bool
) -> None:
    script = b"<html><script>\nvar jsonData = %s;\nvar assetsJson = {};\n</script></html>"
    page = script % exports.as_written(CONVERSATIONS)
    lost = {"chat.html": page, "user.json": {"id": "user-1"}}
    content = exports.zipped(lost) if zipped else page
    report = await bring(exports.written(tmp_path / "x", content))
    assert (report.seen, report.imported, report.failed) == (3, 3, {})


async def test_several_paths_at_once(bring: Importer, tmp_path: Path) -> None:
    chatgpt = exports.written(tmp_path / "a.json", CONVERSATIONS)
    claude = exports.written(
        tmp_path / "b.zip", exports.zipped({"conversations.json": [exports.claude_conversation()]})
    )
    unknown = exports.written(tmp_path / "c.json", [{"colour": "red"}])
    report = await bring(chatgpt, claude, unknown, tmp_path / "missing")
    assert (report.imported, report.failed) == (4, {"unknown_file": 1, "unreadable": 1})
    assert {problem.where for problem in report.problems} == {"c.json", "missing"}
    assert "colour" in " ".join(problem.reason for problem in report.problems)


async def test_the_newest_version_wins_in_any_order(
    bring: Importer, database: Database, account: uuid.UUID, tmp_path: Path
) -> None:
    old = exports.chatgpt_conversation("Old title", [("user", "a"), ("assistant", "b")], name=1)
    new = exports.chatgpt_conversation("New title", [("user", "a"), ("assistant", "b"), ("user", "c")], name=1)
    first, second = exports.written(tmp_path / "1.json", [old]), exports.written(tmp_path / "2.json", [new])
    assert (await bring(first)).imported == 1
    before = await rows(database, account, ids=True)
    assert (await bring(second)).updated == 1
    after = await rows(database, account, ids=True)
    assert [row[-1] for row in after[:2]] == [row[-1] for row in before]
    assert [row[8] for row in after] == ["a", "b", "c"]
    report = await bring(first)
    assert (report.updated, report.unchanged) == (0, 1)
    assert report.messages == {"user": 2, "assistant": 1}
    assert await rows(database, account, ids=True) == after


async def test_versions_within_one_import(
    bring: Importer, database: Database, account: uuid.UUID, tmp_path: Path
) -> None:
    versions = [exports.chatgpt_conversation("t", [("user", "x")] * count, name=1) for count in (2, 3, 3, 1)]
    report = await bring(exports.written(tmp_path / "a.json", versions))
    assert (report.imported, report.updated, report.repeated, report.conversations) == (1, 1, 2, 1)
    assert len(await rows(database, account)) == 3


async def test_a_message_that_is_gone_is_deleted(
    bring: Importer, database: Database, account: uuid.UUID, tmp_path: Path
) -> None:
    old = exports.chatgpt_conversation("t", [("user", "a"), ("assistant", "b")], name=1)
    new = exports.chatgpt_conversation("t", [("user", "a")], name=1, update_time=exports.TIME + 99)
    await bring(exports.written(tmp_path / "a.json", [old, *CONVERSATIONS]))
    await bring(exports.written(tmp_path / "b.json", [new]))
    assert len(await rows(database, account)) == 7


async def test_conversations_without_an_id_are_told_apart_by_content(bring: Importer, tmp_path: Path) -> None:
    bare = [each | {"conversation_id": None, "id": None} for each in CONVERSATIONS]
    path = exports.written(tmp_path / "a.json", [*bare, bare[0]])
    report = await bring(path)
    assert (report.imported, report.repeated) == (3, 1)
    again = await bring(path)
    assert (again.unchanged, again.repeated) == (3, 1)


async def test_what_is_not_to_be_remembered_is_not_kept(
    bring: Importer, database: Database, account: uuid.UUID, tmp_path: Path
) -> None:
    await bring(exports.written(tmp_path / "a.json", CONVERSATIONS))
    forget = [CONVERSATIONS[0] | {"is_do_not_remember": True}]
    report = await bring(exports.written(tmp_path / "b.json", forget))
    assert (report.skipped, report.conversations, report.removed) == ({"do_not_remember": 1}, 0, 1)
    assert "One" not in str(report.as_json())
    assert {row[1] for row in await rows(database, account)} == {"Two", "Three"}


MARKED = exports.chatgpt_conversation("t", [("user", "a")], name=1) | {"is_do_not_remember": True}
UNMARKED = MARKED | {"is_do_not_remember": False}
NEWER = UNMARKED | {"update_time": exports.TIME + 10 * 86_400}


@pytest.mark.parametrize(
    ("talks", "kept"), [((MARKED, UNMARKED), 0), ((UNMARKED, MARKED), 0), ((MARKED, NEWER), 1), ((NEWER, MARKED), 1)]
)
@pytest.mark.parametrize("together", [False, True])
async def test_what_is_forgotten_stays_so_in_whatever_order_unless_it_is_newer(
    bring: Importer, database: Database, account: uuid.UUID, tmp_path: Path, *, talks: Any, kept: int, together: bool
) -> None:
    files = [exports.written(tmp_path / f"{number}.json", [talk]) for number, talk in enumerate(talks)]
    for paths in [files] if together else [[path] for path in files]:
        report = await bring(*paths)
    assert len(await rows(database, account)) == kept
    if talks == (MARKED, UNMARKED) and not together:
        assert (report.skipped, report.problems) == ({"forgotten": 1}, [])


async def test_files_beside_an_export_are_counted(bring: Importer, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    for name, content in {"conversations.json": CONVERSATIONS, "b.json": {"theme": "dark"}, "c.json": []}.items():
        exports.written(folder / name, content)
    report = await bring(folder)
    assert (report.seen, report.failed, report.left_out, report.problems) == (3, {}, {"files": 2}, [])


async def test_what_was_stored_and_is_forgotten_meanwhile_breaks_nothing(
    bring: Importer, database: Database, account: uuid.UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bring(exports.written(tmp_path / "a.json", [UNMARKED]))
    monkeypatch.setattr(batches, "CONVERSATIONS", 1)
    report = await bring(exports.written(tmp_path / "b.json", [MARKED, UNMARKED]))
    assert (report.removed, report.skipped) == (1, {"do_not_remember": 1})
    assert not await rows(database, account)


async def test_what_is_forgotten_comes_back_when_asked_for(
    bring: Importer, database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    await bring(exports.written(tmp_path / "a.json", [MARKED]))
    path = exports.written(tmp_path / "b.json", [UNMARKED])
    async with importing.begun(database, account, "b") as import_id:
        report = await importing.run(database, account, import_id, [path], settings, restore=True)
    assert (report.imported, report.skipped) == (1, {})
    assert (await bring(path)).unchanged == 1


async def test_claims_are_kept_once_and_of_memories_the_newest(
    bring: Importer, database: Database, account: uuid.UUID, tmp_path: Path
) -> None:
    def remembering(text: str, time: float) -> dict[str, Any]:
        memory = {"content_type": "model_editable_context", "model_set_context": text}
        profile = {"content_type": "user_editable_context", "user_profile": "I bake.", "user_instructions": ""}
        turns = [exports.chatgpt_message("assistant", "") | {"content": content} for content in (memory, profile)]
        return exports.chatgpt_conversation(text, turns, time=time)

    late, early = remembering("late", 1.7e9), remembering("early", 1.6e9)
    await bring(exports.written(tmp_path / "a.json", [late, early]))
    await bring(exports.written(tmp_path / "b.json", [early]))
    async with database.session(account) as session:
        claims = [(each.kind, each.text) for each in await session.scalars(select(Claim).order_by(Claim.kind))]
    assert claims == [("about_me", "I bake."), ("provider_memory", "late")]


HOSTILE: dict[str, Any] = {
    "number": 5,
    "null": None,
    "no mapping": exports.chatgpt_conversation("no mapping", mapping=None),
    "null bytes": exports.chatgpt_conversation("nu\0ll", [("user", "a\0b")], name="\0" * 500),
    "lone surrogate": exports.chatgpt_conversation("\ud83d", name=1, turns=[("user", "x\ud83dy")]),
    "odd types": exports.chatgpt_conversation("odd", [("user", "kept")], create_time=[1], current_node={"a": 1}, id=7),
    "odd text": exports.chatgpt_conversation(
        "parts",
        [exports.chatgpt_message("user", "") | {"content": {"content_type": "text", "parts": [1, None, "kept"]}}],
    ),
}


async def test_hostile_elements_cost_no_other(
    bring: Importer, database: Database, account: uuid.UUID, tmp_path: Path
) -> None:
    nan = exports.as_written(exports.chatgpt_conversation("nan", [("user", "kept")])).replace(b": 1.0", b": NaN")
    raw = exports.as_written(exports.chatgpt_conversation("raw", [("user", "line-break")])).replace(b"line-", b"line\n")
    cesu = exports.as_written(exports.chatgpt_conversation("cesu", [("user", "PAIR")])).replace(
        b"PAIR", "\ud83d\ude00\ud83d".encode("utf-8", "surrogatepass")
    )
    deep = b'{"mapping": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    elements = [*map(exports.as_written, HOSTILE.values()), nan, raw, cesu, deep, exports.as_written(CONVERSATIONS[1])]
    report = await bring(exports.written(tmp_path / "a.json", b"[" + b", ".join(elements) + b"]"))
    assert report.failed == {"not_an_object": 2, "too_deep": 1}
    assert report.skipped == {"no_messages": 1}
    assert report.imported == 8
    texts = {row[8] for row in await rows(database, account)}
    assert texts == {"a\ufffdb", "x\ufffdy", "kept", "line\nbreak", "\U0001f600\ufffd", "  spaces "}
    assert {problem.where for problem in report.problems} == {"a.json#0", "a.json#1", "no mapping", "a.json#10"}


async def test_what_is_whole_of_a_cut_download_is_kept(bring: Importer, tmp_path: Path) -> None:
    conversations = [
        exports.chatgpt_conversation(str(number), [("user", str(random.Random(number).random()) * 99)])
        for number in range(50)
    ]
    content = exports.zipped({"conversations.json": conversations})
    report = await bring(exports.written(tmp_path / "a.zip", content[: len(content) // 2]))
    assert 10 < report.imported < 40
    assert report.failed == {"cut_off": 2}  # the archive and its member


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", errors.ExportUnknown, "is empty"),
        (b"[]", errors.ExportEmpty, "list is empty"),
        (b"%PDF-1.7", errors.ExportUnknown, "PDF"),
        (b"<!DOCTYPE html><html>", errors.ExportUnknown, "web page"),
        (b"<!-- Saved --><div>", errors.ExportUnknown, "web page"),
        (b"hello", errors.ExportUnknown, "not JSON"),
        (b'[{"colour": "red"}]', errors.ExportUnknown, "colour"),
        (b'{"files": [{"name": "conversations-000.zip", "url": "https://x"}]}', errors.ExportElsewhere, "import those"),
        (exports.zipped({"photo.png": b"x"}), errors.ExportUnknown, "no file in it"),
        (exports.zipped({"conversations.json": bytes(60_000_000)}), errors.ExportDangerous, "bomb"),
    ],
)
async def test_a_file_that_is_no_export_is_refused_with_a_reason(
    bring: Importer,
    database: Database,
    account: uuid.UUID,
    tmp_path: Path,
    content: bytes,
    error: type[errors.SoulprintError],
    words: str,
) -> None:
    path = exports.written(tmp_path / "export", content)
    with pytest.raises(error, match=words):
        await bring(path)
    row = await one(database, account, Import)
    assert row.status == "failed"
    assert words in row.error
    assert (await one(database, account, UserProfile)).import_status == "failed"


async def test_a_problem_goes_by_what_the_person_calls_the_upload(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    upload = exports.written(
        settings.uploads / uuid.uuid4().hex, exports.zipped({"conversations.json": [5, *CONVERSATIONS]})
    )
    async with importing.begun(database, account, "my export.zip", upload.name) as import_id:
        report = await importing.run(database, account, import_id, [upload], settings)
    assert [each.where for each in report.problems] == ["my export.zip/conversations.json#0"]


async def test_an_upload_that_is_no_export_is_refused_by_its_own_name(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    upload = exports.written(settings.uploads / uuid.uuid4().hex, b"hello")
    with pytest.raises(errors.ExportUnknown, match=r"^my notes\.txt is not"):
        async with importing.begun(database, account, "my notes.txt", upload.name) as import_id:
            await importing.run(database, account, import_id, [upload], settings)


async def test_what_is_read_in_part_is_said_to_be(bring: Importer, tmp_path: Path) -> None:
    members = {"../conversations.json": CONVERSATIONS, "conversations-000.json": CONVERSATIONS}
    report = await bring(exports.written(tmp_path / "a.zip", exports.zipped(members)))
    assert (report.imported, report.failed) == (3, {"unsafe_name": 1})
    assert report.problems[0].where == "a.zip"
    assert report.problems[0].reason.startswith("it could not be read in full: 1 of its members")


async def test_the_noise_in_a_damaged_member_is_one_failure(bring: Importer, tmp_path: Path) -> None:
    noise = exports.as_written(CONVERSATIONS)[:-1] + b", 1, x, 2, 3]"
    content = exports.zipped({"conversations.json": noise, "conversations-001.json": b" "})
    for member in (noise, b" "):
        content = content.replace(zlib.crc32(member).to_bytes(4, "little"), b"abcd")
    report = await bring(exports.written(tmp_path / "a.zip", content))
    assert (report.seen, report.imported, report.failed) == (5, 3, {"damaged": 2})
    assert "damaged" in report.problems[1].reason


async def test_files_of_the_account_among_the_others_are_no_failures(bring: Importer, tmp_path: Path) -> None:
    """A provider sends many files, and a person hands over all of them."""
    report = await bring(
        exports.written(tmp_path / "conversations-000.zip", exports.zipped({"conversations.json": CONVERSATIONS})),
        exports.written(tmp_path / "light_metadata-000.zip", exports.zipped({"users.json": []})),
        exports.written(tmp_path / "user.json", {"id": "user-1"}),
    )
    assert (report.seen, report.imported, report.failed) == (3, 3, {})


async def test_the_row_of_a_finished_import(
    bring: Importer, database: Database, account: uuid.UUID, tmp_path: Path
) -> None:
    report = await bring(exports.written(tmp_path / "a.json", CONVERSATIONS))
    row = await one(database, account, Import)
    assert (row.status, row.error, row.report) == ("complete", None, report.as_json())
    assert row.bytes_read == row.bytes_total == (tmp_path / "a.json").stat().st_size
    assert row.finished_at >= row.started_at
    assert (await one(database, account, UserProfile)).import_status == "complete"


async def test_one_import_at_a_time(
    bring: Importer, database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    path = exports.written(tmp_path / "a.json", CONVERSATIONS)
    async with importing.begun(database, account, "a") as first:
        with pytest.raises(errors.ImportRunning):
            await bring(path)
        assert await importing.reclaim(database, account, settings) == []
        with pytest.raises(errors.ImportRunning):
            async with importing.taken_up(database, account, first):
                pytest.fail("two processes hold one import")
        assert (await importing.run(database, account, first, [path], settings)).imported == 3
    assert (await bring(path)).unchanged == 3


async def test_an_interrupted_upload_is_run_again_and_other_imports_are_failed(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    upload = exports.written(settings.uploads / "u1", CONVERSATIONS)
    import_id = await abandoned(database, account, "u1")
    assert await importing.reclaim(database, account, settings) == [import_id]
    async with importing.taken_up(database, account, import_id):
        assert (await importing.run(database, account, import_id, [upload], settings)).imported == 3
    await abandoned(database, account, "gone")
    assert await importing.reclaim(database, account, settings) == []
    async with database.session(account) as session:
        failed = (await session.scalars(select(Import).where(Import.status == "failed"))).one()
    assert failed.error is not None
    assert "interrupted" in failed.error


async def abandoned(database: Database, account: uuid.UUID, upload: str) -> uuid.UUID:
    """The row of an import whose process has died."""
    import_id = uuid.uuid4()
    async with database.session(account) as session:
        await session.execute(insert(Import).values(id=import_id, user_id=account, names="a", upload=upload))
    return import_id


async def test_cancelling_keeps_what_was_read(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    path = many(tmp_path)
    seen = asyncio.Event()

    def progress(progress: importing.Progress) -> None:
        if progress.conversations:
            seen.set()

    async def bring() -> None:
        async with importing.begun(database, account, "a") as import_id:
            await importing.run(database, account, import_id, [path], settings, progress)

    task = asyncio.create_task(bring())
    await seen.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    row = await one(database, account, Import)
    assert (row.status, row.error[:17]) == ("failed", "It was cancelled;")
    assert 0 < len({row[0] for row in await rows(database, account)}) < 4000


def many(folder: Path) -> Path:
    """An export of several batches."""
    conversations = [
        exports.chatgpt_conversation(str(number), [("user", f"message {number}")]) for number in range(4000)
    ]
    return exports.written(folder / "many.json", conversations)


KILLED = """
import asyncio, sys, uuid
from pathlib import Path
from soulprint import importing
from soulprint.database import Database
from soulprint.settings import Settings

async def main(url, account, path, home):
    settings = Settings.model_validate({"home": home, "database_url": url})
    say = lambda progress: print(progress.conversations, flush=True)
    database, account = Database(url), uuid.UUID(account)
    async with importing.begun(database, account, "a") as import_id:
        await importing.run(database, account, import_id, [Path(path)], settings, say)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_kill_leaves_whole_batches_and_nothing_stuck(
    bring: Importer, database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    path = many(tmp_path)
    url = database.url.render_as_string(hide_password=False)
    arguments = ["-c", KILLED, url, str(account), str(path), str(settings.home)]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    while int(await process.stdout.readline()) == 0:
        pass
    process.kill()
    await process.wait()
    while await is_processing(database, account):  # the server notices a killed client a moment later
        await importing.reclaim(database, account, settings)
    kept = await rows(database, account)
    assert 0 < len(kept) < 4000
    assert len(kept) % 500 == 0
    report = await bring(path)
    assert (report.imported, report.unchanged) == (4000 - len(kept), len(kept))
    assert [row[8] for row in sorted(await rows(database, account), key=lambda row: int(row[1]))] == [
        f"message {number}" for number in range(4000)
    ]


async def is_processing(database: Database, account: uuid.UUID) -> bool:
    return bool((await one(database, account, Import)).status == "processing")
