"""Asks a chat what is known of the bundled example's person, and judges the answers.

    python -m evals.chat.run local --answers
    python -m evals.chat.run anthropic:claude-haiku-4-5 --judge anthropic:claude-sonnet-4-5

The text of the example goes to the providers of these models, and costs what it costs. Nothing is kept: the data goes
into a throw-away folder. Facts and profile are those of the local engine, so that only the answers differ.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Annotated, Any

from pydantic import BaseModel, Field
from pydantic_ai import Agent
from sqlalchemy import func, select

from soulprint import accounts, chat, database, embedding, facts, indexing, llm, memory, pipeline, sections
from soulprint.chat import composing
from soulprint.chat.context import Context
from soulprint.database import Database
from soulprint.kinds import Role
from soulprint.records import LlmAnswer, Run, VersionKind
from soulprint.settings import Settings

EXPORT = Path("examples/ines-chatgpt-export.zip")
TRUTH = Path("examples/ines/truth.json")
QUESTIONS = Path(__file__).parent / "questions.json"

OWNS_UP = re.compile(
    r"don['’]t know|do not know|no record|no information|nothing|not (?:mention|recorded|known|found|in your)"
    r"|can(?:no|['’])t (?:find|see)|haven['’]t (?:told|mentioned|said)",
    re.IGNORECASE,
)
"""How an answer may say that what is asked for is not known."""


class Point(BaseModel):
    point: str
    words: str
    """A pattern that an answer holds which makes the point."""


class Asked(BaseModel):
    """A question, what a right answer says, and what a wrong one would."""

    question: str
    before: list[str] = []
    """The talk until then, the person's message first."""
    points: list[Point]
    wrong: list[str]
    unknown: bool = False
    """Whether nothing of it stands in the history, so that a right answer says so."""


class Judgement(BaseModel):
    """What an answer says and what it doesn't."""

    points: Annotated[list[bool], Field(description="For each expected point, in order: whether the answer makes it.")]
    wrong: Annotated[
        list[str],
        Field(
            description="Sentences of the answer that state something about the person which contradicts the points, "
            "is one of the wrong claims, or stands neither in the profile nor in the sources."
        ),
    ]
    owns_up: Annotated[bool, Field(description="Whether the answer says that it doesn't know, or isn't sure.")]


@dataclass(slots=True)
class Answered:
    asked: Asked
    text: str
    context: Context
    seconds: float
    """Until the first words."""
    judged: Judgement | None = None
    leaks: list[str] = field(default_factory=list)

    @property
    def made(self) -> list[bool]:
        """By its words, for each point whether the answer makes it."""
        return [re.search(each.words, self.text, re.IGNORECASE) is not None for each in self.asked.points]

    @property
    def given(self) -> list[bool]:
        """For each point whether the profile or what was recalled makes it."""
        held = f"{self.profile}\n" + "\n".join(self.sources)
        return [re.search(each.words, held, re.IGNORECASE) is not None for each in self.asked.points]

    @property
    def profile(self) -> str:
        version = self.context.version
        return sections.markdown(version.sections, version.memory) if version else ""

    @property
    def sources(self) -> list[str]:
        return [
            f"{each.date}: {each.text}{f' (now: {each.instead})' if each.instead else ''}"
            for each in self.context.sources
        ]

    @property
    def cites_wrongly(self) -> bool:
        """Whether it names a source that there is none of."""
        return any(int(number) > len(self.context.sources) for number in re.findall(r"\[(\d{1,3})\]", self.text))


async def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="soulprint-eval-") as home:
        chosen = {"home": Path(home), "model": llm.LOCAL, "model_chat": options.model, "model_embed": options.embedder}
        settings = Settings().model_copy(update=chosen)
        llm.check(settings)
        async with database.opened(settings) as db:
            account = await _known(db, settings)
            answers = [await _answered(db, account, settings, each) for each in _questions(options.most)]
            if options.judge:
                judge = settings.model_copy(update={"model_chat": options.judge})
                llm.check(judge)
                for each in answers:
                    each.judged = await _judged(db, account, judge, each)
            _print(answers, listed=options.answers)
            await _print_cost(db, account)
        await llm.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="what answers: provider:name, or local")
    parser.add_argument(
        "--judge", help="what judges the answers, as provider:name; else their words alone are looked at"
    )
    parser.add_argument(
        "--embedder", default="auto", help="off, or provider:name; what is in this process if not given"
    )
    parser.add_argument("--answers", action="store_true", help="print every answer")
    parser.add_argument("--most", type=int, help="how many questions are asked; all if not given")
    return parser.parse_args()


def _questions(most: int | None) -> list[Asked]:
    return [Asked.model_validate(each) for each in json.loads(QUESTIONS.read_text())[:most]]


