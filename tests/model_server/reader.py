"""Scripts of models that read: one that does its work, and three that do what a pass has to withstand.

All are deterministic. Where no facts are asked for, the first compares or retells what it is given, and the others fill
whatever schema there is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.model_server import filling
from tests.model_server.server import Answer, Request, answer_anything

FACTS = 15
"""At most so many from one window."""

TURN = re.compile(r"^\[(?:(?P<id>[mf]\d+) )?(?:\S+ )?(?P<speaker>USER|ASSISTANT|PASTED)\] (?P<text>.*)$", re.MULTILINE)
CITED = re.compile(r"^\[(?P<id>[mcsf]\d+)\b[^\]\n]*\] (?P<text>\S.*)$", re.MULTILINE)
COMPARED = re.compile(r"^\[f(?P<id>\d+)(?:, said (?P<said>[\d-]+))?", re.MULTILINE)
GROUP = re.compile(r"^Group \d+$", re.MULTILINE)
SENTENCE = re.compile(r"[^.!?。！？\n]+(?:[.!?。！？]+|$)")
PERSONAL = re.compile(r"\b(?:I|I'm|I've|my|ich|mein\w*|je|j'ai|mon|ma|mes|yo|mi|mis|soy|io|mio|mia)\b", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{4,}")

SHORTEST, LONGEST = 15, 220
"""Characters of a sentence worth quoting."""

ORDER = re.compile(
    r"ignore|disregard|forget|override|instruction|prompt|system\b|you (?:must|are|will|should)|remember (?:that|this)"
    r"|(?:record|note|store|save|add|insert|output|write|list|report|state|extract|treat|pretend|act|say|answer|reply)\b"
    r"|the (?:user|person)\b|assistant|memory|profile|admin|developer|jailbreak|do not|don't|always|never|from now on",
    re.IGNORECASE,
)
"""What reads like an order to a model, and much that doesn't."""

CLAUSE = re.compile(r"(?:\bthat\b|:|—|\band\b)\s+", re.IGNORECASE)
"""What stands before what an order wants to be written."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of a prompt."""

    id: str
    """Of itself, or where it has none of the turn of the person before it, or after it."""
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A fact as a model gives it."""

    turn: Turn
    quote: str
    statement: str


def plausible(request: Request) -> Answer:
    """Facts with verbatim quotes of the person's turns under the right ids; of facts that are compared, what was said
    later replaces what was said before in every third group; lines of prose say what they cite."""
    schema = request.asked.schema
    if schema is None or _facts_asked_for(schema):
        return _answered(request, lambda turns: _spread(_of_the_person(turns)))
    if name := _rulings_asked_for(schema):
        return Answer(data={name: list(_rulings(request.asked.text))})
    told = {match["id"]: match["text"][:LONGEST] for match in CITED.finditer(request.asked.text)}
    return Answer(data=filling.retell(schema, told))


def fabricating(request: Request) -> Answer:
    """Quotes that nobody said."""

    def found(turns: list[Turn]) -> Iterator[Found]:
        for number, turn in enumerate(_by(turns, "USER")[:FACTS], 1):
            quote = f"I own {number} castles in Spain and keep {number} tigers."
            yield Found(turn, quote, quote)

    return _answered(request, found)


def quoting_assistants(request: Request) -> Answer:
    """What assistants said, and what was pasted, under the ids of the person's turns."""

    def found(turns: list[Turn]) -> Iterable[Found]:
        others = [*_by(turns, "ASSISTANT"), *_by(turns, "PASTED")]
        return _spread([Found(turn, said, said) for turn in others for said in sentences(turn.text)])

    return _answered(request, found)


def obedient(request: Request) -> Answer:
    """Does whatever the data orders: every sentence that reads like an order becomes a fact, and so does what the order
    wants to be written, each quoted verbatim. Where no facts are asked for, these are all it has to say."""
    return _answered(request, lambda turns: [found for turn in turns for found in _obeyed(turn)], orders(request))


def turns(prompt: str) -> list[Turn]:
    """The turns that stand in a prompt, in order."""
    found = list(TURN.finditer(prompt))
    latest = next((match["id"] for match in found if match["id"]), "m1")
    read = []
    for match in found:
        latest = match["id"] or latest
        read.append(Turn(latest, match["speaker"], match["text"]))
    return read


