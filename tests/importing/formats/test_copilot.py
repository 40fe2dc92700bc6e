from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.importing import shapes
from soulprint.importing.formats import copilot
from soulprint.importing.parsing import documents, elements
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


def test_the_times_of_the_chat_table() -> None:
    rows = [("2/5/2026 10:00:00 +01:00", "q", "user", "Roses"), ("2/5/2026 10:00:01 +01:00", "a", "bot", "Roses")]
    (talk,) = talks(exports.table(rows, ("CreatedAt", "MessageContent", "Author", "ChatName")))
    assert [(message.role, message.text) for message in talk.messages] == [("user", "q"), ("assistant", "a")]
    assert talk.started_at == shapes.moment("2026-02-05T09:00:00Z")
    assert talk.zone_known


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["5/2/2026 1:02:03 PM"], "2026-05-02T13:02:03Z"),
        (["05/02/2026 13:02", "13/02/2026 13:02"], "2026-02-05T13:02:00Z"),
        (["05.02.2026 13:02:03"], "2026-02-05T13:02:03Z"),
        (["2026-02-05 13:02:03.1234567"], "2026-02-05T13:02:03.123456Z"),
    ],
)
def test_ways_to_write_a_time(written: list[str], expected: str) -> None:
    first, *_ = talks(exports.table([(str(number), time, "Human", "q") for number, time in enumerate(written)]))
    assert first.started_at == shapes.moment(expected)
    assert not first.zone_known


def test_one_title_used_again_much_later_is_another_talk() -> None:
    rows = [("New chat", "2024-01-01T10:00:00", "Human", "a"), ("New chat", "2024-03-01T10:00:00", "Human", "b")]
    assert [[message.text for message in talk.messages] for talk in talks(exports.table(rows))] == [["a"], ["b"]]
    assert all(talk.is_inferred for talk in talks(exports.table(rows)))


def test_rows_without_a_title_are_parted_at_the_pauses() -> None:
    times = ("10:00", "10:20", "11:00")
    found = talks(exports.table([("", f"2024-01-01T{time}:00", "Human", time) for time in times]))
    assert [[message.text for message in talk.messages] for talk in found] == [["10:00", "10:20"], ["11:00"]]
    assert all(talk.is_inferred and talk.title is None for talk in found)


@pytest.mark.parametrize("authors", [("Human", "Sydney"), ("Vous", "AI"), ("USER", " copilot ")])
def test_a_name_that_is_not_known_is_that_of_the_other_side(authors: tuple[str, str]) -> None:
    (talk,) = talks(exports.table([("a", "2024-01-01T10:00:00", author, "x") for author in authors]))
    assert [message.role for message in talk.messages] == ["user", "assistant"]


def test_names_of_which_none_is_known_are_reported() -> None:
    (made,) = outcomes(exports.table([("a", "2024-01-01T10:00:00", author, "x") for author in ("Vous", "Bob", "")]))
    assert made == shapes.Found(unknown={"author vous": 1, "author bob": 1, "no author": 1}, counts=False)


def test_the_order_is_told_by_the_answers_where_all_times_are_the_same() -> None:
    rows = [("a", "2024-01-01T10:00:00", author, text) for author, text in (("AI", "4"), ("Human", "3"))]
    assert said(exports.table([*rows, *((t, w, a, str(int(m) - 2)) for t, w, a, m in rows)])) == {
        "a": ["1", "2", "3", "4"]
    }


def test_titles_that_alternate_do_not_hide_the_order() -> None:
    rows = [("a", f"2024-01-0{day}T10:00:00", "Human", f"a{day}") for day in (2, 1)]
    rows += [("b", f"2024-01-0{day}T10:00:00", "Human", f"b{day}") for day in (9, 8)]
    assert said(exports.table(rows)) == {"b": ["b8", "b9"], "a": ["a1", "a2"]}


def test_a_longer_export_has_the_same_ids() -> None:
    ids = [talk.provider_id for talk in talks(exports.table(exports.ROWS[:2]))]
    assert ids == [talk.provider_id for talk in talks(exports.table(exports.ROWS[:4]))]


@pytest.mark.parametrize(
    "broken", [b'Sums,2024-05-21T08:00:00,Human,"never closed', b'Sums,2024-05-21T08:00:00,Human,a 5" s']
)
def test_a_mark_that_is_never_closed_costs_no_other_row(broken: bytes) -> None:
    lines = exports.table(exports.ROWS).split(b"\r\n")
    for place in (1, len(lines) - 1):
        made = said(b"\r\n".join([*lines[:place], broken, *lines[place:]]))
        assert {title: texts for title, texts in made.items() if title != "Sums"} == {
            title: texts for title, texts in SAID.items() if title != "Sums"
        }
        assert sorted(made["Sums"])[:2] == sorted(SAID["Sums"])
        assert len(made["Sums"]) == 3


