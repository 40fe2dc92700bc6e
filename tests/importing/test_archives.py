from __future__ import annotations

import contextlib
import io
import os
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from soulprint import errors
from soulprint.importing import formats
from soulprint.importing.files import archives, zips
from tests.importing import exports

LIMIT = 1024**3
CHATS = exports.as_written([exports.chatgpt_conversation()])


def survey(*paths: Path, limit: int = LIMIT) -> archives.Survey:
    return archives.survey(paths, formats.known, paths[0].parent, limit)


def members(*paths: Path) -> dict[str, bytes]:
    return {member.where: bytes(member.open(paths[0].parent).view) for member in survey(*paths).members}


def refused(*paths: Path, limit: int = LIMIT) -> dict[str, int]:
    return {refusal.reason: refusal.count for refusal in survey(*paths, limit=limit).refusals}


def zip_file(folder: Path, files: Mapping[str, object], name: str = "a.zip") -> Path:
    return exports.written(folder / name, exports.zipped(files))


def test_only_members_that_may_hold_chats_are_read(tmp_path: Path) -> None:
    names = ("conversations.json", "user.json", "message_feedback.json", "chat.html", "photo.png", "x.json")
    path = zip_file(tmp_path, dict.fromkeys(names, CHATS))
    assert members(path) == {"a.zip/conversations.json": CHATS}


def test_a_renamed_file_in_an_archive_is_found_where_no_name_is_known(tmp_path: Path) -> None:
    path = zip_file(tmp_path, {"my chats.json": CHATS, "user.json": b"{}", "__MACOSX/._my chats.json": b"x"})
    assert [*members(path)] == ["a.zip/my chats.json"]


def test_shards_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = zip_file(tmp_path, {f"e/conversations-{number}.json": CHATS for number in (10, 2, 1)})
    assert [*members(path)] == [f"a.zip/e/conversations-{number}.json" for number in (1, 2, 10)]


def test_equal_names_in_different_folders_are_all_read(tmp_path: Path) -> None:
    path = zip_file(tmp_path, {"a/conversations-000.json": b"[1]", "b/conversations-000.json": b"[2]"})
    assert [*members(path).values()] == [b"[1]", b"[2]"]


def test_zips_in_zips_are_opened_to_a_depth(tmp_path: Path) -> None:
    inner = exports.zipped({"conversations-000.json": CHATS})
    for _ in range(2):
        inner = exports.zipped(
            {"User Online Activity/Conversations__ab-chatgpt-0001.zip": inner, "Files__1.zip": b"PK"}
        )
    path = exports.written(tmp_path / "a.zip", inner)
    assert [*members(path).values()] == [CHATS]
    deeper = exports.written(tmp_path / "b.zip", exports.zipped({"conversations.zip": inner}))
    assert refused(deeper) == {"nested_too_deep": 1}


def test_a_folder_with_files_and_archives(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    exports.written(folder / "deep" / "conversations.json", CHATS)
    exports.written(folder / "user.json", b"{}")
    zip_file(folder, {"conversations-000.json": CHATS})
    (folder / "link.json").symlink_to("/etc/hostname")
    assert [*members(folder)] == ["export/a.zip/conversations-000.json", "export/deep/conversations.json"]


def test_a_file_handed_over_is_read_whatever_its_name(tmp_path: Path) -> None:
    assert members(exports.written(tmp_path / "user.dat", CHATS)) == {"user.dat": CHATS}


def test_the_manifest_tells_which_shards_are_missing(tmp_path: Path) -> None:
    manifest = {"logical_files": {"conversations.json": {"files": [f"conversations-{n:03}.json" for n in range(4)]}}}
    files = {"conversations-001.json": CHATS, "conversations-003.json": CHATS, "export_manifest.json": manifest}
    found = survey(zip_file(tmp_path, files))
    assert [refusal.where for refusal in found.refusals] == [
        "a.zip/conversations-000.json",
        "a.zip/conversations-002.json",
    ]
    for name, content in files.items():
        exports.written(tmp_path / "folder" / name, content)
    assert len(survey(tmp_path / "folder").refusals) == 2
    assert len(survey(*sorted((tmp_path / "folder").iterdir())).refusals) == 2


@pytest.mark.parametrize(
    "name", ["../conversations.json", "/conversations.json", "C:\\conversations.json", "a\\..\\x.json"]
)
def test_names_that_point_outside_are_reported_and_left_out(tmp_path: Path, name: str) -> None:
    path = zip_file(tmp_path, {name: CHATS, "conversations.json": CHATS})
    assert [*members(path)] == ["a.zip/conversations.json"]
    assert refused(path) == {"unsafe_name": 1}


def test_a_locked_member_is_reported(tmp_path: Path) -> None:
    content = bytearray(exports.zipped({"conversations.json": CHATS, "conversations-2.json": CHATS}))
    content[content.rfind(b"PK\1\2") + 8] |= 1
    assert refused(exports.written(tmp_path / "a.zip", bytes(content))) == {"encrypted": 1}
    assert len(members(tmp_path / "a.zip")) == 1


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = zip_file(tmp_path, {"conversations-1.json": bytes(60_000_000), "conversations-2.json": CHATS})
    assert refused(path) == {"dangerous": 1}
    assert [*members(path)] == ["a.zip/conversations-2.json"]


def test_a_member_that_holds_more_than_it_says_is_refused(tmp_path: Path) -> None:
    content = bytearray(exports.zipped({"conversations.json": CHATS * 10}))
    struct.pack_into("<L", content, content.rfind(b"PK\1\2") + 24, 10)
    [member] = survey(exports.written(tmp_path / "a.zip", bytes(content))).members
    with pytest.raises(errors.ExportDangerous, match="more than the archive says"):
        member.open(tmp_path)


def test_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    path = zip_file(tmp_path, {"conversations-1.json": CHATS, "conversations-2.json": CHATS})
    assert refused(path, limit=len(CHATS)) == {"dangerous": 1}


def test_entries_that_share_their_bytes_are_limited_in_all(tmp_path: Path) -> None:
    content = exports.zipped({"conversations.json": os.urandom(1000)})
    start = content.rfind(b"PK\1\2")
    end = content.rfind(b"PK\5\6")
    listed = content[start:end] * 2000
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2000, 2000, len(listed), start, 0)
    path = exports.written(tmp_path / "a.zip", content[:start] + listed + tail)
    assert refused(path, limit=1_500_000) == {"dangerous": 1}


