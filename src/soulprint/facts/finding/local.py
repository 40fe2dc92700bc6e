"""Facts without a language model: the sentences in which a person speaks of themself, told by rules and a small judge.

Every message of the person is read. What is found is in their own words, cut to what reads well by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from soulprint.facts.meaning import dates, slots
from soulprint.facts.shapes import Finding
from soulprint.kinds import Role
from soulprint.llm import minilm
from soulprint.measuring import declared, languages, requests, statements, words
from soulprint.measuring.statements import Statement
from soulprint.quick_pass import material
from soulprint.reading import Dialogue, Said

# ruff: noqa: E501 - an alternative a line reads better than a wrapped one

VERSION = "2"
"""Of the rules: facts that another one found are old."""

SHORTEST = 10
"""Code points of a statement."""

FEW_WORDS = 8
"""A longer sentence says something even where it ends in a pointer."""

OPENING = 400
"""Code points of a message in which a part to play is given out."""

CATEGORIES = {"about": "decisions", "instruction": "preferences"}
"""Where what the measuring calls by another name belongs."""


def findings(dialogues: Sequence[Dialogue], embedder: minilm.Embedder | None) -> list[Finding]:
    """What the person says of themself in these conversations, in the order of the text. Without an embedder rules
    alone judge, far more strictly. Linear in the size of the text."""
    said = [message for dialogue in dialogues for message in _said(dialogue)]
    known = {message.message_id: message for message in said}
    found = _stated(said, embedder)
    return [finding for one in found if (finding := _finding(known[one.message], one)) is not None]


def _said(dialogue: Dialogue) -> Iterator[Said]:
    """What the person says, up to where they begin to play a part."""
    for turn in dialogue.turns:
        if turn.role == Role.USER:
            if _PLAYING.search(turn.text, 0, OPENING):
                return
            if _ANOTHERS.search(turn.text, 0, OPENING):
                continue
            sent_at = dialogue.said_at(turn)
            yield Said(turn.message_id, dialogue.talk.id, turn.position, turn.text, sent_at, turn.modality)


def _stated(said: Sequence[Said], embedder: minilm.Embedder | None) -> list[Statement]:
    """The plain declarations, and beside them what the judge is sure of."""
    typed = words.typed(said)
    plain = [one for message in typed for one in declared.declarations(message)]
    taken = {(one.message, one.end) for one in plain}
    texts = {message.said.message_id: message.said.text for message in typed}
    found = [one for message, text in texts.items() for one in statements.candidates(message, text)]
    open_ones = [
        one
        for one in found
        if (one.message, one.end) not in taken and one.start < declared.typed_until(texts[one.message])
    ]
    places = {message: place for place, message in enumerate(texts)}
    every = [*plain, *statements.judge(open_ones, embedder)]
    return sorted(every, key=lambda one: (places[one.message], one.start))


def _finding(said: Said, one: Statement) -> Finding | None:
    start, end = material.readable(one.text)
    start = _after_quotation(one.text, start, end)
    text = one.text[start:end]
    if len(text) < SHORTEST or "\n" in text or _is_request(one, text) or _is_pointing(text):
        return None
    category = CATEGORIES.get(one.category, one.category)
    period = dates.period(text, said.sent_at)
    return Finding(
        message_id=said.message_id,
        conversation_id=said.conversation_id,
        start=one.start + start,
        end=one.start + end,
        quote=text,
        category=category,
        about=slots.about(text, category),
        statement=text,
        language=_language(text, said.text),
        said_at=said.sent_at,
        true_from=period.true_from,
        true_to=period.true_to,
    )


def _after_quotation(text: str, start: int, end: int) -> int:
    """Where the person's own words begin in a sentence that opens with a quotation: with its next clause."""
    if text[start : start + 1] not in _OPENING:
        return start
    closed = _CLOSING.search(text, start + 1, end)
    clause = material.CLAUSE.search(text, closed.end(), end) if closed else None
    return clause.end() if clause else start


def _is_request(one: Statement, text: str) -> bool:
    """Whether a sentence that is no instruction opens with what one asks for."""
    opening = text.split(maxsplit=1)
    return one.category != "instruction" and bool(opening) and opening[0].lower() in requests.VERBS


def _is_pointing(text: str) -> bool:
    """Whether a short sentence ends in a pointer to what nobody who reads it alone can know: "I love working with
    her"."""
    return text.count(" ") < FEW_WORDS and _POINTER.search(text) is not None and not material.NAMED.search(text)


def _language(sentence: str, message: str) -> str | None:
    if len(sentence) >= languages.SHORTEST:
        return languages.told(sentence)
    return languages.told(message[: languages.LONGEST]) if len(message) >= languages.SHORTEST else None


_PLAYING = re.compile(
    r"\brollenspiel|\brole-?play|\bstay in character|\b(?:let['’]s )?pretend (?:you|to be|that)\b|\bspiele? (?:mal |bitte )?(?:eine?n?|meine?n?|den|die) "
    r"|^(?:please )?act as |\bdu bist (?:jetzt )?(?:mein\w*|eine?|der|die) \w+(?: und|,) ich bin\b|\bjeu de rôles?\b|\bjuego de rol\b",
    re.IGNORECASE,
)
"""From here on the person may speak as someone else."""
_ANOTHERS = re.compile(
    r"\b(?:papas|mamas|(?:my )?(?:dad|daddy|mum|mom|mummy)['’]?s|meine[rs] (?:mama|mutter|vaters|frau|mannes)) (?:handy|account|konto|laptop|computer|phone|tablet|chat|login)\b"
    r"|^(?:hi,? |hallo,? |hello,? )?(?:this is|it['’]s|hier ist|hier schreibt) (?!the|a\b|my\b|das|die|der|ein)\w+['’]?s? (?:wife|husband|daughter|son|sister|brother|frau|mann|tochter|sohn)\b",
    re.IGNORECASE,
)
"""Someone else types, on the person's device."""
_OPENING = frozenset('"“«„')
_POINTER = re.compile(
    r"(?<!for )(?<!\d )\b(?:it|them|him|her|this|that|these|those|one|those ones)[.!…]*$", re.IGNORECASE
)
_CLOSING = re.compile('["”»“]')