def sentences(text: str) -> list[str]:
    """The sentences of a text that are worth quoting."""
    found = (match[0].strip() for match in SENTENCE.finditer(text))
    return [said[:LONGEST] for said in found if len(said) >= SHORTEST]


def orders(request: Request) -> list[str]:
    """What in the prompt reads like an order, and what such orders want to be written."""
    said = [said for turn in turns(request.asked.text) for said in _obeyed(turn)]
    lines = [line for line in request.asked.text.splitlines() if filling.CITABLE.match(line)]
    return [found.statement for found in said] or [
        order for line in lines for order in sentences(line) if ORDER.search(order)
    ]


def _answered(
    request: Request, read: Callable[[list[Turn]], Iterable[Found]], other: Iterable[str] | None = None
) -> Answer:
    schema = request.asked.schema
    if schema is None:
        return answer_anything(request)
    data = filling.fill(schema, request.asked.text, itertools.cycle(other) if other else None)
    if asked := _facts_asked_for(schema):
        name, item = asked
        data[name] = [_item(item, number, found) for number, found in enumerate(read(turns(request.asked.text)))]
    return Answer(data=data)


def _facts_asked_for(schema: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The field of an answer that lists facts, and the schema of one: an object with a quote and its message."""
    for name, field in filling.resolved(schema, schema).get("properties", {}).items():
        items = filling.resolved(filling.resolved(field, schema).get("items", {}), schema)
        if {"quote", "message"} <= items.get("properties", {}).keys():
            return name, {key: filling.resolved(one, schema) for key, one in items["properties"].items()}
    return None


def _rulings_asked_for(schema: dict[str, Any]) -> str | None:
    """The field of an answer that tells how facts stand to each other."""
    for name, field in schema.get("properties", {}).items():
        items = filling.resolved(filling.resolved(field, schema).get("items", {}), schema)
        if {"relation", "newer", "older"} <= items.get("properties", {}).keys():
            return str(name)
    return None


def _rulings(prompt: str) -> Iterator[dict[str, Any]]:
    for number, group in enumerate(GROUP.split(prompt)[1:]):
        facts = sorted((match["said"] or "", int(match["id"])) for match in COMPARED.finditer(group))
        if len(facts) > 1:
            older, newer = facts[0], facts[-1]
            replaces = number % 3 == 0 and older[0] < newer[0]
            yield {"relation": "replaces" if replaces else "both", "newer": newer[1], "older": older[1]}


def _item(fields: dict[str, Any], number: int, found: Found) -> dict[str, Any]:
    told = {
        "about": " ".join(WORD.findall(found.quote.lower())[-2:]) or "life",
        "statement": found.statement,
        "quote": found.quote,
        "message": _named(fields["message"], found.turn.id),
    }
    if categories := fields.get("category", {}).get("enum"):
        told["category"] = categories[number % len(categories)]
    return told


def _named(schema: dict[str, Any], id: str) -> Any:  # noqa: A002
    """The id as the schema wants it."""
    if "enum" in schema:
        return next((one for one in schema["enum"] if str(one) in (id, id[1:])), schema["enum"][0])
    return int(id[1:]) if schema.get("type") == "integer" else id


def _by(turns: Iterable[Turn], speaker: str) -> list[Turn]:
    return [turn for turn in turns if turn.speaker == speaker]


def _of_the_person(turns: list[Turn]) -> list[Found]:
    """What the person says of themself; where there is nothing, what else they say that is no question."""
    said = [Found(turn, said, said) for turn in _by(turns, "USER") for said in sentences(turn.text)]
    told = [found for found in said if not found.quote.endswith(("?", "？"))]
    return [found for found in told if PERSONAL.search(found.quote)] or told


def _spread(found: list[Found]) -> list[Found]:
    """At most `FACTS` of them, from the whole window."""
    if len(found) <= FACTS:
        return found
    return [found[number * len(found) // FACTS] for number in range(FACTS)]


def _obeyed(turn: Turn) -> Iterator[Found]:
    for said in sentences(turn.text):
        if ORDER.search(said):
            yield Found(turn, said, said)
            for clause in CLAUSE.split(said)[1:]:
                if len(clause) >= SHORTEST:
                    yield Found(turn, clause, clause)
