from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from soulprint.facts import FactView
from soulprint.kinds import ClaimKind
from soulprint.quick_pass.evidence import Evidence, Pass
from soulprint.records import Claim
from soulprint.records.sections import Draft, Line, MemoryPart
from soulprint.sections import local
from tests.measuring.messages import say
from tests.rows import NOON, make_fact, make_line


def evidence_of(*texts: str, claims: list[Claim] | None = None) -> Evidence:
    history = Pass({})
    history.read([say(text, conversation=n) for n, text in enumerate(texts, 1)])
    return history.evidence(claims or [], history.ranked(None), history.counted(), with_embedder=True)


def said(number: int, text: str, **values: Any) -> FactView:
    """A fact in the person's own words."""
    return make_fact(number, text, text, **values)


def claim(text: str, said_at: datetime, number: int) -> Claim:
    return Claim(
        id=number, kind=ClaimKind.ABOUT_ME, text=text, said_at=said_at, provider="chatgpt", user_id=uuid.UUID(int=1)
    )


def draft_of(*facts: FactView, claims: list[Claim] | None = None) -> Draft:
    return local.draft(evidence_of("hello there", claims=claims), facts, [])


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def test_what_holds_now_comes_first_and_what_was_before_has_its_time() -> None:
    draft = draft_of(
        said(1, "I live in Leeds, near the canal.", status="superseded", superseded_by=2, true_to=date(2024, 5, 18)),
        said(2, "I've moved to Lyon!", said_last=NOON + timedelta(days=20)),
    )
    assert texts(draft.sections.user.location) == [
        "I've moved to Lyon!",
        "I live in Leeds, near the canal (until May 2024)",
    ]


def test_a_job_that_was_left_has_the_time_it_was_told() -> None:
    earlier = NOON - timedelta(days=400)
    draft = draft_of(
        said(1, "I work for a bakery in Ghent", about="job", status="superseded", superseded_by=2, said_last=earlier),
        said(2, "I'm a data engineer now", about="job"),
    )
    assert texts(draft.sections.user.occupation) == [
        "I'm a data engineer now",
        "I work for a bakery in Ghent (said in April 2023)",
    ]


def test_superseded_facts_stand_nowhere_else() -> None:
    draft = draft_of(said(1, "My sister Nora hates boats", about="sister", status="superseded", superseded_by=2))
    assert draft.sections.user.relationships == []


def test_rejected_and_disputed_facts_are_not_read() -> None:
    draft = draft_of(said(1, "I live in Oslo", status="rejected"), said(2, "I live in Rome", status="disputed"))
    assert draft.sections.user.location == []


def test_lines_rest_on_all_sources_of_their_fact() -> None:
    first = make_fact(3, "I'm allergic to nuts and my sister Nora is too", "nuts")
    again = first.sources[0].model_copy(update={"message_id": 8, "conversation_id": uuid.UUID(int=8)})
    fact = said(3, "My sister Nora lives in Cork", about="sister", sources=[first.sources[0], again])
    (line,) = draft_of(fact).sections.user.relationships
    assert [source.kind for source in line.sources] == ["quote", "quote"]


def test_standing_requests_become_rules() -> None:
    draft = draft_of(
        said(1, "from now on fish is fine, meat isn't", category="preferences"),
        said(2, "I like blunt reviews, please always review my code like that", category="preferences"),
        said(3, "please don't use tables anywhere", category="preferences"),
        said(4, "I prefer trains to planes", category="preferences"),
    )
    agents = draft.sections.agents
    shown = texts([*agents.behavioral_rules, *agents.do_not, *agents.context_adaptation, *agents.response_style])
    assert "I prefer trains to planes" not in shown
    assert {
        "from now on fish is fine, meat isn't",
        "I like blunt reviews, please always review my code like that",
        "please don't use tables anywhere",
    } <= set(shown)


def test_only_the_newest_custom_instructions_hold() -> None:
    newer = claim("I live in Lyon with Théo.", NOON, 2)
    older = claim("I live in Leeds and inspect bridges.", NOON - timedelta(days=300), 1)
    draft = draft_of(claims=[newer, older])
    assert texts(draft.sections.user.location) == [
        "I live in Lyon with Théo.",
        "I live in Leeds and inspect bridges (said in July 2023)",
    ]


def test_memory_is_taken_as_it_was_written() -> None:
    memory = [MemoryPart(title="Preferences", lines=[make_line("I prefer trains")])]
    assert local.draft(evidence_of("hello there"), [], memory).memory == memory
