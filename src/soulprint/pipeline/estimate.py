"""What a full pass would read and cost, before anything is spent."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from dataclasses import dataclass
from decimal import Decimal

from soulprint import facts, llm
from soulprint.database import Database
from soulprint.llm import prices
from soulprint.llm.roles import Role
from soulprint.pipeline import store
from soulprint.settings import Settings

# Measured against the model server of the tests, on the example and on generated histories of 40 and 150 conversations
# (tests/pipeline/test_estimate.py holds them); what a model answers is its own choice, and people differ by a factor of
# two.

FACTS = 14
"""Facts that a model finds in a window of 8,000 tokens (measured: 13.1 to 15)."""

FACT_TOKENS = 68
"""What one is as an answer (61 to 78)."""

KEPT_SHARE = 0.7
"""Of the facts found, those that are proved and no repetitions (0.66 to 0.71)."""

FACT_LINE = 32
"""What a fact is as a line of the prompt that MEMORY is written from (27 to 38)."""

CONFLICT_SHARE = 0.03
"""Groups of facts that may contradict each other, for each fact."""

GROUPS = 40
"""Groups that one request decides."""

GROUP_TOKENS, VERDICT_TOKENS = 90, 25
MEMORY_ANSWER, SECTIONS_ANSWER = 3_500, 2_600
FIXED = 1_000
"""Instructions and schema of a prompt."""

CHARACTERS = 3.6
"""Of the person's messages, for each token of a sample (3.3 to 4)."""

SAMPLE_SHARE = 0.7
"""Of the budget that MEMORY leaves: what the sample takes of it where there is enough."""

ROLES = (Role.EXTRACT, Role.MERGE, Role.MEMORY, Role.SECTIONS)

SPREAD = Decimal("0.25")
"""The true price lies within this share of the estimate, mostly: how much a model answers is its own choice."""


@dataclass(frozen=True, slots=True)
class StageEstimate:
    name: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    """None where the model's price is not known; 0 for the local engine and for a server on this machine."""
    batch_usd: Decimal | None
    """The same through the provider's batch API; None where there is none."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a full pass over what is not read yet would come to."""

    conversations: int
    """To be read."""
    trivial: int
    """Passed over: nothing of the person's in them to read."""
    up_to_date: int
    """Read already."""
    stale: int
    """Of those, read by another model or prompt than the one set now; read again only when asked for."""
    windows: int
    chat_tokens: int
    """Of the conversations to be read, both sides."""
    stages: tuple[StageEstimate, ...]
    sizes: tuple[tuple[Role, int, int], ...]
    """What a language model would read and write in each role, in tokens, whatever works there now."""
    again: bool = False
    """Whether what is stale is read again, and counted in."""

    def with_model(self, settings: Settings, model: str) -> Decimal | None:
        """US dollars that it would come to with `model` in every role; None where its price is not known."""
        costs = [prices.price(settings, model, read, written) for _, read, written in self.sizes]
        return None if None in costs else sum((cost for cost in costs if cost), Decimal(0))

    @property
    def calls(self) -> int:
        return sum(stage.calls for stage in self.stages)

    @property
    def input_tokens(self) -> int:
        return sum(stage.input_tokens for stage in self.stages)

    @property
    def output_tokens(self) -> int:
        return sum(stage.output_tokens for stage in self.stages)

    @property
    def cost_usd(self) -> Decimal | None:
        """None where a price is not known."""
        costs = [stage.cost_usd for stage in self.stages]
        return None if None in costs else sum((cost for cost in costs if cost), Decimal(0))

    @property
    def batch_usd(self) -> Decimal | None:
        """With every stage that can through the batch API; None where none can, or a price is not known."""
        if self.cost_usd is None or all(stage.batch_usd is None for stage in self.stages):
            return None
        costs = [stage.cost_usd if stage.batch_usd is None else stage.batch_usd for stage in self.stages]
        return sum((cost for cost in costs if cost), Decimal(0))

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to read."""
        return not self.conversations

    def range(self, cost: Decimal) -> tuple[Decimal, Decimal]:
        """The lowest and the highest price to expect around `cost`."""
        return cost * (1 - SPREAD), cost * (1 + SPREAD)


async def estimate(db: Database, account: uuid.UUID, settings: Settings, *, again: bool = False) -> Estimate:
    """Plan the pass without beginning it. Sends nothing; takes about as long as reading the history once.

    Raises `errors.ModelUnknown`.
    """
    llm.check(settings)
    plan = await facts.plan(db, account, settings, again=again)
    async with db.session(account) as session:
        known = await store.known_facts(session)
        said = await store.said(session)
    windows = len(plan.windows)
    found = round(plan.tokens / 8_000 * FACTS)
    kept = round(found * KEPT_SHARE)
    groups = round(kept * CONFLICT_SHARE)
    merges = -(-groups // GROUPS)
    memory = min(settings.memory_tokens, (known + kept) * FACT_LINE) + FIXED
    sample = min(said / CHARACTERS, (settings.sections_tokens - MEMORY_ANSWER) * SAMPLE_SHARE)
    batched = await asyncio.to_thread(_batched, settings)
    sizes = {
        Role.EXTRACT: (windows, plan.tokens, found * FACT_TOKENS),
        Role.MERGE: (merges, groups * GROUP_TOKENS + merges * FIXED, groups * VERDICT_TOKENS),
        Role.MEMORY: (1, memory, MEMORY_ANSWER),
        Role.SECTIONS: (1, round(sample) + MEMORY_ANSWER + FIXED, SECTIONS_ANSWER),
    }
    stages = tuple(_stage(settings, role, role in batched, *size) for role, size in sizes.items())
    return Estimate(
        conversations=plan.conversations,
        trivial=len(plan.trivial),
        up_to_date=plan.up_to_date,
        stale=plan.stale,
        windows=windows,
        chat_tokens=plan.chat_tokens,
        stages=stages,
        sizes=tuple((role, read, written) for role, (_, read, written) in sizes.items()),
        again=again,
    )


def is_free(settings: Settings) -> bool:
    """Whether the local engine plays every role of a pass."""
    return all(llm.is_local(settings, role) for role in ROLES)


def _batched(settings: Settings) -> set[Role]:
    """The roles whose models have a batch API. Loads what talks to models, where any does."""
    if is_free(settings):
        return set()
    batches = importlib.import_module("soulprint.llm.batches")
    return {role for role in ROLES if batches.supported(settings, role)}


def _stage(settings: Settings, role: Role, batched: bool, calls: int, read: int, written: int) -> StageEstimate:
    model = llm.model_name(settings, role)
    if model == llm.LOCAL:
        return StageEstimate(role, model, 0, 0, 0, Decimal(0), None)
    cost = prices.price(settings, model, read, written)
    half = prices.price(settings, model, read, written, batch=True) if batched else None
    return StageEstimate(role, model, calls, read, written, cost, half)
