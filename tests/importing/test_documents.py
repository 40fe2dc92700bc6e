from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.importing.parsing import documents

DEEP = b"[" * 100_000 + b"]" * 100_000


def elements(content: bytes) -> list[bytes | None]:
    """Each element's bytes; None for a cut."""
    document = documents.document("x", memoryview(content))
    return [None if isinstance(each, documents.CutOff) else bytes(each) for each in document.elements()]


@pytest.mark.parametrize(
    "content",
    [
        b'[{"a":1},{"b":[2,3]}]',
        b'\xef\xbb\xbf  [ {"a":1} ,\r\n {"b":[2,3]} ]\n',
        b'{"version":1,"conversations":[{"a":1},{"b":[2,3]}]}',
        b'{"a":1}\n\n{"b":[2,3]}\n',
        b'{"a":1}\r\n{"b":[2,3]}',
    ],
)
def test_every_layout_gives_the_same_elements(content: bytes) -> None:
    assert [json.loads(each or b"null") for each in elements(content)] == [{"a": 1}, {"b": [2, 3]}]


def test_one_object_is_one_element() -> None:
    assert elements(b' {"a": {"conversations": []}} ') == [b'{"a": {"conversations": []}} ']
    assert elements(b'{"conversations": {"a": 1}}') == [b'{"conversations": {"a": 1}}']


@pytest.mark.parametrize(
    "bad",
    [
        b'{"a":"\\ud83d"}',
        b'{"a":NaN}',
        b'{"a":"\x01\n"}',
        b'{"a":1,}',
        b"{'a':\"}\"}",
        DEEP,
        b'"]"',
        b"nonsense",
    ],
)
def test_a_bad_element_costs_no_other(bad: bytes) -> None:
    around = b'[{"b":"[\\"{"},' + bad + b',{"c":"\xe2\x80\xa6]"}]'
    assert elements(around) == [b'{"b":"[\\"{"}', bad, b'{"c":"\xe2\x80\xa6]"}']


def test_a_bad_element_in_a_wrapper_costs_no_other() -> None:
    assert elements(b'{"x":[1],"conversations":[{"a":NaN},{"b":2}],"y":[{"c":3}]}') == [b'{"a":NaN}', b'{"b":2}']


def test_stray_brackets_are_passed_over() -> None:
    assert elements(b'[{"a":1}},{"b":2}]') == [b'{"a":1}', b'{"b":2}']


@pytest.mark.parametrize("cut", [b'[{"a":1},{"b":"x', b'[{"a":1},{"b":[', b'[{"a":1},', b'[{"a":1}'])
def test_what_is_whole_of_a_cut_file_is_kept(cut: bytes) -> None:
    assert elements(cut) == [b'{"a":1}', None]


@pytest.mark.parametrize("content", [b"", b"  ", b"hello", b"12", b"[]", b"[ ]", b"\x00\xff"])
def test_what_holds_no_element(content: bytes) -> None:
    assert elements(content) == []


@given(
    st.lists(
        st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)), max_size=5
    )
)
def test_the_scanner_agrees_with_json(values: list[object]) -> None:
    content = memoryview(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    scanned = [*documents.scanned(content, 1, listed=True)]
    assert [json.loads(bytes(each)) for each in scanned if not isinstance(each, documents.CutOff)] == values


@given(st.binary(max_size=200))
def test_no_bytes_are_too_wild(content: bytes) -> None:
    for start in (b"", b"[", b'[{"', b'{"conversations":['):
        elements(start + content)


@pytest.mark.parametrize("start", [b"[", b'{"conversations":['])
def test_a_list_of_millions_of_numbers_is_read_one_by_one(start: bytes) -> None:
    content = start + b"0," * 10_000_000 + b'{"a":1}'
    document = documents.document("x", memoryview(content))
    assert document.sample == [0] * documents.SAMPLED
