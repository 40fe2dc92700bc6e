"""The first profile by a language model: one call over a sample, every line checked against what it cites."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, Field
from pydantic_ai import Agent

from soulprint import errors, llm
from soulprint.database import Database
from soulprint.llm import masking, prompts, tokens
from soulprint.llm.prompts import Prompt
from soulprint.quick_pass import names
from soulprint.quick_pass.evidence import Evidence
from soulprint.reading.sample import Transcript, Turn, label, one_line
from soulprint.records import Claim, ClaimKind
from soulprint.records.sections import ClaimText, Draft, Line, Measure, Quote, Sections, Source
from soulprint.settings import Settings

TOPICS = 15
KINDS = 8
CLAIM_SHARE = 0.15
"""The share of the sample's tokens that custom instructions and the like may take on top."""

FEWEST_CLAIM_TOKENS = 1_000
LONGEST_CLAIM = 1500
"""Code points."""

LONGEST_QUOTE = 300
LONGEST_LINE = 600
MOST_LINES = 12
"""Lines kept of one field."""

BANNED_NAMES = frozenset({"assistant", "helper", "ai", "bot", "buddy", "soul"})
_NAME = re.compile(r"[^\W\d_][^\W\d_'’-]{1,19}")
_ID = re.compile(r"[mcs][0-9]+")


class DraftLine(BaseModel):
    """One sentence, and what it rests on."""

    text: str = Field(description="One sentence, or a few words where the field asks for a name or a phrase.")
    evidence: list[str] = Field(default=[], description="Ids from the data, such as m12, c3 or s1.")


AGENT = Agent(output_type=Sections[DraftLine], retries=1)


@dataclass(frozen=True, slots=True)
class Citable:
    """Everything a line may cite, by the id it has in the prompt."""

    turns: Mapping[str, Turn]
    claims: Mapping[str, Claim]
    measures: Mapping[str, tuple[str, Measure]]
    """With the sentence that says it."""


async def draft(db: Database, account: uuid.UUID, settings: Settings, evidence: Evidence) -> Draft:
    """The five sections as the role `quick` writes them, each line with checked sources.

    Raises `errors.ModelAnswerUnusable` (prose, a refusal, nothing in it), `errors.ModelUnreachable`,
    `errors.ModelRefused` or `errors.ModelUnknown`.
    """
    sample = evidence.sample or Transcript([], 0, evidence.conversations_total, 0)
    citable = offered(evidence, sample)
    prompt = render(evidence, sample, citable)
    model = llm.model(settings, llm.Role.QUICK, db, account, prompt)
    name = llm.model_name(settings, llm.Role.QUICK)
    async with llm.answering(model) as answers:
        result = await AGENT.run(prompt.text, model=model)
        checker = Checker(evidence, citable)
        sections = checker.check(result.output)
        if not checker.kept:
            raise errors.ModelAnswerUnusable(model=name, reason="no line of it rests on anything that was said")
    return Draft(
        sections=sections,
        memory=[],
        model=name,
        note=_note(evidence.note, checker),
        prompts={prompt.name: prompt.hash},
        conversations_read=sample.conversations_read,
        conversations_total=evidence.conversations_total,
        cost_usd=float(answers.paid),
    )


# The prompt


def offered(evidence: Evidence, sample: Transcript) -> Citable:
    """What the prompt shows under which id."""
    return Citable(
        turns={f"m{turn.message_id}": turn for turn in sample.turns},
        claims={f"c{claim.id}": claim for claim in _claims(evidence, sample)},
        measures={f"s{number}": measure for number, measure in enumerate(_measures(evidence), start=1)},
    )


def _claims(evidence: Evidence, sample: Transcript) -> Iterator[Claim]:
    """The newest claims, as many as there is room for."""
    left = max(FEWEST_CLAIM_TOKENS, round(sample.tokens * CLAIM_SHARE))
    for claim in evidence.claims:
        left -= tokens.count(claim.text[:LONGEST_CLAIM])
        if left >= 0:
            yield claim


def _measures(evidence: Evidence) -> Iterator[tuple[str, Measure]]:
    for trait in evidence.traits:
        yield trait.sentence, Measure(name=trait.name, value=trait.value, over=trait.over)
    for topic in evidence.topics[:TOPICS]:
        span = f", {topic.first:%Y-%m} to {topic.last:%Y-%m}" if topic.first and topic.last else ""
        value = f"{topic.conversations} of {evidence.conversations_total}"
        measure = Measure(name=f"conversations about {topic.label}", value=value, over=evidence.style.messages)
        yield f"{value} conversations are about {topic.label}{span}.", measure
    for kind in evidence.requests.kinds[:KINDS]:
        measure = Measure(name=f"requests: {kind.name}", value=f"{kind.messages}", over=evidence.style.messages)
        yield f"{kind.messages} messages in {kind.conversations} conversations ask for: {kind.name}.", measure


