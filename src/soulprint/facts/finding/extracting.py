"""Reads one window for facts, checks every finding against the person's own words, and writes down what stands."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from soulprint import llm
from soulprint.database import Database
from soulprint.facts.finding import drafts, local, store, windows
from soulprint.facts.finding.drafts import DraftFact
from soulprint.facts.finding.engines import engine
from soulprint.facts.finding.getting_ready import getting_ready
from soulprint.facts.finding.planning import is_trivial
from soulprint.facts.finding.windows import Cited, Part
from soulprint.facts.proving import proof
from soulprint.facts.shapes import Finding, Window, Yield
from soulprint.measuring import languages
from soulprint.quick_pass import evidence
from soulprint.reading import Dialogue, dialogues
from soulprint.settings import Settings


async def extract(db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID, window: Window) -> Yield:
    """Read a window by the model of the role `extract`, or by the local engine where that is chosen, and write its
    findings and that its conversations were read in one transaction. Done twice, it leaves the same rows.

    Conversations of which no answer could be used are noted as failed. Raises `errors.ModelUnreachable`,
    `errors.ModelRefused`, `errors.ModelUnknown`, `errors.PassStopped`, `errors.CeilingReached` or
    `errors.AnswerPending`: then nothing is written, and what was paid for is kept.
    """
    checked = Checked(frozenset(windows.categories(settings)))
    failed: list[Part] = []
    async with getting_ready() as ready:
        held = [dialogue async for batch in dialogues(db, account, _conversations(window)) for dialogue in batch]
        parts = windows.parts(held, window.spans)
        if llm.is_local(settings, llm.Role.EXTRACT):
            await asyncio.to_thread(_read_locally, parts, checked)
        else:
            outcome = await (await _agent()).read(db, account, settings, run, parts, ready)
            failed = outcome.failed
            for answer in outcome.answers:
                await asyncio.to_thread(checked.add, answer.cited, answer.items)
    await _write(db, account, run, engine(settings), held, parts, failed, checked.findings)
    unread = {part.span.conversation for part in failed}
    return Yield(checked.found, len(checked.findings), dict(checked.dropped), len(unread))


async def warm(settings: Settings) -> None:
    """Load what reading windows needs, so that the first answers needn't wait for it."""
    if not llm.is_local(settings, llm.Role.EXTRACT):
        await asyncio.to_thread(languages.model)
        await _agent()


async def _agent() -> Any:
    """What talks to models takes seconds to load, and nobody else should wait for it."""
    return await asyncio.to_thread(importlib.import_module, "soulprint.facts.finding.agent")


async def pass_over(
    db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID, trivial: Sequence[uuid.UUID]
) -> None:
    """Note of conversations in which the person says next to nothing that they needn't be read. One that says more by
    now is left to the next plan."""
    async for batch in dialogues(db, account, trivial):
        hashes = {dialogue.talk.id: dialogue.content_hash for dialogue in batch if is_trivial(dialogue)}
        async with db.session(account) as session:
            await store.note(session, account, run, engine(settings), store.TRIVIAL, hashes)


def _conversations(window: Window) -> list[uuid.UUID]:
    return list(dict.fromkeys(span.conversation for span in window.spans))


async def _write(
    db: Database,
    account: uuid.UUID,
    run: uuid.UUID,
    name: str,
    held: Sequence[Dialogue],
    parts: Sequence[Part],
    failed: Sequence[Part],
    findings: Sequence[Finding],
) -> None:
    """Everything that came of a window, in one transaction."""
    unread = {part.span for part in failed}
    whole = [part for part in parts if part.whole]
    positions = {dialogue.talk.id: [turn.position for turn in dialogue.turns] for dialogue in held}
    async with db.session(account) as session:
        await store.note(
            session, account, run, name, store.READ, _hashes(one for one in whole if one.span not in unread)
        )
        await store.note(session, account, run, name, store.FAILED, _hashes(one for one in whole if one.span in unread))
        for part in parts:
            if not part.whole:
                conversation, span = part.span.conversation, (part.span.first, part.span.last)
                told = (conversation, part.dialogue.content_hash, span, positions[conversation])
                await store.note_part(session, account, run, name, *told, failed=part.span in unread)
        await store.keep(session, account, run, name, findings)
        await store.drop_outdated(session, [*positions])


def _hashes(parts: Iterable[Part]) -> dict[uuid.UUID, bytes]:
    return {part.span.conversation: part.dialogue.content_hash for part in parts}


# What stands


@dataclass(slots=True)
class Checked:
    """The findings that stand up to a check, and why the others don't."""

    categories: frozenset[str]
    found: int = 0
    findings: list[Finding] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    def add(self, cited: Sequence[Cited], items: Iterable[object]) -> None:
        """What a model gave for turns that could be cited by their number, from 1."""
        messages: dict[int, proof.Message] = {}
        for item in items:
            self.found += 1
            draft = drafts.read(item)
            made = self._made(draft, cited, messages) if draft else "unusable statement"
            if isinstance(made, Finding):
                self.findings.append(made)
            else:
                self.dropped[made] += 1

    def take(self, finding: Finding, message: proof.Message) -> None:
        """A finding of the rules, whose quote stands in the message as it is."""
        self.found += 1
        if reason := message.refusal(finding.statement, (finding.start, finding.end)):
            self.dropped[reason] += 1
        else:
            self.findings.append(finding)

    def _made(self, draft: DraftFact, cited: Sequence[Cited], messages: dict[int, proof.Message]) -> Finding | str:
        """The finding, or why there is none. `messages` keeps what was looked through already, by number."""
        if not 0 < draft.message <= len(cited):
            return "no such message"
        category = draft.category.strip().lower()
        if category not in self.categories:
            return "unknown category"
        source = cited[draft.message - 1]
        if draft.message not in messages:
            messages[draft.message] = proof.Message(source.turn.text, source.said_at)
        message = messages[draft.message]
        span = message.prove(draft.quote)
        if span is None:
            return "quote not found"
        statement = " ".join(draft.statement.split())
        reason = message.refusal(statement, span)
        return reason or _finding(draft, source, span, category, statement)


def _finding(draft: DraftFact, source: Cited, span: tuple[int, int], category: str, statement: str) -> Finding:
    start, end = span
    since, until = drafts.period(draft, source.said_at)
    return Finding(
        message_id=source.turn.message_id,
        conversation_id=source.conversation,
        start=start,
        end=end,
        quote=source.turn.text[start:end],
        category=category,
        about=drafts.about(draft),
        statement=statement,
        language=_language(statement, source.turn.text, span),
        said_at=source.said_at,
        true_from=since,
        true_to=until,
    )


def _language(statement: str, text: str, span: tuple[int, int]) -> str | None:
    """The language that the message has around the quote; where it is too short to tell, the statement's."""
    start = max(0, span[0] - languages.LONGEST // 2)
    around = text[start : start + languages.LONGEST]
    return _told(around) or _told(statement)


@lru_cache(maxsize=64)  # several findings stand in one message
def _told(text: str) -> str | None:
    return languages.told(text) if len(text) >= languages.SHORTEST or not text.isascii() else None


def _read_locally(parts: Sequence[Part], checked: Checked) -> None:
    """By the rules, whose findings come in the order of the text."""
    sources = {cited.turn.message_id: cited for cited in windows.citable(parts)}
    found = local.findings([part.dialogue for part in parts], evidence.load())
    for number, findings in groupby(found, key=attrgetter("message_id")):
        if source := sources.get(number):
            message = proof.Message(source.turn.text, source.said_at)
            for finding in findings:
                checked.take(finding, message)
