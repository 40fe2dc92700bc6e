"""Server time of the pages over a large history: how long a list takes whatever is asked of it, from the request to the
last byte, over HTTP on loopback, one request at a time.

    python -m bench.pages
    python -m bench.pages --conversations 1000 10000 100000
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

import httpx2
import uvicorn
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bench import exports, homes
from soulprint import accounts, database, facts, indexing, sections
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.records import Conversation, Fact, VersionKind
from soulprint.records.sections import Line, MemoryPart
from soulprint.serving.app import application
from soulprint.settings import Settings
from tests import rows

REQUESTS = 40
"""Of each kind, no two the same where the address takes something."""

WARM = 3

TURNS = 4
"""Messages of a conversation."""

LINES = 200
"""Of MEMORY."""

CONVERSATIONS = """
insert into conversations (
    id, user_id, provider, provider_id, title, started_at, updated_at, message_count, user_messages, user_characters,
    first_message_at, last_message_at, content_hash
)
select gen_random_uuid(), :account, (array['chatgpt', 'claude', 'gemini'])[1 + number % 3], number::text,
    left(sentences[1 + number % cardinality(sentences)], 60), at, at + interval '1 hour', :turns, :turns / 2, 200,
    at, at + interval '1 hour', decode(md5(number::text), 'hex')
from generate_series(1, :count) as number,
    (select cast(:sentences as text[]) as sentences) as said,
    lateral (select timestamptz '2022-12-01' + number * interval '3 years' / :count as at) as dated
"""

MESSAGES = """
insert into messages (user_id, conversation_id, provider_id, position, role, text, sent_at, on_branch, modality)
select :account, id, 'm' || place, place, (array['user', 'assistant'])[1 + place % 2],
    sentences[1 + (number * 7 + place * 3) % cardinality(sentences)] || ' '
        || sentences[1 + (number * 11 + place) % cardinality(sentences)],
    started_at + place * interval '5 minutes', true, 'text'
from (select id, started_at, row_number() over (order by started_at) as number from conversations) as held,
    generate_series(0, :turns - 1) as place,
    (select cast(:sentences as text[]) as sentences) as said
"""

FACTS = """
with said as (
    select id, conversation_id, text, sent_at, row_number() over (order by id) as number
    from messages where role = 'user' order by id limit :count
), made as (
    insert into facts (user_id, category, about, statement, confidence, status, said_first, said_last, true_from)
    select :account, (array['preferences', 'projects', 'dates', 'beliefs', 'decisions'])[1 + number % 5],
        split_part(text, ' ', 2), left(text, 90), 0.3 + (number * 37 % 700) / 1000.0,
        case when number % 20 = 0 then 'superseded' when number % 50 = 1 then 'disputed'
            when number % 100 = 2 then 'pinned' else 'active' end,
        sent_at, sent_at, case when number % 3 = 0 then sent_at::date end
    from said order by number
    returning id, statement, category, about
), numbered as (
    select *, row_number() over (order by id) as number from made
)
insert into fact_sources (
    user_id, fact_id, message_id, conversation_id, span_start, span_end, quote, category, about, statement, said_at,
    engine, key
)
select :account, numbered.id, said.id, conversation_id, 0, length(numbered.statement), numbered.statement, category,
    about, numbered.statement, sent_at, 'bench', decode(md5(said.id::text || copy), 'hex')
