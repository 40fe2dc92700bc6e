"""Finds the facts that may not all hold, or may say the same: small groups, few of them, in time that grows with the
number of facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from soulprint.facts.meaning import likeness, slots
from soulprint.facts.meaning.likeness import Wording
from soulprint.facts.merging.store import Standing

LARGEST = 6
"""Facts in a group."""

BATCH = 40
"""Groups in a batch: some 5,000 tokens."""

FEWEST, SHARE = 40, 0.06
"""As many groups are gathered at most, and as many for each fact that is new: the surest conflicts first."""

MOST_ON_ONE = 101
"""Facts on one subject that are looked at, the newest: twenty groups."""

MOST_SHARING = 8
"""Facts that share a subject and a word; where there are more, they are a list of things and no conflict."""

ALIKE = 0.5
"""From this likeness on two facts on one subject are worth a look."""

ALIASES = {
    "home": "residence location city address hometown lives living move moving",
    "job": "occupation profession work career role job title",
    "employer": "company workplace",
    "relationship": "partner marriage married marital wife husband girlfriend boyfriend spouse fiance fiancee dating",
    "diet": "food diet eating vegetarian vegan",
    "name": "first_name nickname called",
    "phone": "telephone mobile smartphone",
    "email": "e-mail mail",
    "age": "birthday birthdate born",
    "studies": "university degree school study student",
    "language level": "level",
    "units": "measurement measures",
    "answer length": "length verbosity",
    "health": "weight condition",
    "car": "vehicle",
    "pronouns": "pronoun",
}
SINGLE = frozenset(ALIASES)
"""Subjects of which one thing holds at a time, beside those of `slots`; each with the other names it goes by."""

_SUBJECTS = {other: name for name, others in ALIASES.items() for other in others.split()}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Seen(NamedTuple):
    """A fact as it is held against others."""

    id: int
    about: str
    said: datetime
    is_fresh: bool
    wording: Wording


class Conflicts:
    """Facts that hold, gathered batch by batch."""

    def __init__(self) -> None:
        self.facts: list[Seen] = []

    def add(self, facts: Iterable[Standing]) -> None:
        for fact in facts:
            wording = likeness.read(fact.statement, fact.about)
            self.facts.append(Seen(fact.id, subject(fact.about), fact.said or _LONG_AGO, fact.is_fresh, wording))


def packed(gathered: Conflicts) -> list[list[list[int]]]:
    """Batches of groups of ids, those said first first in each group. No fact is in two batches, so that what one
    decides never changes what another asks. Each group holds a fact that is fresh."""
    fresh = sum(fact.is_fresh for fact in gathered.facts)
    if not fresh:
        return []
    left = max(FEWEST, round(fresh * SHARE))
    batches: list[list[list[int]]] = []
    for cluster in _clusters(gathered.facts):
        groups = list(_groups(cluster))[:left]
        left -= len(groups)
        if not batches or len(batches[-1]) + len(groups) > BATCH:
            batches.append([])
        batches[-1] += groups
    return [batch for batch in batches if batch]


def subject(about: str) -> str:
    """One name for the names that a subject goes by: `home` for `residence`."""
    folded = likeness.exact(about)
    return folded if slots.single_valued(folded) else _SUBJECTS.get(folded, folded)


def is_single(subject: str) -> bool:
    """Whether of a subject, as `subject` names it, one thing holds at a time."""
    return subject in SINGLE or slots.single_valued(subject)


def _groups(cluster: list[Seen]) -> Iterator[list[int]]:
    """Windows over the cluster in the order in which it was said, the last of one the first of the next."""
    cluster.sort(key=lambda fact: (fact.said, fact.id))
    for start in range(0, max(1, len(cluster) - 1), LARGEST - 1):
        window = cluster[start : start + LARGEST]
        if any(fact.is_fresh for fact in window):
            yield [fact.id for fact in window]


def _clusters(facts: list[Seen]) -> list[list[Seen]]:
    """Facts to be looked at together, the surest conflicts first, each fact once."""
    clusters: list[list[Seen]] = []
    homes: dict[int, list[Seen]] = {}
    for slot in _slots(facts):
        clusters.append(slot)
        homes |= {fact.id: slot for fact in slot}
    for one, other in _pairs(facts):
        cluster = homes.get(one.id) or homes.get(other.id)
        if cluster is None:
            homes[one.id] = homes[other.id] = cluster = [one, other]
            clusters.append(cluster)
        elif len(cluster) < LARGEST:
            for fact in (one, other):
                if fact.id not in homes:
                    homes[fact.id] = cluster
                    cluster.append(fact)
    return clusters


def _slots(facts: list[Seen]) -> Iterator[list[Seen]]:
    """The facts on each subject of which one thing holds at a time."""
    slots_: defaultdict[tuple[str, str], list[Seen]] = defaultdict(list)
    for fact in facts:
        if is_single(fact.about):
            slots_[fact.about, fact.wording.subject].append(fact)
    for _, slot in sorted(slots_.items()):
        if len(slot) > 1 and any(fact.is_fresh for fact in slot):
            yield sorted(slot, key=lambda fact: (fact.said, fact.id))[-MOST_ON_ONE:]


def _pairs(facts: list[Seen]) -> Iterator[tuple[Seen, Seen]]:
    """First what denies the same words, then what is most alike on one subject."""
    yield from _denials(facts)
    alike: dict[tuple[int, int], tuple[float, Seen, Seen]] = {}
    for bucket in _sharing(facts):
        for place, other in enumerate(bucket):
            for one in bucket[:place]:
                if (one.is_fresh or other.is_fresh) and (one.id, other.id) not in alike:
                    alike[one.id, other.id] = (likeness.likeness(one.wording, other.wording), one, other)
    for score, one, other in sorted(alike.values(), key=lambda found: (-found[0], found[1].id, found[2].id)):
        if score >= ALIKE:
            yield one, other


def _denials(facts: list[Seen]) -> Iterator[tuple[Seen, Seen]]:
    said: defaultdict[tuple[object, ...], list[Seen]] = defaultdict(list)
    for fact in facts:
        if fact.wording.words:
            said[fact.wording.words, fact.wording.figures, fact.wording.subject].append(fact)
    for bucket in said.values():
        for denied in bucket[:LARGEST]:
            for one in bucket[:LARGEST]:
                if denied.wording.negations and not one.wording.negations and (denied.is_fresh or one.is_fresh):
                    yield one, denied


def _sharing(facts: list[Seen]) -> Iterator[list[Seen]]:
    """Facts that share a subject and a telling word, where they are few."""
    sharing: defaultdict[tuple[str, str], list[Seen]] = defaultdict(list)
    for fact in facts:
        for word in set(fact.wording.words):
            bucket = sharing[fact.about, word]
            if len(bucket) <= MOST_SHARING:
                bucket.append(fact)
    for bucket in sharing.values():
        if 1 < len(bucket) <= MOST_SHARING and any(fact.is_fresh for fact in bucket):
            yield bucket
