"""What follows for each fact from its sources and from the others: its best wording, how sure it is, since when and
until when it held."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from soulprint import llm
from soulprint.database import Database
from soulprint.facts.meaning import likeness
from soulprint.facts.merging import confidence, conflicts, store
from soulprint.facts.merging.confidence import Evidence
from soulprint.facts.merging.store import Proof, Settled, Supersession
from soulprint.records import FactStatus

BATCH = 5_000
"""Facts written in one transaction."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


async def settle(db: Database, account: uuid.UUID) -> None:
    """Bring all facts in line with their sources. Done twice it changes nothing.

    A fact whose successor is gone or rejected gives way to the next one on its subject, else it holds again; so does a
    fact that nothing disputes any more. What the person entered, pinned or rejected is never touched.
    """
    async with db.session(account) as session:
        relinked, revived = _mended(await store.supersessions(session))
        await store.supersede(session, relinked)
        await store.set_status(session, revived, FactStatus.ACTIVE)
        await store.set_status(session, _undisputed(await store.disputed(session)), FactStatus.ACTIVE)
        newest = await store.newest_message(session)
    await _weigh(db, account, newest)
    async with db.session(account) as session:
        await store.end_superseded(session)


async def _weigh(db: Database, account: uuid.UUID, newest: datetime | None) -> None:
    """Weigh every fact by its sources, a batch of facts at a time."""
    waiting: list[Settled] = []
    rest: list[Proof] = []
    async with db.session(account) as reading:
        async for rows in store.proofs(reading, account):
            rows = rest + rows
            last = rows[-1].fact
            rest = [row for row in rows if row.fact == last]
            waiting += await asyncio.to_thread(_settled, rows[: len(rows) - len(rest)], newest)
            if len(waiting) >= BATCH:
                await _write(db, account, waiting)
                waiting = []
    await _write(db, account, [*waiting, *_settled(rest, newest)])


async def _write(db: Database, account: uuid.UUID, settled: Sequence[Settled]) -> None:
    async with db.session(account) as session:
        await store.settle(session, settled)


def _settled(proofs: Iterable[Proof], newest: datetime | None) -> list[Settled]:
    return [_of_sources(list(rows), newest) for _, rows in itertools.groupby(proofs, key=lambda proof: proof.fact)]


def _of_sources(proofs: list[Proof], newest: datetime | None) -> Settled:
    """What its sources make of one fact. Its statement is that of the plainest, of several the newest, and of those on
    one message rather a model's than the local engine's."""
    plain = [confidence.explicitness(proof.quote) for proof in proofs]
    best = max(
        zip(plain, proofs, strict=True),
        key=lambda pair: (
            pair[0],
            pair[1].said_at or _LONG_AGO,
            not pair[1].engine.startswith(llm.LOCAL),
            -pair[1].source,
        ),
    )[1]
    said = [proof.said_at for proof in proofs if proof.said_at]
    since = [proof.true_from for proof in proofs if proof.true_from]
    evidence = [Evidence(proof.conversation, proof.said_at, how) for proof, how in zip(proofs, plain, strict=True)]
    is_disputed = proofs[0].status == FactStatus.DISPUTED
    sure = confidence.confidence(evidence, newest, disputed=is_disputed)
    return Settled(
        proofs[0].fact,
        best.source,
        sure,
        min(said, default=None),
        max(said, default=None),
        min(since, default=None),
        best.true_to,
    )


# How facts stand to each other


def _mended(facts: Sequence[Supersession]) -> tuple[list[tuple[int, int]], list[int]]:
    """Of the superseded facts whose successor is gone, rejected or, in a ring, themselves: those that give way to
    another fact, with that one, and those that hold again."""
    by_id = {fact.id: fact for fact in facts}
    rivals: defaultdict[str, list[Supersession]] = defaultdict(list)
    for fact in facts:
        about = conflicts.subject(fact.about)
        if fact.status in (FactStatus.ACTIVE, FactStatus.PINNED) and conflicts.is_single(about):
            rivals[about].append(fact)
    relinked: list[tuple[int, int]] = []
    revived: list[int] = []
    for fact in facts:
        if fact.status == FactStatus.SUPERSEDED and not _gives_way(fact, by_id):
            successor = _next(fact, rivals[conflicts.subject(fact.about)])
            if successor is None:
                revived.append(fact.id)
            else:
                relinked.append((fact.id, successor))
    return relinked, revived


def _gives_way(fact: Supersession, by_id: dict[int, Supersession]) -> bool:
    """Whether something that is neither rejected nor, at the end of the chain, superseded by the fact itself took its
    place. Of a ring, the fact that was said last leaves it."""
    newer = by_id.get(fact.superseded_by or 0)
    if newer is None or newer.status == FactStatus.REJECTED:
        return False
    chain = {fact.id: fact}
    while newer is not None and newer.status == FactStatus.SUPERSEDED and newer.id not in chain:
        chain[newer.id] = newer
        newer = by_id.get(newer.superseded_by or 0)
    return newer is not fact or fact is not max(chain.values(), key=lambda one: (one.said or _LONG_AGO, one.id))


def _next(fact: Supersession, rivals: Iterable[Supersession]) -> int | None:
    """The fact on the same subject that was said next after it."""
    later = [rival for rival in rivals if rival.said and fact.said and rival.said > fact.said]
    return min(later, key=lambda rival: (rival.said, rival.id)).id if later else None


def _undisputed(facts: Sequence[tuple[int, str, str, bool]]) -> list[int]:
    """The disputed facts that share neither subject nor telling word with another one, or with what the person pinned
    or entered."""
    sharing: defaultdict[str, set[int]] = defaultdict(set)
    for id_, about, statement, _ in facts:
        for word in (f"about {conflicts.subject(about)}", *likeness.read(statement, about).words):
            sharing[word].add(id_)
    still = {id_ for ids in sharing.values() if len(ids) > 1 for id_ in ids}
    return [id_ for id_, _, _, is_fixed in facts if not is_fixed and id_ not in still]
