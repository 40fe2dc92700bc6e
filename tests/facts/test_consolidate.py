"""Findings become facts: what is one, what stays, and what is left to decide."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from soulprint import facts
from soulprint.database import Database
from soulprint.facts.merging.sorting import NONE, Merging
from soulprint.facts.merging.store import Known, Told
from soulprint.records import Conversation, Fact, FactSource, FactStatus
from soulprint.settings import Settings
from tests import rows

pytestmark = pytest.mark.anyio

WORDS = ("likes", "tea", "coffee", "green", "black", "not", "5", "7", "Anna", "Marta", "mornings", "was", "strong")
statements = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
abouts = st.sampled_from(["drinks", "sister", "habit"])
tellings = st.lists(st.tuples(statements, abouts), min_size=1, max_size=25)


async def add(db: Database, account: uuid.UUID, *said: tuple[str, str], days: int = 0) -> None:
    """A finding for each statement and subject, a day apart."""
    async with db.session(account) as session:
        for place, (statement, about) in enumerate(said):
            when = rows.NOON + timedelta(days=days + place)
            await rows.add_finding(session, account, statement, about, said_at=when)


async def all_facts(db: Database, account: uuid.UUID) -> list[facts.FactView]:
    async with db.session(account) as session:
        return await facts.listed(session)


async def statements_of(db: Database, account: uuid.UUID) -> dict[int, tuple[str, int]]:
    """Of each fact its statement and the number of its sources."""
    return {fact.id: (fact.statement, len(fact.sources)) for fact in await all_facts(db, account)}


async def test_the_same_statement_makes_one_fact_with_all_its_sources(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await add(database, account, ("Lives in Lyon", "home"), ("lives in  lyon!", "residence"), ("Likes tea", "tea"))
    done = await facts.consolidate(database, account)
    assert (done.facts, done.merged, done.conflicts) == (2, 1, [])
    await facts.settle(database, account)
    lyon, tea = await all_facts(database, account)
    assert (lyon.statement, len(lyon.sources), tea.statement) == ("lives in  lyon!", 2, "Likes tea")
    assert lyon.confidence > tea.confidence > 0
    assert (lyon.said_first, lyon.said_last) == (rows.NOON, rows.NOON + timedelta(days=1))
    assert all(quote.fact_id == lyon.id and quote.title == "A talk" for quote in lyon.sources)
    assert lyon.sources[0].text == "I say: lives in  lyon!."


async def test_what_differs_in_a_figure_a_name_or_a_not_stays_apart(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    said = (
        "Runs 3 km on Sundays",
        "Runs 5 km on Sundays",
        "Likes tea",
        "Doesn't like tea",
        "Knows Anna",
        "Knows Marta",
    )
    await add(database, account, *((one, "habit") for one in said))
    done = await facts.consolidate(database, account)
    assert (done.facts, done.merged) == (6, 0)
    pairs = {frozenset(group) for batch in done.conflicts for group in batch}
    ids = {fact: id_ for id_, (fact, _) in (await statements_of(database, account)).items()}
    assert frozenset((ids["Likes tea"], ids["Doesn't like tea"])) in pairs
    assert frozenset((ids["Runs 3 km on Sundays"], ids["Runs 5 km on Sundays"])) in pairs


async def test_one_quote_proves_two_things_or_one_in_other_words(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    quote = "I work as a night nurse in Lyon and like tea and coffee"
    async with database.session(account) as session:
        for statement, about in (
            ("Works as a night nurse in a hospital", "job"),
            ("Is a night nurse in a hospital, works shifts", "job"),
            ("Likes tea", "drinks"),
            ("Likes coffee", "drinks"),
        ):
            await rows.add_finding(session, account, statement, about, quote=quote)
    await facts.consolidate(database, account)
    kept = sorted((await statements_of(database, account)).values())
    assert [count for _, count in kept] == [2, 1, 1]


async def test_done_twice_it_changes_nothing(database: Database, account: uuid.UUID, settings: Settings) -> None:
    await add(database, account, ("Lives in Leeds", "home"), ("Lives in Lyon", "home"), ("Likes tea", "tea"))
    first = await facts.consolidate(database, account)
    assert await facts.consolidate(database, account) == facts.Consolidation(3, 0, first.conflicts)
    await facts.settle(database, account)
    before = await all_facts(database, account)
    assert await facts.consolidate(database, account) == facts.Consolidation(3, 0, [])
    await facts.settle(database, account)
    assert await all_facts(database, account) == before


async def test_a_fact_keeps_its_id_and_draws_what_comes_later(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await add(database, account, ("Works as a night nurse", "job"))
    await facts.consolidate(database, account)
    [before] = await all_facts(database, account)
    await add(database, account, ("Really works as night nurse", "job"), days=30)
    assert (await facts.consolidate(database, account)).merged == 1
    await facts.settle(database, account)
    [after] = await all_facts(database, account)
    assert (after.id, after.statement, len(after.sources)) == (before.id, "Really works as night nurse", 2)


@pytest.mark.parametrize("status", [FactStatus.REJECTED, FactStatus.PINNED])
async def test_what_the_person_said_of_a_fact_holds_for_ever(
    database: Database, account: uuid.UUID, settings: Settings, status: FactStatus
) -> None:
    await add(database, account, ("Lives in Leeds", "home"))
    await facts.consolidate(database, account)
    await facts.settle(database, account)
    async with database.session(account) as session:
        await session.execute(update(Fact).values(status=status))
    [before] = await all_facts(database, account)
    await add(database, account, ("Now lives in Leeds", "home"), ("lives in leeds.", "home"), days=900)
    assert (await facts.consolidate(database, account)).facts == 1
    await facts.settle(database, account)
    [after] = await all_facts(database, account)
    assert len(after.sources) == 3
    unchanged = ("statement", "status", "confidence", "said_first", "said_last", "category", "about")
    assert [getattr(after, name) for name in unchanged] == [getattr(before, name) for name in unchanged]


async def test_what_the_person_entered_draws_findings_and_stays_without_any(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    async with database.session(account) as session:
        values = {"category": "decisions", "about": "home", "statement": "Lives in Lyon", "confidence": 1.0}
        session.add(Fact(user_id=account, origin="person", **values))
    await add(database, account, ("lives in Lyon", "home"))
    await facts.consolidate(database, account)
    await facts.settle(database, account)
    [fact] = await all_facts(database, account)
    assert (fact.statement, fact.confidence, len(fact.sources)) == ("Lives in Lyon", 1.0, 1)
    async with database.session(account) as session:
        await session.execute(delete(Conversation))
    assert len(await all_facts(database, account)) == 1


async def test_a_deleted_conversation_takes_its_facts_along(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await add(database, account, ("Lives in Leeds", "home"), ("Lives in Lyon", "home"), ("Lives in Lyon", "home"))
    await facts.consolidate(database, account)
    async with database.session(account) as session:
        gone = await session.scalars(select(FactSource.conversation_id).order_by(FactSource.said_at).limit(2))
        await session.execute(delete(Conversation).where(Conversation.id.in_(gone.all())))
    await facts.settle(database, account)
    assert [*(await statements_of(database, account)).values()] == [("Lives in Lyon", 1)]


async def test_another_account_sees_and_merges_nothing(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await add(database, account, ("Lives in Leeds", "home"))
    stranger = uuid.uuid4()
    assert await facts.consolidate(database, stranger) == facts.Consolidation(0, 0, [])
    assert (await facts.consolidate(database, account)).facts == 1
    assert await all_facts(database, stranger) == []


async def test_facts_are_listed_in_pages(database: Database, account: uuid.UUID, settings: Settings) -> None:
    await add(database, account, *((f"Likes {what}", "taste") for what in ("tea", "jazz", "moss", "rain", "figs")))
    await facts.consolidate(database, account)
    await facts.settle(database, account)
    async with database.session(account) as session:
        whole = await facts.listed(session)
        first = await facts.listed(session, limit=2)
        second = await facts.listed(session, limit=2, after=first[-1].id)
        rest = await facts.listed(session, after=second[-1].id)
        assert await facts.listed(session, facts.Wanted(statuses=("rejected",))) == []
        assert await facts.listed(session, after=10**12) == []
        assert await facts.listed(session, facts.Wanted(category="decisions", statuses=("active",))) == whole
        assert await facts.active(session) == whole
    assert first + second + rest == whole
    assert len(whole) == 5


async def test_memory_is_shown_the_newest_sources(database: Database, account: uuid.UUID, settings: Settings) -> None:
    await add(database, account, *[("Lives in Lyon", "home")] * 5)
    await facts.consolidate(database, account)
    async with database.session(account) as session:
        [fact] = await facts.active(session)
    said = [quote.said_at for quote in fact.sources]
    assert said == [rows.NOON + timedelta(days=day) for day in (4, 3, 2)]


async def test_few_groups_are_gathered_of_an_ordinary_history(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    """1,500 findings on 150 subjects: one call for every forty groups, and no more than six facts in a group."""
    drawn = random.Random(7)
    things = [f"{drawn.choice('bdfklmnprst')}{drawn.choice('aeiou')}{number}x" for number in range(600)]
    verbs = ("Likes", "Dislikes", "Builds", "Reads about", "Lives near", "Plans", "Uses")
    said = [
        (f"{drawn.choice(verbs)} {drawn.choice(things)} {drawn.choice(things)}", f"subject {drawn.randrange(150)}")
        for _ in range(1480)
    ]
    await add(database, account, *said, *((f"Lives in {city}", "home") for city in "ABCDEFGHIJKLMNOPQRST"))
    done = await facts.consolidate(database, account)
    groups = [group for batch in done.conflicts for group in batch]
    assert 4 <= len(groups) < 100
    assert max(len(batch) for batch in done.conflicts) <= 40
    assert all(2 <= len(group) <= 6 for group in groups)
    named = [set().union(*map(set, batch)) for batch in done.conflicts]
    assert sum(map(len, named)) == len(set().union(*named))


# What holds of any findings


def grouped(said: list[tuple[str, str]], order: list[int], known: list[Known] | None = None) -> set[frozenset[int]]:
    """Which findings, by place, become one fact, where they were written in this order."""
    merged = Merging()
    merged.add_facts(known or [])
    # As the database hands them out: by what was said, never by when it was written.
    sources = [Told(place, None, about, text, text) for place in order for text, about in [said[place]]]
    merged.add_sources(sorted(sources, key=lambda source: (source.statement, source.about)))
    joined, new = merged.merge()
    found: dict[int, set[int]] = {}
    for join in merged.joins(joined, list(range(1000, 1000 + new))):
        found.setdefault(join.fact, set()).add(join.source)
    return {frozenset(group) for group in found.values()}


@given(tellings, st.randoms(use_true_random=False))
def test_the_order_of_findings_makes_no_difference(said: list[tuple[str, str]], drawn: random.Random) -> None:
    order = list(range(len(said)))
    drawn.shuffle(order)
    assert grouped(said, order) == grouped(said, list(range(len(said))))


@given(tellings)
def test_no_finding_is_lost_or_given_twice(said: list[tuple[str, str]]) -> None:
    groups = grouped(said, list(range(len(said))))
    assert sorted(place for group in groups for place in group) == list(range(len(said)))


@given(tellings)
def test_each_new_fact_has_one_founder(said: list[tuple[str, str]]) -> None:
    merged = Merging()
    merged.add_sources(Told(place, None, about, text, text) for place, (text, about) in enumerate(said))
    joined, new = merged.merge()
    founders = [join.fact for join in merged.joins(joined, list(range(1, new + 1))) if join.founds]
    assert sorted(founders) == list(range(1, new + 1))


@given(tellings, st.integers(0, 25))
def test_exact_duplicates_come_together_whenever_they_come(said: list[tuple[str, str]], cut: int) -> None:
    """First some findings, then the rest, as if the first had become facts: a statement said before finds its fact."""
    first = Merging()
    first.add_sources(Told(place, None, about, text, text) for place, (text, about) in enumerate(said[:cut]))
    joined, new = first.merge()
    homes = {join.source: join.fact for join in first.joins(joined, list(range(1, new + 1)))}
    second = Merging()
    second.add_sources(Told(place, homes.get(place), about, text, text) for place, (text, about) in enumerate(said))
    joined, new = second.merge()
    later = {join.source: join.fact for join in second.joins(joined, list(range(1000, 1000 + new)))}
    for place, fact in later.items():
        exact = [homes[other] for other in homes if said[other] == said[place]]
        assert not exact or fact in exact


@given(tellings)
def test_facts_that_are_there_never_merge(said: list[tuple[str, str]]) -> None:
    known = [Known(place + 1, about, text) for place, (text, about) in enumerate(said)]
    merged = Merging()
    merged.add_facts(known)
    merged.add_sources(Told(place, None, about, text, text) for place, (text, about) in enumerate(said))
    joined, new = merged.merge()
    assert new == 0
    assert all(fact > NONE for fact in joined)


async def test_no_source_is_ever_lost(database: Database, account: uuid.UUID, settings: Settings) -> None:
    drawn = random.Random(3)
    for days in (0, 100, 200):
        said = [(" ".join(drawn.choices(WORDS, k=3)), drawn.choice(("drinks", "home", "habit"))) for _ in range(60)]
        await add(database, account, *said, days=days)
        done = await facts.consolidate(database, account)
        for batch in done.conflicts:
            await facts.decide(database, account, settings, None, batch)
        await facts.settle(database, account)
    async with database.session(account) as session:
        orphans = select(func.count()).select_from(FactSource).where(FactSource.fact_id.is_(None))
        assert await session.scalar(select(func.count()).select_from(FactSource)) == 180
        assert await session.scalar(orphans) == 0
    assert sum(len(fact.sources) for fact in await all_facts(database, account)) == 180
