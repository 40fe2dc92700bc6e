"""The bundled example: made by its script, whole, and true to its list of facts, traps, secrets and attacks."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examples import make_export

Json = dict[str, Any]
SOURCE = make_export.HERE / "ines"
TRUTH: Json = json.loads((SOURCE / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def committed() -> Json:
    with zipfile.ZipFile(make_export.HERE / "ines-chatgpt-export.zip") as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def messages(conversation: Json) -> Iterator[Json]:
    return (node["message"] for node in conversation["mapping"].values() if node["message"])


def branch(conversation: Json) -> Iterator[Json]:
    node = conversation["mapping"][conversation["current_node"]]
    while node["parent"] is not None:
        yield node["message"]
        node = conversation["mapping"][node["parent"]]


def words_of(message: Json) -> str:
    """The text of a message; "" for hidden ones."""
    if message["metadata"].get("is_visually_hidden_from_conversation"):
        return ""
    content = message["content"]
    parts = [part if isinstance(part, str) else part.get("text", "") for part in content.get("parts", [])]
    return "\n".join([*parts, content.get("text", "")])


def said(conversation: Json, *roles: str) -> str:
    return "\n".join(words_of(message) for message in messages(conversation) if message["author"]["role"] in roles)


def by_title(committed: Json) -> dict[str, Json]:
    return {conversation["title"]: conversation for conversation in committed["conversations.json"]}


def test_committed_archive_is_what_the_script_makes(committed: Json) -> None:
    assert committed == make_export.export_members(SOURCE)


def test_archive_is_the_same_each_time(tmp_path: Path) -> None:
    members = make_export.export_members(SOURCE)
    make_export.write_zip(tmp_path / "one.zip", members)
    make_export.write_zip(tmp_path / "two.zip", make_export.export_members(SOURCE))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_conversations_are_many_and_ids_unique(committed: Json) -> None:
    conversations = committed["conversations.json"]
    assert len(conversations) >= 90
    assert len({conversation["id"] for conversation in conversations}) == len(conversations)
    ids = [message["id"] for conversation in conversations for message in messages(conversation)]
    assert len(set(ids)) == len(ids)


def test_every_tree_holds_together(committed: Json) -> None:
    for conversation in committed["conversations.json"]:
        mapping = conversation["mapping"]
        assert [node for node in mapping.values() if node["parent"] is None] == [next(iter(mapping.values()))]
        for node in mapping.values():
            assert all(mapping[child]["parent"] == node["id"] for child in node["children"])
        assert conversation["current_node"] in mapping


def test_times_run_forward_on_the_branch(committed: Json) -> None:
    for conversation in committed["conversations.json"]:
        times = [message["create_time"] for message in branch(conversation) if message["create_time"] is not None]
        assert times == sorted(times, reverse=True), conversation["title"]
        assert all(time <= conversation["update_time"] for time in times)


def test_every_shape_of_a_real_account_occurs(committed: Json) -> None:
    conversations = committed["conversations.json"]
    everything = [message for conversation in conversations for message in messages(conversation)]
    kinds = {message["content"]["content_type"] for message in everything}
    assert kinds == {
        "text", "multimodal_text", "code", "execution_output", "tether_browsing_display", "tether_quote",
        "thoughts", "reasoning_recap", "user_editable_context", "model_editable_context",
    }  # fmt: skip
    assert {"bio", "python", "browser", "canmore.create_textdoc"} <= {message["recipient"] for message in everything}
    assert any(conversation["is_do_not_remember"] for conversation in conversations)
    assert any(conversation["is_archived"] for conversation in conversations)
    assert any(conversation["title"] is None for conversation in conversations)
    assert any(len(conversation["mapping"]) == 1 for conversation in conversations)
    assert any(len(node["children"]) > 1 for item in conversations for node in item["mapping"].values())
    assert any("\ue200cite\ue202" in words_of(message) for message in everything)
    assert any(
        message["create_time"] is None and message["weight"] and message["author"]["role"] == "user"
        for message in everything
    )
    assert {item["gizmo_type"] for item in conversations} == {None, "gpt", "snorlax"}


def test_every_fact_is_said_by_the_person(committed: Json) -> None:
    conversations = by_title(committed)
    for fact in TRUTH["facts"]:
        for quote in fact["quotes"]:
            assert quote["quote"] in said(conversations[quote["conversation"]], "user"), fact["id"]


def test_facts_have_known_categories_and_successors() -> None:
    facts = {fact["id"]: fact for fact in TRUTH["facts"]}
    assert len(facts) == len(TRUTH["facts"]) >= 40
    assert {fact["category"] for fact in facts.values()} == {
        "preferences", "projects", "dates", "beliefs", "decisions", "about",
    }  # fmt: skip
    assert all(fact["superseded_by"] in {None, *facts} for fact in facts.values())


@pytest.mark.parametrize(("kind", "least"), [("traps", 25), ("secrets", 10), ("attacks", 8)])
def test_everything_listed_stands_in_its_conversation(committed: Json, kind: str, least: int) -> None:
    conversations = by_title(committed)
    assert len(TRUTH[kind]) >= least
    for entry in TRUTH[kind]:
        assert entry["text"] in said(conversations[entry["conversation"]], "user", "assistant", "tool"), entry


def test_unknown_mark_is_an_error() -> None:
    conversation = next(make_export.parse("=== 2024-01-01 10:00 Europe/London | x\n\n>> hi\n:: nonsense\n"))
    with pytest.raises(ValueError, match="nonsense"):
        make_export.Tree(conversation, [], "")