def render(evidence: Evidence, sample: Transcript, citable: Citable) -> Prompt:
    """The one prompt. All that anybody wrote stands within its fences."""
    spoken = evidence.style.languages
    return prompts.render(
        "soulprint.quick_pass",
        "quick",
        measures=[(key, one_line(sentence)) for key, (sentence, _) in citable.measures.items()],
        claims=[(key, claim.kind, one_line(claim.text)[:LONGEST_CLAIM]) for key, claim in citable.claims.items()],
        turns=[(label(turn), turn.text) for turn in sample.turns],
        conversations_read=sample.conversations_read,
        conversations_total=sample.conversations_total,
        language=spoken[0].name if spoken else None,
    )


# The answer


@dataclass(slots=True)
class Checker:
    """Turns what a model wrote into lines with sources, and drops what has none."""

    evidence: Evidence
    citable: Citable
    kept: int = 0
    """Lines with a source."""
    dropped: int = 0
    _spans: dict[int, tuple[int, int]] = field(default_factory=dict)

    def check(self, written: Sections[DraftLine]) -> Sections[Line]:
        self._spans = {one.message: (one.start, one.end) for one in reversed(self.evidence.statements)}
        found = {
            section: {name: list(self._lines(section, lines)) for name, _, lines in fields.fields()}
            for section, fields in written.each()
        }
        person = found["user"]["name"][0].text if found["user"]["name"] else ""
        found["identity"]["ai_name"] = [Line(text=self._name(found["identity"]["ai_name"], person))]
        return Sections[Line].model_validate(found)

    def _lines(self, section: str, lines: list[DraftLine]) -> Iterator[Line]:
        for line in lines[:MOST_LINES]:
            text = " ".join(line.text.split())
            sources = tuple(self._sources(line.evidence))
            if not text:
                continue
            if len(text) > LONGEST_LINE or not (sources or section == "identity"):
                self.dropped += 1
                continue
            self.kept += bool(sources)
            yield Line(text=text, sources=sources)

    def _sources(self, ids: list[str]) -> Iterator[Source]:
        for key in dict.fromkeys(found for one in ids for found in _ID.findall(one)):
            source = self._source(key)
            if source is not None:
                yield source

    def _source(self, key: str) -> Source | None:
        if turn := self.citable.turns.get(key):
            return self._quote(turn)
        if claim := self.citable.claims.get(key):
            kind = ClaimKind(claim.kind)
            return ClaimText(claim_id=claim.id, claim_kind=kind, said_at=claim.said_at, text=masking.mask(claim.text))
        if found := self.citable.measures.get(key):
            return found[1]
        return None

    def _quote(self, turn: Turn) -> Quote | None:
        """What the person says of themself in the message, or else its beginning; no secret in it."""
        said = turn.said
        start, end = self._spans.get(said.message_id, (0, len(said.text)))
        end = _cut(said.text, start, end)
        secret = next((s.start for s in masking.find(said.text[: end + LONGEST_QUOTE]) if s.start < end), end)
        end = min(end, max(start, secret))
        text = said.text[start:end]
        return self.evidence.span(said, start, text) if text.strip() else None

    def _name(self, lines: list[Line], person: str) -> str:
        """The name the model chose when it is one, else always the same for the same person."""
        chosen = lines[0].text.strip(" .\"'“”") if lines else ""
        taken = set(person.casefold().split()) | BANNED_NAMES
        if _NAME.fullmatch(chosen) and chosen.casefold() not in taken:
            return chosen
        return names.chosen(person, self.evidence.talks)


def _cut(text: str, start: int, end: int) -> int:
    """Where to end a quote that begins at `start`: at `end`, or at the last space before it grows too long."""
    if end - start <= LONGEST_QUOTE:
        return end
    space = text.rfind(" ", start + LONGEST_QUOTE // 2, start + LONGEST_QUOTE)
    return space if space > 0 else start + LONGEST_QUOTE


def _note(gathered: str | None, checker: Checker) -> str | None:
    total = checker.kept + checker.dropped
    dropped = f"{checker.dropped} of {total} lines rested on nothing that was said and were left out."
    return " ".join(part for part in (gathered, dropped if checker.dropped else None) if part) or None
