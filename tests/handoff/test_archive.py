"""The archive of everything: whole, true, and readable without this program."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from soulprint import chat, handoff, sections
from soulprint.chat import answering
from soulprint.database import Database
from soulprint.handoff import archive, store
from soulprint.records import Base, Message, VersionKind
from tests.rows import add_conversation, add_fact, make_draft
from tests.serving.conftest import HOSTILE

pytestmark = pytest.mark.anyio

MADE_FROM_THE_REST = {
    *("chunks", "conversation_chunks", "extractions", "forgotten_conversations", "import_members", "llm_answers"),
    *("llm_batches", "notices", "passage_vectors", "passages", "postings", "run_tasks", "search_blocks"),
    *("search_totals", "user_profiles", "erasures", "measured_styles", "expenses"),
}
"""Tables that an archive needn't hold."""


async def archived(database: Database, account: uuid.UUID) -> zipfile.ZipFile:
    pieces = [piece async for piece in handoff.archived(database, account)]
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def lines(made: zipfile.ZipFile, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in made.read(name).decode().split("\n") if line]


async def test_everything_is_in_it_and_nothing_of_others(
    database: Database, account: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "PIECE", 64)
    async with database.session(account) as session:
        said = ["I live in Lyon", HOSTILE, "Zero\u2028width \U0001f600"]
        held, messages = await add_conversation(session, account, said, title=HOSTILE)
        await add_fact(session, messages[:1], "Lives in Lyon")
        await sections.publish(session, account, make_draft(), VersionKind.QUICK)
        await answering.ask(session, (await chat.start(session, account)).id, "Where do I live?")
    async with database.session(uuid.uuid4()) as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 0
    made = await archived(database, account)
    assert made.testzip() is None
    [talk] = lines(made, "conversations.jsonl")
    assert talk["id"] == str(held.id)
    assert [message["text"] for message in talk["messages"]] == said  # type: ignore[attr-defined]
    [fact] = lines(made, "facts.jsonl")
    assert fact["sources"][0]["quote"] == "I live in Lyon"  # type: ignore[index]
    assert "I moved to Lyon." in made.read("profile.md").decode()
    assert len(lines(made, "versions.jsonl")) == 1
    assert len(lines(made, "chats.jsonl")[0]["messages"]) == 2  # type: ignore[arg-type]
    manifest = json.loads(made.read("manifest.json"))
    assert {*manifest["members"]} == {*made.namelist()} - {"manifest.json"}
    for name, told in manifest["members"].items():
        assert told["sha256"] == hashlib.sha256(made.read(name)).hexdigest()


async def test_an_account_without_anything_has_an_archive_too(database: Database, account: uuid.UUID) -> None:
    made = await archived(database, account)
    assert json.loads(made.read("manifest.json"))["members"]["conversations.jsonl"]["entries"] == 0
    assert "profile.md" not in made.namelist()
    assert "What SoulPrint keeps of you" in made.read("README.txt").decode()


def test_no_table_of_a_person_is_left_out_without_being_named() -> None:
    asked = " ".join(store.MEMBERS.values())
    owned = {table.name for table in Base.metadata.sorted_tables if "user_id" in table.columns}
    assert {name for name in owned if name not in asked} == owned & MADE_FROM_THE_REST - {"chunks"}


def test_the_readme_of_the_archive_names_what_is_in_it() -> None:
    readme = Path(store.__file__).with_name("readme.txt").read_text()
    assert all(f"{name}.jsonl" in readme for name in store.MEMBERS)