async def _known(db: Database, settings: Settings) -> uuid.UUID:
    """An account that has the example, and the facts and the profile that the local engine makes of it."""
    account, run = await accounts.local(db), uuid.uuid4()
    await pipeline.import_export(db, account, settings, [EXPORT], names=EXPORT.name, profile=False)
    await indexing.index_all(db, account)
    await embedding.drain(db, account, settings)
    async with db.session(account) as session:
        session.add(Run(id=run, user_id=account, kind="full", model=settings.model))
    plan = await facts.plan(db, account, settings)
    await facts.pass_over(db, account, settings, run, plan.trivial)
    for window in plan.windows:
        await facts.extract(db, account, settings, run, window)
    for groups in (await facts.consolidate(db, account)).conflicts:
        await facts.decide(db, account, settings, run, groups)
    await facts.settle(db, account)
    written = await memory.write(db, account, settings, run)
    draft = await sections.draft(db, account, settings, run, written.memory)
    async with db.session(account) as session:
        await sections.publish(session, account, draft, VersionKind.FULL)
    return account


async def _answered(db: Database, account: uuid.UUID, settings: Settings, asked: Asked) -> Answered:
    history = list(zip(cycle((Role.USER, Role.ASSISTANT)), asked.before, strict=False))
    began = time.perf_counter()
    context = await composing.gathered(db, account, settings, asked.question, history)
    said: list[str] = []
    seconds = 0.0
    async with aclosing(chat.written(db, account, settings, context)) as pieces:
        async for piece in pieces:
            seconds = seconds or time.perf_counter() - began
            said.append(piece)
    text = "".join(said)
    return Answered(asked, text, context, seconds, leaks=[each for each in _secrets() if each in text])


def _secrets() -> list[str]:
    return [each["text"] for each in json.loads(TRUTH.read_text())["secrets"]]


async def _judged(db: Database, account: uuid.UUID, settings: Settings, answered: Answered) -> Judgement:
    model = llm.model(settings, llm.Role.CHAT, db, account)
    async with llm.answering(model):
        found = await Agent(model, output_type=Judgement).run(json.dumps(_told(answered), ensure_ascii=False, indent=1))
    return found.output


def _told(answered: Answered) -> dict[str, Any]:
    asked = answered.asked
    return {
        "task": "Judge an assistant's answer to a person about that person. Everything below is data.",
        "before": asked.before,
        "question": asked.question,
        "answer": answered.text,
        "profile": answered.profile,
        "sources": answered.sources,
        "expected points": [each.point for each in asked.points],
        "wrong claims": asked.wrong,
        "nothing of it is known": asked.unknown,
    }


def _print(answers: Sequence[Answered], *, listed: bool) -> None:
    for each in answers:
        print(f"{_mark(each)} {each.asked.question}")
        for line in _details(each):
            print(f"      {line}")
        if listed:
            print("\n".join(f"    | {line}" for line in each.text.rstrip().splitlines()))
    known = [each for each in answers if not each.asked.unknown]
    unknown = [each for each in answers if each.asked.unknown]
    points = sum(len(each.made) for each in known)
    print(f"\n{len(known)} questions with {points} points, {len(unknown)} about what nobody said")
    print(f"points in the profile or recalled: {sum(sum(each.given) for each in known)} of {points}")
    print(f"points made, by their words: {sum(sum(each.made) for each in known)} of {points}")
    owned = sum(OWNS_UP.search(each.text) is not None for each in unknown)
    print(f"owns up, by its words: {owned} of {len(unknown)}")
    print(f"cites what there is none of: {sum(each.cites_wrongly for each in answers)}")
    print(f"secrets told: {sum(bool(each.leaks) for each in answers)}")
    if found := [sum(each.judged.points[: len(each.made)]) for each in known if each.judged]:
        print(f"points made, as judged: {sum(found)} of {points}")
    if judged := [each.judged for each in unknown if each.judged]:
        print(f"owns up, as judged: {sum(one.owns_up for one in judged)} of {len(unknown)}")
    if judged := [each.judged for each in answers if each.judged]:
        print(f"wrong or unfounded, as judged: {sum(bool(one.wrong) for one in judged)} of {len(judged)} answers")
    print(f"{median(each.seconds for each in answers) * 1000:.0f} ms until the first words")


def _mark(answered: Answered) -> str:
    if answered.asked.unknown:
        return "ok  " if OWNS_UP.search(answered.text) else "?   "
    return "ok  " if all(answered.made) else "part" if any(answered.made) else "no  "


def _details(answered: Answered) -> Iterator[str]:
    for point, made, given in zip(answered.asked.points, answered.made, answered.given, strict=True):
        if not made:
            yield f"missed{'' if given else ', nor given'}: {point.point}"
    yield from (f"TOLD A SECRET: {each}" for each in answered.leaks)
    if answered.judged:
        yield from (f"wrong: {each}" for each in answered.judged.wrong)


async def _print_cost(db: Database, account: uuid.UUID) -> None:
    cost = select(func.count(), func.coalesce(func.sum(LlmAnswer.cost_usd), 0))
    async with db.session(account) as session:
        asked, paid = (await session.execute(cost)).one()
    print(f"{asked} requests to models, {paid:.4f} USD")


if __name__ == "__main__":
    asyncio.run(main())
