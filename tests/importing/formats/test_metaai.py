from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint.importing import formats, shapes
from soulprint.importing.formats import metaai
from soulprint.importing.parsing import documents
from soulprint.kinds import Role
from tests.importing.formats import metaai_exports as exports

WILD = st.one_of(
    st.none(), st.integers(), st.text(max_size=5), st.lists(st.none()), st.dictionaries(st.text(), st.none())
)


def found(content: bytes | object) -> list[shapes.Found]:
    written = content if isinstance(content, bytes) else exports.written(content)
    outcomes = [*metaai.read(documents.document("export", memoryview(written)))]
    return [each for each in outcomes if isinstance(each, shapes.Found)]


def conversations(content: bytes | object) -> list[shapes.ParsedConversation]:
    return [each.conversation for each in found(content) if each.conversation]


def said(content: bytes | object) -> list[tuple[Role, str]]:
    return [(each.role, each.text) for talk in conversations(content) for each in talk.messages]


def counts(content: bytes | object) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in found(content):
        for kind, number in (each.left_out | each.unknown).items():
            total[kind] = total.get(kind, 0) + number
    return total


def recognised(content: bytes | object) -> str | None:
    written = content if isinstance(content, bytes) else exports.written(content)
    return metaai.recognises(documents.document("export", memoryview(written)))


# Pages


def test_the_page_of_the_accounts_centre() -> None:
    assert recognised(exports.page())
    made = conversations(exports.page())
    assert [[(str(each.role), each.text) for each in talk.messages] for talk in made] == [
        [("user" if label == "You" else "assistant", text) for label, text in turns] for _, turns in exports.TALKS
    ]
    assert [each.started_at for each in made] == [
        datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 5, 21, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC),
    ]  # fmt: skip
    assert not any(each.zone_known for each in made)
    assert all(message.sent_at is None for each in made for message in each.messages)


def test_a_page_in_another_language() -> None:
    turns = [("Du", "Hallo"), ("Meta AI", "Hallo! Also:\nErstens: ja")]
    content = exports.page([("20-05-2026", turns), ("02-06-2026", turns[:2])], "Unterhaltung mit Meta AI")
    assert said(content)[:2] == [(Role.USER, "Hallo"), (Role.ASSISTANT, "Hallo! Also:\nErstens: ja")]
    assert [each.started_at for each in conversations(content)] == [
        datetime(2026, 5, 20, tzinfo=UTC),
        datetime(2026, 6, 2, tzinfo=UTC),
    ]


def test_ids_of_a_page_stay() -> None:
    before = conversations(exports.page(exports.TALKS[:2]))
    assert [each.provider_id for each in before] == [each.provider_id for each in conversations(exports.page())][:2]


def test_a_page_without_meta_ai_is_not_recognised() -> None:
    assert recognised(b"<html><td>You: Meta AI is nice</td></html>") is None
    assert recognised(b"<html><p>\nMeta AI: hello</p></html>") is None


@given(st.lists(st.tuples(st.sampled_from(["You", "Meta AI", "Note"]), st.text(alphabet="ab :\n", max_size=12))))
def test_no_line_of_a_thread_is_lost(turns: list[tuple[str, str]]) -> None:
    lines = [f"{label}: {text}" for label, text in turns]
    person = metaai.person_label(lines)
    text = "\n".join(["Meta AI: first", *lines])
    pieces = "".join(label + said for label, said in metaai.spoken(text, person))
    for mark in ("a", "b"):
        assert pieces.count(mark) >= sum(text.count(mark) for _, text in turns)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_wild_pages(junk: bytes) -> None:
    good = exports.page()
    content = good.replace(b"</body>", junk + b"<td>" + junk + b"\nMeta AI: x</td></body>")
    assert len(conversations(content)) >= 3


# JSON


