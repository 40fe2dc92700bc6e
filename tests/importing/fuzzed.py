"""What must hold for any bytes at all: nothing crashes, hangs or eats memory."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from zlib import crc32

from soulprint import errors
from soulprint.importing import formats, shapes
from soulprint.importing.files import archives
from soulprint.importing.parsing import documents
from tests.importing import exports, samples

LIMIT = 64 * 1024 * 1024


def check(content: bytes, folder: Path) -> None:
    """Read `content` as a file of the format that it is of, and of another one, whose it isn't; and as an archive."""
    document = documents.document("fuzzed.json", memoryview(content))
    recognised = formats.recognised(document)
    another = formats.FORMATS[crc32(content) % len(formats.FORMATS)]
    for format_ in (recognised[0] if recognised else another, another):
        for outcome in format_.read(documents.document("fuzzed.json", memoryview(content))):
            assert isinstance(outcome, shapes.Found | shapes.Skipped | shapes.Failed)
    path = exports.written(folder / "fuzzed.zip", content)
    with suppress(errors.SoulprintError):
        for member in archives.survey([path], formats.known, folder, LIMIT).members:
            member.open(folder)


def write_corpus(folder: Path) -> None:
    """The samples as the fuzzer's first inputs, bare and packed."""
    for sample in samples.samples():
        exports.written(folder / sample.name, sample.content)
        exports.written(folder / f"{sample.name}.zip", exports.zipped({sample.member: sample.content}))
