"""How facts stand in a prompt, under which ids they are cited there, and which heading of MEMORY they come under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from soulprint.facts.proving import orders
from soulprint.facts.shapes import FactView
from soulprint.memory.store import Former, History
from soulprint.quick_pass import checking
from soulprint.quick_pass.checking import Ground
from soulprint.reading.sample import one_line
from soulprint.records import FactStatus
from soulprint.settings import Settings

TITLES = {
    "preferences": "Preferences",
    "projects": "Projects",
    "dates": "Important Dates",
    "beliefs": "Beliefs & Values",
    "decisions": "Decisions & Context",
}
"""Category -> heading."""

FORMERS = 2
"""Facts shown that held before another, the newest."""

LONGEST_FORMER = 160
"""Code points."""

NEVER_TOLD = History(0, ())


def titles(settings: Settings) -> dict[str, str]:
    """The headings of MEMORY by category, in order: the five, then the custom ones."""
    return TITLES | {name: name[:1].upper() + name[1:] for name in settings.categories if name not in TITLES}


def shown(fact: FactView, history: History) -> str:
    """One line of a prompt: `[f12 2023-05 to 2024-06, 3 conversations] Lives in Lyon (before: Lives in Leeds)`."""
    before = "; ".join(_former(one) for one in history.before[:FORMERS])
    return f"[{_label(fact, history)}] {one_line(fact.statement)}" + (f" (before: {before})" if before else "")


def citable(facts: Iterable[FactView], histories: Mapping[int, History]) -> dict[str, Ground]:
    """What a line may cite of these facts, by `f` and the fact's own id: so that the prompt stays the same for the same
    rows."""
    return {
        f"f{fact.id}": Ground(_ground(fact, histories.get(fact.id, NEVER_TOLD)), (*fact.sources,)) for fact in facts
    }


def refuses(text: str, grounds: Sequence[Ground]) -> bool:
    """Whether a line that rests on `grounds` says what stands in none of them, or speaks to a model."""
    return checking.is_foreign(text, grounds) or orders.is_bent(text)


def _label(fact: FactView, history: History) -> str:
    parts = [_span(fact.said_first, fact.said_last), _times(history.conversations)]
    if fact.status == FactStatus.PINNED:
        parts.append("confirmed by the person")
    if fact.true_from:
        parts.append(f"from {fact.true_from}")
    if fact.true_to:
        parts.append(f"until {fact.true_to}")
    return f"f{fact.id} {', '.join(part for part in parts if part)}".strip()


def _span(first: datetime | None, last: datetime | None) -> str:
    told = [f"{one:%Y-%m}" for one in (first, last) if one]
    return " to ".join(dict.fromkeys(told)) or "undated"


def _times(conversations: int) -> str:
    return f"{conversations} conversation{'s' if conversations > 1 else ''}" if conversations else ""


def _former(former: Former) -> str:
    until = f", until {former.true_to}" if former.true_to else ""
    return one_line(former.statement)[:LONGEST_FORMER] + until


def _ground(fact: FactView, history: History) -> str:
    quotes = [f"{source.text} {source.said_at:%Y-%m-%d}" if source.said_at else source.text for source in fact.sources]
    return "\n".join([shown(fact, history), *quotes])
