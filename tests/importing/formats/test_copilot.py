from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.importing import documents, shapes
from soulprint.importing.formats import copilot
from tests.importing.formats import copilot_exports as exports

SAID = {
    "Garden": ["How do I prune roses?", "In March,\nabove a bud.", 'And the "old" ones, too?', "Yes."],
    "Sums": ["=2+2", "4"],
    "Trip": ["Где жить в Лионе?", "Croix-Rousse 🚋"],
}


def outcomes(content: bytes) -> list[shapes.Outcome]:
    document = documents.document("copilot-activity-history.csv", memoryview(content))
    assert copilot.recognises(document)
    return [*copilot.read(document)]


def talks(content: bytes) -> list[shapes.ParsedConversation]:
    return [each.conversation for each in outcomes(content) if isinstance(each, shapes.Found) and each.conversation]


def said(content: bytes) -> dict[str | None, list[str]]:
    return {talk.title: [message.text for message in talk.messages] for talk in talks(content)}


@pytest.mark.parametrize("rows", [exports.ROWS, exports.ROWS[::-1]])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(("delimiter", "end"), [(",", "\r\n"), (";", "\n"), ("\t", "\r\n")])
def test_rows_in_either_order_are_the_talks(
    rows: tuple[tuple[str, ...], ...], mark: bytes, delimiter: str, end: str
) -> None:
    assert said(mark + exports.table(rows, delimiter=delimiter, end=end)) == SAID


def test_both_sides_and_times_of_an_unknown_zone() -> None:
    garden = next(talk for talk in talks(exports.sample()) if talk.title == "Garden")
    assert [message.role for message in garden.messages] == ["user", "assistant"] * 2
    assert garden.started_at == shapes.moment("2024-05-20T10:00:00Z")
    assert garden.updated_at == shapes.moment("2024-05-20T10:02:00Z")
    assert not garden.zone_known
    assert not garden.is_inferred


def test_a_zone_that_is_written_is_known() -> None:
    rows = [(title, f"{time}Z", author, text) for title, time, author, text in exports.ROWS]
    assert all(talk.zone_known for talk in talks(exports.table(rows)))


def test_the_other_layouts() -> None:
    named = [(time, text, author, title) for title, time, author, text in exports.ROWS]
    assert said(exports.table(named, ("CreatedAt", "MessageContent", "Author", "ChatName"))) == SAID
    prompts = [
        ("5/20/2024 2:03:12 PM", "Bing", "One"),
        ("5/20/2024 2:10:00 PM", "Bing", "Two"),
        ("5/20/2024 8:00:00 PM", "Edge", "Three"),
    ]
    found = talks(exports.table(prompts, ("Timestamp", "ClientApp", "Prompt")))
    assert [[message.text for message in talk.messages] for talk in found] == [["One", "Two"], ["Three"]]
    assert all(talk.is_inferred for talk in found)
    assert found[0].started_at == shapes.moment("2024-05-20T14:03:12Z")


def test_one_title_used_again_much_later_is_another_talk() -> None:
    rows = [("New chat", "2024-01-01T10:00:00", "Human", "a"), ("New chat", "2024-03-01T10:00:00", "Human", "b")]
    assert [[message.text for message in talk.messages] for talk in talks(exports.table(rows))] == [["a"], ["b"]]


def test_a_longer_export_has_the_same_ids() -> None:
    ids = [talk.provider_id for talk in talks(exports.table(exports.ROWS[:2]))]
    assert ids == [talk.provider_id for talk in talks(exports.table(exports.ROWS[:4]))]


def test_a_mark_that_is_never_closed_costs_its_own_row() -> None:
    lines = exports.table(exports.ROWS[4:], end="\n").split(b"\n")
    lines.insert(1, b'Sums,2024-05-21T08:00:00,Human,a 5" screen')
    assert [*said(b"\n".join(lines))] == ["Sums", "Trip"]
    assert said(b"\n".join(lines))["Trip"] == SAID["Trip"]


def test_rows_that_are_none_are_counted() -> None:
    content = exports.table([*exports.ROWS, ("only one field",), ("x", "soon", "nobody", "lost")])
    failed = [each for each in outcomes(content) if isinstance(each, shapes.Failed)]
    assert [each.reason for each in failed] == ["not_a_row", "not_a_row"]
    assert said(content) == SAID


@pytest.mark.parametrize(
    "header", [b"a,b,c", b"Date,Description,Amount\r\n2024-01-01,Rent,5", b"Message", b"[]", b"", b"Time,Message"]
)
def test_other_tables_are_not_recognised(header: bytes) -> None:
    assert copilot.recognises(documents.document("x.csv", memoryview(header))) is None


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=20), st.text(max_size=20)), max_size=8), st.text())
def test_any_rows_and_any_junk_can_be_read(rows: list[tuple[str, str, str]], junk: str) -> None:
    table = exports.table([(title, "2024-05-20T10:00:00", author, text) for title, author, text in rows])
    outcomes(table + junk.encode("utf-8", "replace"))
