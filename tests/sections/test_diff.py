"""What changed from one version to the next, and why."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from soulprint import sections
from soulprint.kinds import ClaimKind
from soulprint.records import VersionKind
from soulprint.records.sections import (
    Agents,
    ClaimText,
    Identity,
    Line,
    Measure,
    MemoryPart,
    Quote,
    Sections,
    Soul,
    Source,
    Tools,
    User,
)
from soulprint.sections import Change, Kind, Version
from tests.rows import NOON


def said(message: int, fact: int | None = None, *, year: int = 2024, talk: int | None = None) -> Quote:
    """A quote of a message, which proves a fact where one is given."""
    return Quote(
        message_id=message,
        conversation_id=uuid.UUID(int=talk or message),
        title=None,
        said_at=datetime(year, 5, 12, tzinfo=UTC),
        start=0,
        end=5,
        text="Hello",
        fact_id=fact,
    )


def counted(value: str) -> Measure:
    return Measure(name="median words in a message", value=value, over=1234)


def line(text: str, *sources: Source) -> Line:
    return Line(text=text, sources=sources)


CLAIM = ClaimText(claim_id=1, claim_kind=ClaimKind.HOW_TO_ANSWER, said_at=NOON, text="Be brief. No emoji.")


def version(number: int, memory: dict[str, list[Line]], **fields: list[Line]) -> Version:
    """A version with these fields, found by their names."""
    empty: dict[str, Any] = {"soul": Soul, "identity": Identity, "user": User, "agents": Agents, "tools": Tools}
    made = {
        name: kind(**{field: lines for field, lines in fields.items() if field in kind.model_fields})
        for name, kind in empty.items()
    }
    return Version(
        number=number,
        kind=VersionKind.QUICK if number == 1 else VersionKind.FULL,
        sections=Sections[Line](**made),
        memory=[MemoryPart(title=title, lines=lines) for title, lines in memory.items()],
        model="local",
        note=None,
        conversations_read=3,
        conversations_total=4,
        cost_usd=Decimal(0),
        created_at=NOON,
    )


QUICK = version(
    1,
    {"Preferences": [line("“I prefer metric units.”", said(5))], "Projects": [line("Builds a boat", said(8))]},
    communication_style=[line("Writes 11 words a message.", counted("11"))],
    ai_name=[line("Juniper")],
    vibe=[line("Calm.")],
    location=[line("I live in Leeds.", said(1, year=2023))],
    interests=[line("I bake.", said(3)), line("I run on Sundays.", said(4)), line("Collects stamps.", said(6))],
    response_style=[line("Be brief.", CLAIM)],
    do_not=[line("No emoji.", CLAIM)],
)
FULL = version(
    2,
    {
        "Preferences": [line("Prefers metric units.", said(5, 70), said(55, 70))],
        "Projects": [line("Trains for a marathon in Lyon", said(20, 71), said(21, 71), said(22, 72, talk=21))],
        "Garden": [line("Grows dahlias", said(30, 75))],
    },
    communication_style=[line("Writes 9 words a message.", counted("9"))],
    personality_traits=[line("Curious", said(40), said(41))],
    ai_name=[line("Juniper")],
    vibe=[line("Warm.")],
    location=[line("Lives in Lyon since May 2024.", said(2, 73), said(1, 73, year=2023))],
    interests=[line("Runs every Sunday.", said(4, 74)), line("Bakes bread with a friend.", said(3, 76))],
    response_style=[line("Be brief.", CLAIM)],
    humor_style=[line("Dry.", counted("9"), CLAIM)],
)


def told(changes: list[Change]) -> list[tuple[str, ...]]:
    return [
        (
            f"{one.section}.{one.field}",
            one.kind,
            one.before.text if one.before else "",
            one.after.text if one.after else "",
            one.why,
        )
        for one in changes
    ]


def test_what_the_full_pass_changed() -> None:
    assert told(sections.diff(QUICK, FULL)) == snapshot(
        [
            (
                "soul.communication_style",
                Kind.CHANGED,
                "Writes 11 words a message.",
                "Writes 9 words a message.",
                "counted anew",
            ),
            ("soul.personality_traits", Kind.ADDED, "", "Curious", "said in 2 conversations"),
            ("soul.humor_style", Kind.ADDED, "", "Dry.", "counted over 1,234 messages, custom instructions"),
            ("identity.vibe", Kind.CHANGED, "Calm.", "Warm.", "worded anew"),
            (
                "user.location",
                Kind.CHANGED,
                "I live in Leeds.",
                "Lives in Lyon since May 2024.",
                "newer statement of May 2024",
            ),
            ("user.interests", Kind.CHANGED, "I run on Sundays.", "Runs every Sunday.", "1 fact from 1 conversation"),
            ("user.interests", Kind.CHANGED, "I bake.", "Bakes bread with a friend.", "1 fact from 1 conversation"),
            ("user.interests", Kind.DROPPED, "Collects stamps.", "", "no line rests on it any more"),
            ("agents.do_not", Kind.DROPPED, "No emoji.", "", "no longer taken from custom instructions"),
            (
                "memory.Preferences",
                Kind.CHANGED,
                "“I prefer metric units.”",
                "Prefers metric units.",
                "1 fact from 2 conversations",
            ),
            ("memory.Projects", Kind.ADDED, "", "Trains for a marathon in Lyon", "2 facts from 2 conversations"),
            ("memory.Projects", Kind.DROPPED, "Builds a boat", "", "no line rests on it any more"),
            ("memory.Garden", Kind.ADDED, "", "Grows dahlias", "1 fact from 1 conversation"),
        ]
    )


def test_a_superseded_fact_gives_way_to_the_newer() -> None:
    older = version(2, {"Decisions": [line("Lives in Leeds", said(1, 1, year=2022)), line("Has a cat", said(3, 3))]})
    newer = version(3, {"Decisions": [line("Has a cat", said(3, 3)), line("Lives in Lyon", said(2, 2))]})
    assert told(sections.diff(older, newer)) == [
        (
            "memory.Decisions",
            Kind.CHANGED,
            "Lives in Leeds",
            "Lives in Lyon",
            "newer statement of May 2024, in place of one of May 2022",
        )
    ]


def test_a_version_does_not_differ_from_itself() -> None:
    assert sections.diff(QUICK, QUICK) == []
    assert sections.diff(FULL, replace(FULL, number=3)) == []


def test_another_language_is_the_same_line_when_it_rests_on_the_same_facts() -> None:
    older, newer = line("Vit à Lyon", said(1, 1)), line("Lives near the river", said(1, 1))
    changes = sections.diff(version(2, {"A": [older]}), version(3, {"A": [newer]}))
    assert [(one.kind, one.why) for one in changes] == [(Kind.CHANGED, "worded anew")]


lines = st.lists(
    st.builds(
        line,
        st.sampled_from(["Lives in Lyon", "Lives in Leeds", "Has a cat", "Has a dog", "Likes tea", "Runs", ""]),
        st.builds(said, st.integers(1, 5), st.none() | st.integers(1, 4)),
    ),
    max_size=8,
)


@given(lines, lines)
def test_every_line_is_accounted_for_once(before: list[Line], after: list[Line]) -> None:
    changes = sections.diff(version(1, {"A": before}), version(2, {"A": after}))
    same = len(before) - sum(one.before is not None for one in changes)
    assert same == len(after) - sum(one.after is not None for one in changes)
    assert 0 <= same <= min(len(before), len(after))
    assert all((one.before is None) == (one.kind is Kind.ADDED) for one in changes)
    assert all((one.after is None) == (one.kind is Kind.DROPPED) for one in changes)


def test_thousands_of_lines_take_no_time_to_speak_of() -> None:
    older = [line(f"Likes thing {n} and thing {n + 1}", said(n, n)) for n in range(1, 3001)]
    newer = [line(f"Likes thing {n} and thing {n + 2}", said(n, n)) for n in range(2000, 5001)]
    changes = sections.diff(version(2, {"A": older}), version(3, {"A": newer}))
    assert sum(one.kind is Kind.CHANGED for one in changes) >= 1000


# Words


def test_words_say_what_was_put_in_and_taken_out() -> None:
    assert sections.words("Lives in Leeds.", "Lives in Lyon since May.") == [
        ("=", "Lives in "),
        ("-", "Leeds"),
        ("+", "Lyon since May"),
        ("=", "."),
    ]
    assert sections.words("私は東京に住む", "私は京都に住む") == [
        ("=", "私は"),
        ("-", "東"),
        ("=", "京"),
        ("+", "都"),
        ("=", "に住む"),
    ]


@given(st.text(max_size=200), st.text(max_size=200))
def test_words_give_back_both_texts(before: str, after: str) -> None:
    found = sections.words(before, after)
    assert "".join(text for op, text in found if op != "+") == before
    assert "".join(text for op, text in found if op != "-") == after
    assert all(text for _, text in found)
