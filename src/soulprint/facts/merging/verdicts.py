"""What is said of two facts that may not both hold, whether it can be so, and what follows from it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from soulprint.facts.meaning import likeness
from soulprint.facts.merging.store import Standing


class Relation(StrEnum):
    SAME = "same"
    REPLACES = "replaces"
    BOTH = "both"
    CONTRADICTS = "contradicts"


class Verdict(NamedTuple):
    """Of two facts, by id. Which is which matters where one replaces the other."""

    relation: Relation
    newer: int
    older: int


@dataclass(slots=True)
class Outcome:
    """What is to be done."""

    merges: list[tuple[int, int]] = field(default_factory=list)
    """The fact that stays, and the one that goes into it."""
    supersessions: list[tuple[int, int]] = field(default_factory=list)
    """The fact that gives way, and what takes its place."""
    disputed: list[int] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    """Disputed facts of which now is known that they hold."""
    ignored: int = 0
    """Verdicts that can't be so."""


def outcome(groups: Sequence[Sequence[Standing]], verdicts: Iterable[Verdict]) -> Outcome:
    """What follows from the verdicts on the pairs within `groups`.

    A verdict on facts that are not of one group is ignored, and so is a second one on the same pair; one that lets a
    fact give way to what was said before it; one that makes the same of different figures, names or of yes and no; and
    any that would change what the person entered or pinned.
    """
    facts = {fact.id: fact for group in groups for fact in group}
    together = {(one.id, other.id) for group in groups for one in group for other in group if one.id != other.id}
    found = Outcome()
    judged: dict[frozenset[int], Verdict] = {}
    for verdict in verdicts:
        pair = frozenset((verdict.newer, verdict.older))
        is_new = (verdict.newer, verdict.older) in together and pair not in judged
        if is_new and _can_be(verdict.relation, facts[verdict.newer], facts[verdict.older]):
            judged[pair] = verdict
        else:
            found.ignored += 1
    into = _merge(found, facts, [verdict for verdict in judged.values() if verdict.relation is Relation.SAME])
    _supersede(found, facts, into, judged.values())
    _dispute(found, facts, into, judged.values())
    return found


def is_later(newer: Standing, older: Standing) -> bool:
    """Whether one fact was said after the other, or became true after it."""
    if newer.said and older.said and newer.said > older.said:
        return True
    since: date | None = older.true_from or (older.said.date() if older.said else None)
    return bool(newer.true_from and since and newer.true_from > since)


def _can_be(relation: Relation, newer: Standing, older: Standing) -> bool:
    match relation:
        case Relation.REPLACES:
            return not older.is_fixed and is_later(newer, older)
        case Relation.SAME:
            return not (newer.is_fixed and older.is_fixed) and _may_be_same(newer, older)
        case Relation.CONTRADICTS:
            return not (newer.is_fixed and older.is_fixed)
        case Relation.BOTH:
            return True


def _may_be_same(one: Standing, other: Standing) -> bool:
    mine, theirs = likeness.read(one.statement, one.about), likeness.read(other.statement, other.about)
    if one.language == other.language:
        return likeness.fits(mine, theirs)
    return set(mine.figures) <= set(theirs.figures) or set(theirs.figures) <= set(mine.figures)


def _merge(found: Outcome, facts: Mapping[int, Standing], same: list[Verdict]) -> dict[int, int]:
    """Merge what is the same into what is fixed, else into what was there first. Gives what went into what."""
    into: dict[int, int] = {}
    for verdict in same:
        one, other = _last(into, verdict.newer), _last(into, verdict.older)
        stays, goes = sorted((one, other), key=lambda id_: (not facts[id_].is_fixed, id_))
        if stays != goes and not facts[goes].is_fixed:
            into[goes] = stays
    found.merges = sorted((_last(into, goes), goes) for goes in into)
    return into


def _supersede(
    found: Outcome, facts: Mapping[int, Standing], into: Mapping[int, int], verdicts: Iterable[Verdict]
) -> None:
    """Let each fact that is replaced give way to what came next after it."""
    by: dict[int, int] = {}
    replacing = [verdict for verdict in verdicts if verdict.relation is Relation.REPLACES]
    for verdict in sorted(replacing, key=lambda verdict: _when(facts[verdict.newer])):
        newer, older = _last(into, verdict.newer), _last(into, verdict.older)
        if newer != older and not facts[older].is_fixed and older not in by and _last(by, newer) != older:
            by[older] = newer
    found.supersessions = sorted(by.items())
    # A dispute ends where one side of it gives way: the other one holds then.
    found.settled = sorted({new for new in by.values() if facts[new].status == "disputed"} - by.keys())


def _dispute(
    found: Outcome, facts: Mapping[int, Standing], into: Mapping[int, int], verdicts: Iterable[Verdict]
) -> None:
    gone = {older for older, _ in found.supersessions}
    for verdict in verdicts:
        pair = {_last(into, verdict.newer), _last(into, verdict.older)}
        if verdict.relation is Relation.CONTRADICTS and len(pair) == 2 and not pair & gone:
            found.disputed += [id_ for id_ in sorted(pair) if not facts[id_].is_fixed]
    found.disputed = sorted(set(found.disputed))
    found.settled = [id_ for id_ in found.settled if id_ not in found.disputed]


def _when(fact: Standing) -> tuple[str, int]:
    return (fact.said.isoformat() if fact.said else "", fact.id)


def _last(links: Mapping[int, int], id_: int) -> int:
    """The end of a chain; links are only ever added where they close no ring."""
    while id_ in links:
        id_ = links[id_]
    return id_
