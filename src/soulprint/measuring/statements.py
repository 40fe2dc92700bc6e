"""What people say about themselves: messages come in, the sentences that state something durable go out.

Rules find the candidates; a small classifier over their features, and over the sentence's embedding where an embedder
is at hand, tells self-description from requests, pasted texts and fiction. Nothing is written that the person did not
write.
"""

from __future__ import annotations

import functools
import json
import math
import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from soulprint.measuring import own_words, rules, signals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from soulprint.llm.minilm import Embedder

CAP = 150
"""Candidates that are embedded: what two idle cores do in about a second."""

SAME = 0.85
"""Two statements whose vectors have this cosine say the same."""

HOPELESS = -1.5
"""A candidate of a lower score by rules is hardly ever taken for a statement, whatever its vector."""

SENTENCE = 400
"""A longer stretch without a full stop or line break is no sentence, and is left alone."""

LONG_MESSAGE = 1800
"""Longer messages are mostly pasted; only their first part is read for what the person says."""

HEAD = 700


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of the person's that rules take for self-description: `text` is the message from `start` to `end`, in
    code points."""

    message: int
    start: int
    end: int
    text: str
    rule_score: float
    features: tuple[float, ...]
    category: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence in which the person most likely says something durable about themself."""

    message: int
    start: int
    end: int
    text: str
    category: str
    probability: float


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic regression: `weights` and `bias`, and the least probability that counts as a statement."""

    weights: tuple[float, ...]
    bias: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Message:
    """A message, and the part of it that is read, in lower case."""

    number: int
    text: str
    low: str


# Finding


def candidates(message_id: int, text: str) -> list[Candidate]:
    """The sentences of one message in which the person may speak of themself, in the order of the text.

    Code, quotations, pasted texts, role play and fiction are left out. Linear in the length of the text.
    """
    head = text if len(text) <= LONG_MESSAGE else text[:HEAD]
    low = rules.lowered(head)
    hits = list(rules.find(low))
    if not hits:
        return []
    foreign = own_words.foreign(head, low)
    message = Message(message_id, text, low)
    own = [hit for hit in hits if not any(a < hit.end and hit.start < b for a, b in foreign)]
    found = (_candidate(message, start, end, inside) for start, end, inside in _sentences(low, own))
    return [candidate for candidate in found if candidate is not None]


def _sentences(text: str, hits: Sequence[rules.Hit]) -> Iterator[tuple[int, int, list[rules.Hit]]]:
    """The sentence around each hit, once, with all hits inside it."""
    done = 0
    waiting: list[rules.Hit] = []
    start = 0
    for hit in hits:
        if hit.start < done and waiting:
            waiting.append(hit)
            continue
        if waiting:
            yield start, done, waiting
        start = signals.sentence_start(text, max(done, hit.start - SENTENCE), hit.start)
        end = signals.END.search(text, hit.start, start + SENTENCE)
        done = end.end() if end else min(len(text), start + SENTENCE)
        waiting = [hit] if end or done == len(text) else []
    if waiting:
        yield start, done, waiting


# Judging one sentence


FEATURES = (
    *("strength 1", "strength 2", "strength 3"),
    *rules.CATEGORIES,
    *signals.SIGNALS,
    "named",
    *("hits", "words", "question", "request cut off", "code", "self words"),
    *("colon", "not English", "rare language"),
)
"""The names of the features, in order."""


def _candidate(message: Message, start: int, end: int, hits: list[rules.Hit]) -> Candidate | None:
    """The sentence without the request that follows the statement; None where too little is left."""
    standing = any(hit.rule.category == "instruction" for hit in hits)
    asks = None if standing else _asks(message.low, hits[0].end, end)
    kept = asks.start() if asks else end
    inside = [hit for hit in hits if hit.start < kept]
    start, kept = _stripped(message.text, start, kept)
    lead = signals.LEAD.match(message.low, start, kept)
    start = lead.end() if lead else start
    sentence = message.text[start:kept]
    unspaced = inside[0].rule.language in ("ja", "zh")
    if len(sentence) < (5 if unspaced else 9) or (not unspaced and " " not in sentence):
        return None
    best = max(inside, key=lambda hit: hit.rule.strength)
    category = _category(message.low[start:kept], inside, best)
    features = _features(message, start, kept, asks is not None, inside)
    score = _logit(_models()["rules"], features)
    return Candidate(message.number, start, kept, sentence, score, features, category)


def _asks(low: str, position: int, end: int) -> re.Match[str] | None:
    """The request from there on that ends the sentence, if one does."""
    asks = signals.ASKS.search(low, position, end)
    return asks or (signals.LAST_ASKS.search(low, max(position, end - 80), end) if "?" in low[position:end] else None)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in ",;:-–—•*"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _category(sentence: str, hits: Sequence[rules.Hit], best: rules.Hit) -> str:
    for hit in hits:
        if hit.rule.category == "instruction" and signals.STANDING.search(sentence):
            return "instruction"
    category = best.rule.category
    if (
        category in ("about", "decisions", "projects")
        and signals.DATED.search(sentence)
        and signals.MILESTONE.search(sentence)
    ):
        return "dates" if category != "decisions" else category
    return category


def _features(message: Message, start: int, end: int, trimmed: bool, hits: Sequence[rules.Hit]) -> tuple[float, ...]:
    """What the classifier looks at beside the embedding, in the order of `FEATURES`; most lie between 0 and 3."""
    best = max(hits, key=lambda hit: hit.rule.strength).rule
    sentence, low = message.text[start:end], message.low[start:end]
    words = sentence.count(" ") + 1
    return (
        *(float(best.strength == strength) for strength in (1, 2, 3)),
        *(float(best.category == category) for category in rules.CATEGORIES),
        *(float(min(count, 3)) for count in signals.counts(low)),
        float(min(len(signals.NAMED.findall(sentence)), 3)),
        min(len(hits), 3) - 1.0,
        math.log(words) / 2,
        float(sentence.endswith("?") and not trimmed),
        float(trimmed),
        float(min(len(signals.CODE.findall(low)), 3)),
        len(signals.SELF.findall(low)) / words * 3,
        float(":" in sentence),
        float(best.language != "en"),
        float(best.language not in rules.LANGUAGES[:7]),
    )


# Ranking


def rank(found: Sequence[Candidate], embedder: Embedder | None, cap: int = CAP) -> list[Statement]:
    """The candidates that most likely are self-description, the surest first, each thing said once.

    With an embedder the best `cap` by rules are embedded and judged; without one rules alone judge, far more strictly.
    Where the same is said twice the newer one (later in `found`) is kept.
    """
    distinct = _distinct(found)
    if embedder is None:
        model = _models()["rules"]
        judged = [(candidate, _sigmoid(candidate.rule_score)) for candidate in distinct]
        return [_statement(*pair) for pair in _surest(judged, model.threshold)]
    best = sorted(distinct, key=lambda candidate: -candidate.rule_score)[:cap]
    if not best:
        return []
    vectors = embedder.embed([candidate.text for candidate in best])
    return _folded(best, vectors, {id(candidate): place for place, candidate in enumerate(found)})


def judge(found: Sequence[Candidate], embedder: Embedder | None) -> list[Statement]:
    """Each candidate that most likely is self-description, in the order of `found`, repeats and all.

    Unlike `rank` it leaves out none for want of time but those that no embedding could save."""
    if embedder is None:
        model = _models()["rules"]
        judged = [(one, _sigmoid(one.rule_score)) for one in found]
    else:
        model = _models()["embedded"]
        hopeful = [one for one in found if one.rule_score >= HOPELESS]
        vectors = embedder.embed([one.text for one in hopeful]).tolist() if hopeful else []
        judged = [
            (one, _sigmoid(_logit(model, (*one.features, *vector))))
            for one, vector in zip(hopeful, vectors, strict=True)
        ]
    return [_statement(one, probability) for one, probability in judged if probability >= model.threshold]


def _distinct(found: Sequence[Candidate]) -> list[Candidate]:
    """Of the candidates with the same words only the last."""
    return list({re.sub(r"\W+", " ", candidate.text).strip().lower(): candidate for candidate in found}.values())


def _surest(judged: list[tuple[Candidate, float]], threshold: float) -> list[tuple[Candidate, float]]:
    return sorted((pair for pair in judged if pair[1] >= threshold), key=lambda pair: -pair[1])


def _statement(candidate: Candidate, probability: float) -> Statement:
    return Statement(
        candidate.message, candidate.start, candidate.end, candidate.text, candidate.category, round(probability, 4)
    )


def _folded(best: list[Candidate], vectors: NDArray[np.float32], places: dict[int, int]) -> list[Statement]:
    """The statements above the threshold, the surest first; of near-equal ones the newest, with the best
    probability."""
    model = _models()["embedded"]
    judged = [
        (i, _sigmoid(_logit(model, (*candidate.features, *vector))))
        for i, (candidate, vector) in enumerate(zip(best, vectors.tolist(), strict=True))
    ]
    judged = sorted((pair for pair in judged if pair[1] >= model.threshold), key=lambda pair: -pair[1])
    kept: list[int] = []
    sure: list[float] = []
    for i, probability in judged:
        twin = next((n for n, k in enumerate(kept) if float(vectors[k] @ vectors[i]) > SAME), None)
        if twin is None:
            kept.append(i)
            sure.append(probability)
        elif places[id(best[i])] > places[id(best[kept[twin]])]:
            kept[twin] = i
    return [_statement(best[i], probability) for i, probability in zip(kept, sure, strict=True)]


def _logit(model: Model, values: Sequence[float]) -> float:
    return model.bias + math.fsum(map(operator.mul, model.weights, values))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


@functools.cache
def _models() -> dict[str, Model]:
    """The trained classifiers: `rules` over the features, `embedded` over the features and the sentence's vector."""
    stored = json.loads(resources.files(__package__).joinpath("weights.json").read_text())
    return {name: _model(**values) for name, values in stored["models"].items()}


def _model(features: dict[str, float], vector: list[float], bias: float, threshold: float) -> Model:
    return Model((*(features.get(name, 0.0) for name in FEATURES), *vector), bias, threshold)