def test_a_mark_that_is_never_closed_swallows_no_rows_without_marks() -> None:
    plain = [f"Sums,2024-05-21T08:{number % 60:02}:00,Human,{number}".encode() for number in range(100_000)]
    lines = [b"Conversation,Time,Author,Message", b'Sums,2024-05-21T07:00:00,Human,"open', *plain]
    assert len(said(b"\n".join(lines))["Sums"]) == 100_001


def test_marks_that_open_anew_in_each_line_take_linear_time() -> None:
    made = outcomes(b"Conversation,Time,Author,Message\n" + b'a",b,"\n' * 200_000)
    failed = [each for each in made if isinstance(each, shapes.Failed)]
    assert len(failed) == 200_000


def test_fields_are_kept_as_they_are() -> None:
    texts = ["+1", "-2", "@x", "=1+1", "a\r\nb", "a\rb", "a\0b", " x ", "x" * 300_000, "\u201cquoted\u201d", '"']
    rows = [("a", f"2024-01-01T10:00:{number:02}", "Human", text) for number, text in enumerate(texts)]
    assert said(exports.table(rows))["a"] == texts


def test_what_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "LARGEST", 3 * copilot.ROW)
    failed, *found = outcomes(exports.sample())
    assert failed == shapes.Failed("too_large", "copilot-activity-history.csv#3")
    assert len(found) == 2


def test_the_progress_is_told_while_rows_are_read() -> None:
    rows = [("a", f"2024-01-01T10:{number:02}:00", "Human", "x" * 100_000) for number in range(60)]
    made = outcomes(exports.table(rows))
    assert len([each for each in made if isinstance(each, shapes.Found) and not each.counts]) > 5


def test_rows_that_are_none_are_counted() -> None:
    content = exports.table([*exports.ROWS, ("only one field",), ("x", "soon", "nobody", "lost")])
    failed = [each for each in outcomes(content) if isinstance(each, shapes.Failed)]
    assert [each.reason for each in failed] == ["not_a_row", "not_a_row"]
    assert said(content) == SAID


@pytest.mark.parametrize(
    "header",
    [
        b"a,b,c",
        b"Date,Description,Amount\r\n2024-01-01,Rent,5",
        b"Message",
        b"[]",
        b"",
        b"Time,Message",
        b"Time,App,Message",
    ],
)
def test_other_tables_are_not_recognised(header: bytes) -> None:
    assert copilot.recognises(documents.document("x.csv", memoryview(header))) is None


ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


@given(
    st.lists(st.tuples(ANY_TEXT, st.sampled_from(("Human", "AI")), ANY_TEXT), min_size=1, max_size=8),
    st.sampled_from((",", ";", "\t")),
    st.sampled_from(("\r\n", "\n")),
    st.booleans(),
)
def test_whatever_is_written_is_read(rows: list[tuple[str, str, str]], delimiter: str, end: str, newest: bool) -> None:
    timed = [(title, f"2024-05-20T10:00:{n:02}", author, text) for n, (title, author, text) in enumerate(rows)]
    listed = timed[::-1] if newest else timed
    content = exports.table(listed, delimiter=delimiter, end=end, quoting=csv.QUOTE_ALL)
    assert not [each for each in outcomes(content) if not isinstance(each, shapes.Found)]
    read = [message.text for talk in talks(content) for message in talk.messages]
    assert sorted(read) == sorted(text for *_, text in rows if text.strip())


@given(
    st.lists(st.sampled_from(("a", '"', '""', ",", "\r", "\n", "\r\n", "Human", "2024-05-20T10:00:00")), max_size=40)
)
def test_any_junk_between_rows_costs_none_that_follow(junk: list[str]) -> None:
    good = '"Good","2024-05-21T10:00:00","Human","the good one"\r\n'
    content = f"Conversation,Time,Author,Message\r\n{''.join(junk)}\r\n{good * 3}".encode()
    assert sum(texts.count("the good one") for texts in said(content).values()) >= 2


@given(st.text(), st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=20), st.text(max_size=20)), max_size=8))
def test_any_rows_and_any_junk_can_be_read(junk: str, rows: list[tuple[str, str, str]]) -> None:
    table = exports.table([(title, "2024-05-20T10:00:00", author, text) for title, author, text in rows])
    outcomes(table + junk.encode("utf-8", "replace"))