def test_an_end_that_is_written_large_without_need_is_read(tmp_path: Path) -> None:
    content = exports.zipped({"conversations.json": CHATS})
    start, end = content.rfind(b"PK\1\2"), content.rfind(b"PK\5\6")
    large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, end - start, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    path = exports.written(tmp_path / "a.zip", content[:end] + large + locator + content[end:])
    assert members(path) == {"a.zip/conversations.json": CHATS}
    assert not survey(path).refusals


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    content = bytearray(exports.zipped({"conversations.json": CHATS}))
    struct.pack_into("<L", content, content.rfind(b"PK\1\2") + 16, 1)
    [member] = survey(exports.written(tmp_path / "a.zip", bytes(content))).members
    assert member.open(tmp_path).flaw == "damaged"
    assert bytes(member.open(tmp_path).view) == CHATS


@pytest.mark.parametrize("streamed", [False, True])
def test_whole_members_of_a_cut_archive_are_read(tmp_path: Path, streamed: bool) -> None:
    file = io.BytesIO()
    target = Unseekable(file) if streamed else file
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"conversations-{number}.json", CHATS * 3)
    content = file.getvalue()
    cut = content[: content.rfind(b"PK\3\4") + 150]
    path = exports.written(tmp_path / "a.zip", cut)
    found = survey(path)
    assert [refusal.reason for refusal in found.refusals] == ["cut_off"]
    opened = [member.open(tmp_path) for member in found.members]
    assert [content.flaw for content in opened] == [None, None, "cut_off"]
    assert [bytes(content.view) for content in opened[:2]] == [CHATS * 3] * 2


class Unseekable(io.RawIOBase):
    """What a zip is streamed into, so that sizes follow each member."""

    def __init__(self, file: io.BytesIO) -> None:
        self.file = file

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        return self.file.write(content)


def test_a_hundred_thousand_members_are_passed_over(tmp_path: Path) -> None:
    content = exports.zipped({"conversations.json": CHATS})
    start, end = content.rfind(b"PK\1\2"), content.rfind(b"PK\5\6")
    picture = struct.Struct("<4s6H3L5H2L9s")
    listed = b"".join(
        picture.pack(b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, f"{number:05}.png".encode())
        for number in range(100_000)
    )
    listed += content[start:end]
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFE, 0xFFFE, len(listed), start, 0)
    path = exports.written(tmp_path / "a.zip", content[:start] + listed + tail)
    assert members(path) == {"a.zip/conversations.json": CHATS}


def test_zip_64_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive, archive.open("conversations.json", "w", force_zip64=True) as file:
        file.write(CHATS)
    assert members(path) == {"a.zip/conversations.json": CHATS}


def test_what_is_not_there_or_can_not_be_read_is_said(tmp_path: Path) -> None:
    [refusal] = survey(tmp_path / "nothing.zip").refusals
    assert "there is no such file" in str(refusal.error)
    assert refused(zip_file(tmp_path, {"photo.png": b"x"})) == {"unknown_file": 1}
    assert refused(exports.written(tmp_path / "b.zip", exports.zipped({}))) == {"unknown_file": 1}


def test_a_broken_archive_never_raises_anything_of_its_own(tmp_path: Path) -> None:
    whole = exports.zipped({"conversations.json": CHATS, "conversations-1.json": b"[]"})
    for position in range(len(whole)):
        content = bytearray(whole)
        content[position] ^= 0xFF
        for member in survey(exports.written(tmp_path / "a.zip", bytes(content))).members:
            with contextlib.suppress(errors.ExportDangerous):
                member.open(tmp_path)


def test_empty_files(tmp_path: Path) -> None:
    assert members(exports.written(tmp_path / "a.json", b"")) == {"a.json": b""}
    assert not zips.is_zip(memoryview(b""))
