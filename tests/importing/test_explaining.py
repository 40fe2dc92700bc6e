from __future__ import annotations

from pathlib import Path

import pytest

from soulprint import errors, importing
from soulprint.importing import explaining
from soulprint.settings import Settings
from tests.importing import exports

ONE = exports.chatgpt_conversation("One", [("user", "Hello"), ("assistant", "Hi"), ("user", "Bye")])
TWO = exports.chatgpt_conversation("Two")
EMPTY = exports.chatgpt_conversation("Empty", [])
FORGET = exports.chatgpt_conversation("Secret") | {"is_do_not_remember": True}


def test_each_file_is_told_with_its_reason_and_what_it_holds(tmp_path: Path, settings: Settings) -> None:
    members = {
        "conversations-000.json": [ONE, EMPTY, FORGET, {"mapping": 3}],
        "conversations-001.json": [TWO, ONE],
        "user.json": {"email": "a@example.org"},
        "picture.png": b"\x89PNG",
    }
    archive = exports.written(tmp_path / "export.zip", exports.zipped(members))
    first, second = importing.explain([archive], settings)
    assert (first.where, first.format, first.title) == ("export.zip/conversations-000.json", "chatgpt", "ChatGPT")
    assert first.reason == "elements have a mapping of messages with authors"
    assert first.size == len(exports.as_written(members["conversations-000.json"]))
    assert (first.elements, first.conversations, first.messages, first.answers) == (4, 1, 2, 1)
    assert first.empty + sum(first.skipped.values()) + sum(first.failed.values()) == 3
    assert first.skipped == {"do_not_remember": 1, "no_messages": 1}
    assert (second.conversations, second.again) == (1, 1)


def test_what_is_not_read_is_told_with_why(tmp_path: Path, settings: Settings) -> None:
    exports.written(tmp_path / "there.json", [ONE])
    paths = {
        "list.json": exports.written(tmp_path / "list.json", [{"name": "a", "price": 3}]),
        "scan.pdf": exports.written(tmp_path / "scan.pdf", b"%PDF-1.7"),
        "nothing.json": tmp_path / "nothing.json",
        "broken.zip": exports.written(tmp_path / "broken.zip", exports.zipped({"a.json": [ONE]})[:-40]),
    }
    told = {each.where: each for each in importing.explain([*paths.values()], settings)}
    assert told["list.json"].reason == "its entries have the fields name, price, which no format that we know has"
    assert told["scan.pdf"].reason == "it is a PDF"
    assert told["nothing.json"].reason == "there is no such file"
    assert told["broken.zip"].reason == "the archive is cut off"
    assert told["broken.zip/a.json"].conversations == 1
    assert all(told[name].format is None and told[name].missed for name in paths)


def test_nothing_is_left_behind(tmp_path: Path, settings: Settings) -> None:
    inner = exports.zipped({"conversations.json": [ONE]})
    archive = exports.written(tmp_path / "outer.zip", exports.zipped({"Conversations__1-chatgpt-0001.zip": inner}))
    (told,) = importing.explain([archive], settings)
    assert told.conversations == 1
    assert [*settings.home.iterdir()] == [archive]


def test_an_export_is_told_from_other_files(tmp_path: Path, settings: Settings) -> None:
    def holds(name: str, content: object) -> bool:
        return explaining.holds_export(exports.written(tmp_path / name, content), settings)

    assert holds("a.json", [ONE])
    assert holds("a.zip", exports.zipped({"conversations.json": [ONE], "x.json": {}}))
    assert not holds("b.json", {"name": "package", "version": 1})
    assert not holds("c.zip", exports.zipped({"notes.txt": b"milk"}))
    assert not holds("d.zip", exports.zipped({"notes.txt": b"milk"})[:-30])
    assert not holds("e.json", b"")


def test_an_export_that_is_refused_is_told(tmp_path: Path, settings: Settings) -> None:
    content = bytearray(exports.zipped({"conversations.json": [ONE]}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    with pytest.raises(errors.ExportUnreadable, match="password"):
        explaining.holds_export(exports.written(tmp_path / "locked.zip", bytes(content)), settings)


def test_what_holds_no_conversation_says_so(tmp_path: Path, settings: Settings) -> None:
    archive = exports.written(tmp_path / "export.zip", exports.zipped({"conversations.json": b" [ ]\n"}))
    (told,) = importing.explain([archive], settings)
    assert (told.format, told.reason, told.missed) == (None, "its list is empty", False)


def test_a_list_of_links_says_where_the_export_is(tmp_path: Path, settings: Settings) -> None:
    links = {"files": [{"name": "conversations-000.zip", "url": "https://example.org"}]}
    (told,) = importing.explain([exports.written(tmp_path / "manifest.json", links)], settings)
    assert "Download the zip files that it names" in told.reason
    page = exports.written(tmp_path / "page.html", b"<!doctype html><a>conversations-000.zip</a>")
    with pytest.raises(errors.ExportElsewhere, match="Nothing was imported"):
        explaining.holds_export(page, settings)


@pytest.mark.parametrize(
    ("words", "repaired"), [(b"Caf\xe9", True), ("Café".encode(), False), (b"\xed\xa0\xbd\xed\xb8\x80", False)]
)
def test_bytes_that_are_no_text_are_told(tmp_path: Path, settings: Settings, words: bytes, *, repaired: bool) -> None:
    content = exports.as_written([exports.chatgpt_conversation("One", [("user", "WORDS")])]).replace(b"WORDS", words)
    (told,) = importing.explain([exports.written(tmp_path / "conversations.json", content)], settings)
    assert (told.conversations, told.repaired) == (1, repaired)


def test_files_of_one_kind_are_added_up(tmp_path: Path, settings: Settings) -> None:
    first = exports.written(tmp_path / "conversations-000.json", [ONE, FORGET])
    second = exports.written(tmp_path / "conversations-001.json", [TWO, FORGET])
    files = importing.explain([first, second], settings)
    told = importing.Explained.of_all(files)
    assert (told.where, told.elements, told.conversations, told.messages) == ("conversations-000.json", 4, 2, 3)
    assert told.skipped == {"do_not_remember": 2}
    assert told.size == first.stat().st_size + second.stat().st_size
    assert files[0].skipped == {"do_not_remember": 1}