from said join numbered using (number), generate_series(1, 2) as copy where copy = 1 or number % 5 = 0
"""

SUPERSEDED = """
update facts set superseded_by = later.id
from (select id, lead(id) over (order by id) as next from facts) as pair join facts as later on later.id = pair.next
where facts.id = pair.id and facts.status = 'superseded'
"""

OTHERS = """
insert into threads (id, user_id, title, updated_at)
select gen_random_uuid(), :account, 'Chat ' || number, now() - number * interval '1 hour'
from generate_series(1, 2000) as number
"""


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, nargs="+", default=[10_000, 100_000])
    for conversations in parser.parse_args().conversations:
        with homes.home() as home:
            await measure(home, conversations)


async def measure(home: Path, conversations: int) -> None:
    """Print a table of every list over so many conversations, and half as many facts."""
    settings = Settings.model_validate({"home": home, "model_embed": "off"})
    async with database.opened(settings) as db:
        account = await accounts.local(db)
        words = await filled(db, account, conversations)
        print(f"{conversations:,} conversations, {conversations // 2:,} facts")
        print(f"{'':54} {'p50 ms':>8} {'p95 ms':>8}")
        async with served(db, account, settings) as visitor:
            for name, asked in (await addresses(db, account, words)).items():
                seconds = [await timed(visitor, address) for address in [*asked[:WARM], *asked]][WARM:]
                print(f"{name:54} {median(seconds) * 1e3:8.1f} {quantiles(seconds, n=20)[-1] * 1e3:8.1f}", flush=True)


async def filled(db: Database, account: uuid.UUID, conversations: int) -> list[str]:
    """Fill the account; gives words to search for, common and rare ones."""
    sentences = exports.Writer().sentences
    async with db.session(account) as session:
        given = {"account": account, "turns": TURNS, "sentences": sentences}
        await session.execute(text(CONVERSATIONS), given | {"count": conversations})
        await session.execute(text(MESSAGES), given)
        await session.execute(text(FACTS), {"account": account, "count": conversations // 2})
        await session.execute(text(SUPERSEDED))
        await session.execute(text(OTHERS), {"account": account})
        await session.execute(text("analyze"))
        await publish(session, account)
    await indexing.index_all(db, account)
    return random.Random(3).sample(sorted({word for each in sentences for word in each.split() if word.isalpha()}), 200)


async def publish(session: AsyncSession, account: uuid.UUID) -> None:
    """A profile whose MEMORY rests on facts."""
    found = await facts.by_ids(session, list(await session.scalars(select(Fact.id).order_by(Fact.id).limit(LINES))))
    lines = [Line(text=fact.statement, sources=tuple(fact.sources)) for fact in found]
    draft = rows.make_draft().model_copy(update={"memory": [MemoryPart(title="Preferences", lines=lines)]})
    await sections.publish(session, account, draft, VersionKind.FULL)


async def addresses(db: Database, account: uuid.UUID, words: Sequence[str]) -> dict[str, list[str]]:
    """What is measured -> the addresses that are asked for, each once."""
    draw = random.Random(5)
    async with db.session(account) as session:
        known = list(await session.scalars(select(Fact.id).order_by(Fact.id)))
        held = list(await session.scalars(select(Conversation.id).order_by(Conversation.started_at)))
    places, talks = draw.sample(known, REQUESTS), draw.sample(held, REQUESTS)
    return {
        "first page": ["/"] * REQUESTS,
        "profile": ["/profile"] * REQUESTS,
        "facts": ["/facts"] * REQUESTS,
        "facts, somewhere": [f"/facts?after={place}" for place in places],
        "facts of a category": ["/facts?category=dates"] * REQUESTS,
        "facts of a status": ["/facts?status=disputed"] * REQUESTS,
        "facts, search": [f"/facts?q={quote(word)}" for word in words[:REQUESTS]],
        "timeline": ["/facts/timeline"] * REQUESTS,
        "timeline of a category": ["/facts/timeline?category=projects"] * REQUESTS,
        "inbox": ["/review"] * REQUESTS,
        "MEMORY": ["/memory"] * REQUESTS,
        "versions": ["/versions"] * REQUESTS,
        "conversations": ["/conversations"] * REQUESTS,
        "conversations of a provider": ["/conversations?provider=claude"] * REQUESTS,
        "conversations not read in full": ["/conversations?only=unread"] * REQUESTS,
        "conversations, search": [f"/conversations?q={quote(word)}" for word in words[:REQUESTS]],
        "a conversation": [f"/conversations/{each}" for each in talks],
        "chats": ["/chat"] * REQUESTS,
        "settings": ["/settings"] * REQUESTS,
        "operators": ["/admin"] * REQUESTS,
        "chats, search": [f"/chat/list?q={quote(word)}" for word in words[:REQUESTS]],
    }


async def timed(visitor: httpx2.AsyncClient, address: str) -> float:
    began = time.perf_counter()
    response = await visitor.get(address)
    taken = time.perf_counter() - began
    assert response.status_code == 200, (address, response.status_code)
    return taken


@asynccontextmanager
async def served(db: Database, account: uuid.UUID, settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    background = Background(db, settings)
    app = application(db, account, settings, background=background)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as visitor:
        yield visitor
    server.should_exit = True
    await running
    await background.close()


if __name__ == "__main__":
    asyncio.run(main())
