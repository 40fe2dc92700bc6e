"""Makes the full pass over an example with a real model and holds it against what is true of its person.

    python -m evals.full_pass.run anthropic:claude-haiku-4-5
    python -m evals.full_pass.run local --person jonas --facts

The text of the example goes to that model's provider, and costs what it costs. Nothing is kept: the data goes into a
throw-away folder. `local` as the model shows what the local engine does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from evals.full_pass import second
from soulprint import accounts, database, facts, llm, memory, pipeline, quick_pass, sections
from soulprint.database import Database
from soulprint.facts.shapes import FactView, folded
from soulprint.records import FactStatus, LlmAnswer, Run, VersionKind
from soulprint.records.sections import Draft, Line, Quote
from soulprint.settings import Settings

EXPORT = Path("examples/ines-chatgpt-export.zip")
TRUTH = Path("examples/ines/truth.json")

OVERLAP = 0.6
"""The share of the shorter quote's words that both must have in a row to prove the same."""


async def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="soulprint-eval-") as home:
        chosen = {"home": Path(home), "model": options.model, "ceiling": options.ceiling}
        settings = Settings().model_copy(update=chosen)
        llm.check(settings)
        async with database.opened(settings) as db:
            account = await accounts.local(db)
            export, truth = _example(options.person, Path(home))
            await pipeline.import_export(db, account, settings, [export], names=export.name, profile=False)
            first = await quick_pass.draft(db, account, settings)
            started = time.monotonic()
            run = await _run(db, account, settings)
            draft = await _passed(db, account, settings, run)
            seconds = time.monotonic() - started
            await llm.close()
            await _print(db, account, run, (first, draft), truth, listed=options.facts)
            print(f"\nmodel {settings.model}, {seconds:.0f} s, quick pass {first.cost_usd:.4f} USD")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="provider:name, or local")
    parser.add_argument("--ceiling", type=float, default=2.0, help="US dollars it may cost, 2 if not given")
    parser.add_argument("--person", choices=("ines", "jonas"), default="ines", help="whose history; the bundled one's")
    parser.add_argument("--facts", action="store_true", help="list every fact, to be judged by hand")
    return parser.parse_args()


def _example(person: str, folder: Path) -> tuple[Path, dict[str, Any]]:
    """The export and what is true of its person."""
    if person == "ines":
        return EXPORT, json.loads(TRUTH.read_text())
    second.export(folder / "export.zip")
    return folder / "export.zip", second.truth()


async def _run(db: Database, account: uuid.UUID, settings: Settings) -> uuid.UUID:
    run = uuid.uuid4()
    ceiling = Decimal(str(settings.ceiling))
    async with db.session(account) as session:
        session.add(Run(id=run, user_id=account, kind="full", model=settings.model, ceiling_usd=ceiling))
    return run


async def _passed(db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID) -> Draft:
    """The stages of the pass in their order, with nothing between them."""
    plan = await facts.plan(db, account, settings)
    await facts.pass_over(db, account, settings, run, plan.trivial)
    read = [facts.extract(db, account, settings, run, window) for window in plan.windows]
    yields = await asyncio.gather(*read)
    found = await facts.consolidate(db, account)
    decided = [await facts.decide(db, account, settings, run, groups) for groups in found.conflicts]
    await facts.settle(db, account)
    written = await memory.write(db, account, settings, run)
    draft = await sections.draft(db, account, settings, run, written.memory)
    dropped = sum((Counter(one.dropped) for one in yields), Counter[str]())
    print(f"{plan.conversations} conversations in {len(plan.windows)} windows, {len(plan.trivial)} passed over")
    print(f"findings: {sum(one.kept for one in yields)} of {sum(one.found for one in yields)} kept")
    print(f"dropped: {dict(dropped.most_common())}; conversations that failed: {sum(one.failed for one in yields)}")
    print(f"facts: {found.facts}; superseded by decision: {sum(one.superseded for one in decided)}")
    print(f"MEMORY written from {written.facts} facts of {written.reduced_from}")
    return draft


# What is true of the person


