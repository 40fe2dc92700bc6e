"""The same export gives the same rows, however it is packed and written."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from soulprint.importing import formats
from soulprint.importing.parsing import documents
from tests.importing import exports, reading, samples

BOM = b"\xef\xbb\xbf"
SAMPLES = {each.name: each for each in samples.samples()}


def rows(path: Path) -> dict[uuid.UUID, bytes]:
    """The conversations by id, each with the hash over all that is stored of it."""
    read = reading.batches(path)
    assert not any(map(reading.failed, read))
    return {each.id: each.content_hash for batch in read for each in batch.conversations.values()}


def file(sample: samples.Sample, folder: Path, content: bytes) -> Path:
    return exports.written(folder / Path(sample.member).name, content)


def zipped(sample: samples.Sample, folder: Path) -> Path:
    return exports.written(folder / "export.zip", exports.zipped({sample.member: sample.content}))


def zipped_twice(sample: samples.Sample, folder: Path) -> Path:
    inner = exports.zipped({sample.member: sample.content})
    return exports.written(folder / "all.zip", exports.zipped({"photos/1.jpg": b"\xff\xd8", "part-1.zip": inner}))


def in_a_folder(sample: samples.Sample, folder: Path) -> Path:
    exports.written(folder / "export" / sample.member, sample.content)
    exports.written(folder / "export" / "notes.pdf", b"%PDF")
    return folder / "export"


def in_a_zip_with_folders(sample: samples.Sample, folder: Path) -> Path:
    name = f"data-2026/inner/{sample.member}"
    return exports.written(folder / "renamed.zip", exports.zipped({name: sample.content, "a/photo.dat": b"\0"}))


def with_a_mark(sample: samples.Sample, folder: Path) -> Path:
    return file(sample, folder, BOM + sample.content)


def pretty(sample: samples.Sample, folder: Path) -> Path:
    return file(sample, folder, json.dumps(_json(sample), indent=2, ensure_ascii=False).encode())


def minified(sample: samples.Sample, folder: Path) -> Path:
    return file(sample, folder, json.dumps(_json(sample), separators=(",", ":")).encode())


def with_windows_lines(sample: samples.Sample, folder: Path) -> Path:
    return file(sample, folder, json.dumps(_json(sample), indent=1).replace("\n", "\r\n").encode())


def lines_of_windows(sample: samples.Sample, folder: Path) -> Path:
    return file(sample, folder, sample.content.replace(b"\n", b"\r\n"))


def in_shards(sample: samples.Sample, folder: Path) -> Path:
    shards = {f"conversations-{number:03}.json": [each] for number, each in enumerate(_json(sample))}
    return exports.written(folder / "export.zip", exports.zipped(shards))


def wrapped(sample: samples.Sample, folder: Path) -> Path:
    return file(sample, folder, exports.as_written({"version": 2, "conversations": _json(sample)}))


def one_by_one(sample: samples.Sample, folder: Path) -> Path:
    for number, each in enumerate(_json(sample)):
        exports.written(folder / "export" / f"chat {number}.json", each)
    return folder / "export"


Packing = Callable[[samples.Sample, Path], Path]
PACKINGS: list[Packing] = [zipped, zipped_twice, in_a_folder, in_a_zip_with_folders, with_a_mark]
OF_JSON: list[Packing] = [pretty, minified, with_windows_lines]
OF_LISTS: list[Packing] = [in_shards, wrapped, one_by_one]


def _json(sample: samples.Sample) -> list[object]:
    value: list[object] = json.loads(sample.content)
    return value


def _is_json(sample: samples.Sample) -> bool:
    try:
        json.loads(sample.content)
    except ValueError:
        return False
    return True


def _is_list_of_conversations(sample: samples.Sample) -> bool:
    """Whether each element stands for itself, so that a file may hold any number of them."""
    document = documents.document(sample.member, memoryview(sample.content))
    recognised = formats.recognised(document)
    value = json.loads(sample.content)
    return recognised is not None and isinstance(value, list) and len([*recognised[0].read(document)]) == len(value)


def packed() -> Iterator[tuple[str, Packing]]:
    for sample in SAMPLES.values():
        ways = [*PACKINGS]
        if _is_json(sample):
            ways += OF_JSON + (OF_LISTS if _is_list_of_conversations(sample) else [])
        elif sample.member.endswith(".jsonl"):
            ways.append(lines_of_windows)
        yield from ((sample.name, way) for way in ways)


@pytest.mark.parametrize(("name", "way"), [*packed()])
def test_the_same_rows(name: str, way: Packing, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    plain = rows(file(sample, tmp_path / "plain", sample.content))
    assert plain
    assert rows(way(sample, tmp_path / "packed")) == plain


@pytest.mark.parametrize("name", SAMPLES)
def test_one_format_alone_recognises_a_sample(name: str) -> None:
    document = documents.document("export", memoryview(SAMPLES[name].content))
    assert [each.NAME for each in formats.FORMATS if each.recognises(document)] == [name]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_members_own_name_is_known(name: str) -> None:
    assert formats.known(SAMPLES[name].member)


def test_every_format_has_a_sample_and_a_page() -> None:
    names = {each.NAME for each in formats.FORMATS}
    assert names == {*SAMPLES}
    assert {f"{name.replace('_', '-')}.md" for name in names} == {
        path.name for path in Path("docs/formats").glob("*.md")
    }