@pytest.mark.parametrize("labels", [(), ("Nachricht", "Absender")])
def test_threads_as_labels(labels: tuple[str, ...]) -> None:
    entries = [
        exports.entry("Meta AI", "", 0, note="Meta AI named the group.", labels=labels),
        exports.entry("Zoë", "Grüße 😂", 1, labels=labels),
        exports.entry("Meta AI", "It’s fine", 1, labels=labels),
    ]
    content = [exports.labelled(entries)]
    assert recognised(content)
    assert said(content) == [(Role.USER, "Grüße 😂"), (Role.ASSISTANT, "It’s fine")]
    (made,) = conversations(content)
    assert (made.provider_id, made.title, made.zone_known) == ("301", None, True)
    assert counts(content) == {"system": 1}


def test_a_thread_in_which_all_have_one_name_is_left_out() -> None:
    content = [exports.labelled([exports.entry("Zoë", "hi", 1), exports.entry("Zoë", "hello", 2)])]
    assert not conversations(content)
    assert counts(content) == {metaai.UNCLEAR: 2}


def test_threads_as_fields() -> None:
    content = exports.fields([("Zoë", "été"), ("Meta AI", "Oui – l’été")])
    assert recognised(content)
    assert said(content) == [(Role.USER, "été"), (Role.ASSISTANT, "Oui – l’été")]
    assert conversations(content)[0].started_at == datetime(2025, 6, 27, 10, 10, tzinfo=UTC)


def test_threads_with_people_are_not_recognised() -> None:
    assert recognised(exports.fields([("Zoë", "hi"), ("Ben", "hello")])) is None
    assert recognised(exports.fields([("Zoë", "hi"), ("Meta AI", "hello")], others=["Ben"])) is None


@pytest.mark.parametrize("text", ["plain", "é", "Ã", "日本", "Ã©日"])
def test_text_that_is_no_mojibake_stays(text: str) -> None:
    assert metaai.repaired(text) == text
    assert metaai.repaired(exports.mojibake(text)) == text


@given(st.lists(st.tuples(st.sampled_from(["messages", "label_values", "title", "fbid", "participants"]), WILD)))
def test_wild_threads(wild: list[tuple[str, Any]]) -> None:
    good = exports.fields([("Zoë", "hi"), ("Meta AI", "hello")])
    content = [good | {name: value} for name, value in wild]
    assert len(found([*content, good])) == len(content) + 1


def test_nulls_everywhere() -> None:
    empty = exports.fields([]) | {"messages": [None, {}, {"sender_name": None, "content": None}, 3]}
    entries = {
        "label_values": [None, {}, {"dict": [None, {}, {"dict": [None, {}, {"timestamp_value": 5}]}]}],
        "fbid": None,
    }
    assert not conversations([empty, entries, {}])


# WhatsApp

IPHONE = """\
[20.05.26, 14:03:12] Meta AI: \u200eMessages are generated by AI. Some may be inaccurate or inappropriate.
[20.05.26, 14:03:12] Zoë: Hi
how are you: well?
[20.05.26, 14:03:20] Meta AI: Fine! \u200e<This message was edited>
\u200e[20.05.26, 14:04:00] Zoë: \u200eimage omitted
[21.05.26, 09:00:00] Zoë: Next day
"""