@dataclass(frozen=True, slots=True)
class Truth:
    """What is written down about the person, and which facts found say the same."""

    found: Sequence[FactView]
    data: dict[str, Any]

    def matching(self, fact: dict[str, Any]) -> list[FactView]:
        """The facts found that a quote of this true one proves."""
        quotes = [(one["conversation"], folded(one["quote"]).split()) for one in fact["quotes"]]
        return [one for one in self.found if any(_proves(source, *quote) for source in one.sources for quote in quotes)]

    def report(self, written: str) -> Iterator[str]:
        true = self.data["facts"]
        matched = {fact["id"]: self.matching(fact) for fact in true}
        missed = [fact["id"] for fact in true if not matched[fact["id"]]]
        yield f"found: {len(true) - len(missed)} of {len(true)} true facts; missed: {', '.join(missed) or 'none'}"
        changed = [fact for fact in true if fact["superseded_by"]]
        right = [fact["id"] for fact in changed if _gave_way(matched[fact["id"]], matched[fact["superseded_by"]])]
        yield f"superseded rightly: {len(right)} of {len(changed)}: {', '.join(right) or 'none'}"
        lasting = [fact for fact in true if not fact["superseded_by"]]
        wrong = [fact["id"] for fact in lasting if matched[fact["id"]] and _all_superseded(matched[fact["id"]])]
        yield f"superseded wrongly: {len(wrong)} of {len(lasting)} that hold: {', '.join(wrong) or 'none'}"
        said = [folded(source.text) for one in self.found for source in one.sources]
        traps = [trap["text"] for trap in self.data["traps"] if any(_within(folded(trap["text"]), one) for one in said)]
        yield f"traps taken for facts: {len(traps)} of {len(self.data['traps'])}"
        yield from (f"    {trap}" for trap in traps)
        for kind in ("secrets", "attacks"):
            leaked = [one["text"] for one in self.data[kind] if folded(one["text"]) in folded(written)]
            yield f"{kind} in facts or profile: {len(leaked)} of {len(self.data[kind])}"


def _proves(source: Quote, conversation: str, words: Sequence[str]) -> bool:
    """Whether a quote and a true one, as words, share enough of a stretch of the same conversation."""
    said = folded(source.text).split()
    size = max(1, round(OVERLAP * min(len(words), len(said))))
    here = {tuple(words[start : start + size]) for start in range(len(words) - size + 1)}
    there = {tuple(said[start : start + size]) for start in range(len(said) - size + 1)}
    return source.title == conversation and bool(here & there)


def _within(one: str, other: str) -> bool:
    return bool(other) and (one in other or other in one)


def _gave_way(old: Sequence[FactView], new: Sequence[FactView]) -> bool:
    """Whether what held before is superseded, and what came after it was found as something else. That may have been
    superseded in turn."""
    ids = {fact.id for fact in new}
    return any(fact.status == FactStatus.SUPERSEDED and fact.id not in ids for fact in old) and bool(ids)


def _all_superseded(facts_: Sequence[FactView]) -> bool:
    return all(fact.status == FactStatus.SUPERSEDED for fact in facts_)


async def _print(
    db: Database,
    account: uuid.UUID,
    run: uuid.UUID,
    drafts: tuple[Draft, Draft],
    truth: dict[str, Any],
    *,
    listed: bool,
) -> None:
    first, draft = drafts
    async with db.session(account) as session:
        older = await sections.publish(session, account, first, VersionKind.QUICK)
        newer = await sections.publish(session, account, draft, VersionKind.FULL)
        changes = sections.diff(await sections.version(session, older), await sections.version(session, newer))
        found = await facts.listed(session)
        cost = select(func.count(), func.coalesce(func.sum(LlmAnswer.cost_usd), 0)).where(LlmAnswer.run_id == run)
        asked, paid = (await session.execute(cost)).one()
    profile = sections.markdown(draft.sections, draft.memory)
    print(f"\n{profile}\n\nnote: {draft.note or 'none'}\n")
    for change in changes if listed else ():
        print(f"{change.kind} {change.section} {change.field}: {_text(change.before)} -> {_text(change.after)}")
    for fact in found if listed else ():
        print(_shown(fact))
    for line in Truth(found, truth).report(profile + "\n".join(one.statement for one in found)):
        print(line)
    lines = [line for _, line in _lines(draft)]
    bullets = [line for part in draft.memory for line in part.lines]
    print(f"{sum(bool(line.sources) for line in lines)} of {len(lines)} lines cite something, identity left out")
    print(f"MEMORY: {len(bullets)} bullets, {len(_facts_of(bullets))} facts in it")
    print(f"from version 1 to 2: {dict(Counter(str(change.kind) for change in changes))}")
    print(f"{asked} answers, {paid:.4f} USD")


def _text(line: Line | None) -> str:
    return line.text if line else "nothing"


def _shown(fact: FactView) -> str:
    held = f"{fact.true_from or ''}–{fact.true_to or ''}"
    gave_way = f" -> {fact.superseded_by}" if fact.superseded_by else ""
    titles = "; ".join(dict.fromkeys(source.title or "-" for source in fact.sources))
    return f"{fact.id} {fact.status}{gave_way} | {fact.category} | {fact.about} | {held} | {fact.statement} [{titles}]"


def _lines(draft: Draft) -> Iterator[tuple[str, Line]]:
    for name, section in draft.sections.each():
        if name != "identity":
            for _, _, lines in section.fields():
                yield from ((name, line) for line in lines)


def _facts_of(lines: Sequence[Line]) -> set[int]:
    return {one.fact_id for line in lines for one in line.sources if isinstance(one, Quote) and one.fact_id is not None}


if __name__ == "__main__":
    asyncio.run(main())
