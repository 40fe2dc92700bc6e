from __future__ import annotations

import os
from pathlib import Path

from soulprint import importing
from tests.importing import exports


def test_the_same_files_in_any_order(tmp_path: Path) -> None:
    one, two = exports.written(tmp_path / "a.json", b"1"), exports.written(tmp_path / "b.json", b"2")
    assert importing.fingerprint([one, two]) == importing.fingerprint([two, one])
    assert importing.fingerprint([one]) != importing.fingerprint([one, two])


def test_a_change_of_name_size_or_time_makes_another(tmp_path: Path) -> None:
    path = exports.written(tmp_path / "a.json", b"1")
    seen = {importing.fingerprint([path])}
    path.write_bytes(b"12")
    seen.add(importing.fingerprint([path]))
    os.utime(path, ns=(0, 5))
    seen.add(importing.fingerprint([path]))
    seen.add(importing.fingerprint([path.rename(tmp_path / "b.json")]))
    seen.add(importing.fingerprint([tmp_path / "missing"]))
    assert len(seen) == 5


def test_a_folder_stands_for_all_that_is_in_it(tmp_path: Path) -> None:
    inner = exports.written(tmp_path / "export" / "deep" / "a.json", b"1")
    before = importing.fingerprint([tmp_path / "export"])
    assert importing.fingerprint([tmp_path / "export"]) == before
    os.utime(inner, ns=(0, 5))
    assert importing.fingerprint([tmp_path / "export"]) != before