def test_a_chat_of_whatsapp_on_an_iphone() -> None:
    content = IPHONE.encode()
    assert recognised(content)
    made = conversations(content)
    assert [[(each.role, each.text) for each in talk.messages] for talk in made] == [
        [(Role.USER, "Hi\nhow are you: well?"), (Role.ASSISTANT, "Fine!")],
        [(Role.USER, "Next day")],
    ]
    assert counts(content) == {"system": 1, "media": 1}
    assert made[0].messages[0].sent_at == datetime(2026, 5, 20, 14, 3, 12, tzinfo=UTC)
    assert all(each.is_inferred and not each.zone_known for each in made)


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        (("5/20/26, 2:03\u202fPM - ", "5/20/26, 2:04 PM - "), datetime(2026, 5, 20, 14, 3, tzinfo=UTC)),
        (("[1/2/26, 12:06:07 AM] ", "[1/2/26, 12:07:07 AM] "), datetime(2026, 1, 2, 0, 6, 7, tzinfo=UTC)),
        (("01/02/2026, 14:03 - ", "01/02/2026, 14:04 - "), datetime(2026, 2, 1, 14, 3, tzinfo=UTC)),
        (("01.02.26, 14:03 - ", "01.02.26, 14:04 - "), datetime(2026, 2, 1, 14, 3, tzinfo=UTC)),
        (("2026-02-01, 14:03 - ", "2026-02-01, 14:04 - "), datetime(2026, 2, 1, 14, 3, tzinfo=UTC)),
        (("3/1/26, 14:03 - ", "3/1/26, 14:04 - ", "3/31/26, 14:04 - "), datetime(2026, 3, 1, 14, 3, tzinfo=UTC)),
        (("11/1/26, 14:03 - ", "11/1/26, 14:04 - ", "11/2/26, 14:04 - ", "12/1/26, 14:04 - "), None),
    ],
)
def test_the_dates_of_other_phones(stamps: tuple[str, ...], expected: datetime | None) -> None:
    senders = ("Zoë", "Meta AI")
    lines = [f"{stamp}{senders[number % 2]}: text {number}" for number, stamp in enumerate(stamps)]
    content = "\r\n".join(["not a message", *lines]).encode()
    assert recognised(content)
    made = conversations(content)
    assert [each.text for talk in made for each in talk.messages] == [f"text {number}" for number in range(len(stamps))]
    if expected:
        assert made[0].started_at == expected


def test_chats_with_people_are_not_recognised() -> None:
    human = "[20.05.26, 14:03:12] Zoë: Hi\n[20.05.26, 14:03:20] Ben: Meta AI: is nice\n".encode()
    group = human + b"[20.05.26, 14:03:20] Meta AI: Hello\n"
    assert recognised(human) is None
    assert recognised(group) is None
    assert recognised(b"Meta AI: hello\nYou: hi") is None


def test_a_third_sender_later_on_is_not_the_person() -> None:
    filling = "[21.05.26, 09:00:00] Zoë: and so on\n".encode() * 2000
    content = IPHONE.encode() + filling + b"[21.05.26, 09:01:00] Ben: hello\n"
    assert counts(content)[metaai.UNCLEAR] == 1
    assert "hello" not in [text for _, text in said(content)]


def test_ids_of_a_chat_stay() -> None:
    later = IPHONE.encode() + b"[21.05.26, 09:01:00] Meta AI: Good morning\n"
    assert [each.provider_id for each in conversations(IPHONE.encode())] == [
        each.provider_id for each in conversations(later)
    ]


@given(st.lists(st.text(max_size=20), max_size=8), st.binary(max_size=100))
def test_wild_chats(lines: list[str], junk: bytes) -> None:
    wild = "".join(f"[20.05.26, 14:05:00] Zoë: {line}\n" for line in lines).encode("utf-8", "surrogatepass")
    content = IPHONE.encode() + wild + junk
    assert len(conversations(content)) >= 2


# All


@pytest.mark.parametrize(
    "content",
    [
        exports.page(),
        IPHONE.encode(),
        exports.written([exports.fields([("Zoë", "hi"), ("Meta AI", "hello")])]),
        exports.written([exports.labelled([exports.entry("Zoë", "hi", 1), exports.entry("Meta AI", "yes", 2)])]),
    ],
)
def test_no_other_format_recognises_it(content: bytes) -> None:
    document = documents.document("export", memoryview(content))
    assert [each.NAME for each in formats.FORMATS if each.recognises(document)] == ["metaai"]


@pytest.mark.parametrize(
    ("path", "is_member"),
    [
        (exports.MEMBER, True),
        ("your_instagram_activity/messages/ai_conversations.json", True),
        ("WhatsApp Chat with Meta AI.txt", True),
        ("WhatsApp Chat - Meta AI/_chat.txt", True),
        ("meta_ai_profile/your_meta_ai_profile.html", False),
    ],
)
def test_members(path: str, is_member: bool) -> None:
    assert bool(metaai.MEMBERS.search(path.lower())) is is_member
