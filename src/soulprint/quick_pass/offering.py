"""What a prompt that writes a profile shows of a history: figures, claims and messages, each under an id to cite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from soulprint.kinds import ClaimKind
from soulprint.llm import masking, tokens
from soulprint.quick_pass import names
from soulprint.quick_pass.checking import Ground, is_name
from soulprint.quick_pass.evidence import Evidence
from soulprint.reading.sample import Transcript, Turn, label, one_line
from soulprint.records import Claim
from soulprint.records.sections import ClaimText, Measure, Quote

TOPICS = 15
KINDS = 8
CLAIM_SHARE = 0.15
"""The share of the sample's tokens that custom instructions and the like may take on top."""

FEWEST_CLAIM_TOKENS = 1_000
LONGEST_CLAIM = 1500
"""Code points."""

LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class Offer:
    """What the prompt shows, as it is shown, and what each id in it stands for."""

    measures: list[tuple[str, str]] = field(default_factory=list)
    """Id and sentence."""
    claims: list[tuple[str, str, str]] = field(default_factory=list)
    """Id, kind and text."""
    turns: list[tuple[str, str]] = field(default_factory=list)
    """Label and text."""
    citable: dict[str, Ground] = field(default_factory=dict)


def offered(evidence: Evidence, sample: Transcript) -> Offer:
    """What can be shown and cited. Each secret is taken out of it."""
    offer = Offer()
    for number, (sentence, measure) in enumerate(_measures(evidence), start=1):
        offer.measures.append((f"s{number}", one_line(sentence)))
        offer.citable[f"s{number}"] = Ground(sentence, (measure,))
    for claim in _claims(evidence, sample):
        text = one_line(claim.text)[:LONGEST_CLAIM]
        offer.claims.append((f"c{claim.id}", claim.kind, text))
        offer.citable[f"c{claim.id}"] = Ground(text, (_claim(claim),))
    spans = {one.message: (one.start, one.end) for one in reversed(evidence.statements)}
    for turn in sample.turns:
        offer.turns.append((label(turn), turn.text))
        quote = _quote(evidence, turn, spans)
        offer.citable[f"m{turn.message_id}"] = Ground(f"{turn.date} {turn.text}", (quote,) if quote else ())
    return offer


def values(evidence: Evidence, sample: Transcript, offer: Offer, language: str | None = None) -> dict[str, object]:
    """What the prompts that write a profile are filled with; without a `language` in the one the person writes most."""
    spoken = evidence.style.languages
    return {
        "measures": offer.measures,
        "claims": offer.claims,
        "turns": offer.turns,
        "conversations_read": sample.conversations_read,
        "conversations_total": sample.conversations_total,
        "language": language or (spoken[0].name if spoken else None),
    }


def named(evidence: Evidence, chosen: str, person: str) -> str:
    """The name a model chose for the assistant when it is one, else always the same for the same person."""
    chosen = chosen.strip(" .\"'“”")
    return chosen if is_name(chosen, person) else names.chosen(person, evidence.talks)


def _claims(evidence: Evidence, sample: Transcript) -> Iterator[Claim]:
    """The newest claims, as many as there is room for."""
    left = max(FEWEST_CLAIM_TOKENS, round(sample.tokens * CLAIM_SHARE))
    for claim in evidence.claims:
        left -= tokens.count(claim.text[:LONGEST_CLAIM])
        if left >= 0:
            yield claim


def _claim(claim: Claim) -> ClaimText:
    kind = ClaimKind(claim.kind)
    return ClaimText(claim_id=claim.id, claim_kind=kind, said_at=claim.said_at, text=masking.mask(claim.text))


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


def _quote(evidence: Evidence, turn: Turn, spans: Mapping[int, tuple[int, int]]) -> Quote | None:
    """What the person says of themself in the message, or else its beginning; no secret in it."""
    said = turn.said
    start, end = spans.get(said.message_id, (0, len(said.text)))
    end = _cut(said.text, start, end)
    secret = next((s.start for s in masking.find(said.text[: end + LONGEST_QUOTE]) if s.start < end), end)
    end = min(end, max(start, secret))
    text = said.text[start:end]
    return evidence.span(said, start, text) if text.strip() else None


def _cut(text: str, start: int, end: int) -> int:
    """Where to end a quote that begins at `start`: at `end`, or at the last space before it grows too long."""
    if end - start <= LONGEST_QUOTE:
        return end
    space = text.rfind(" ", start + LONGEST_QUOTE // 2, start + LONGEST_QUOTE)
    return space if space > 0 else start + LONGEST_QUOTE
