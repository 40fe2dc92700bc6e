"""What a person asks an assistant for, read off the opening words of each message: kinds of work, formats, depth."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from soulprint.measuring.words import Typed

KINDS: dict[str, str] = {
    "Writing texts": (
        "write compose draft pen schreib schreibe verfasse entwirf écris rédige escribe redacta escreve escreva "
        "redija scrivi schrijf"
    ),
    "Editing and proofreading": (
        "proofread rewrite rephrase reword paraphrase polish shorten tighten edit correct correction corrige "
        "corriger corrigez improve trim überarbeite korrigier korrigiere formuliere kürze verbessere reformule "
        "raccourcis améliore corrija reescreve reescribe mejora correggi riscrivi migliora herschrijf verbeter"
    ),
    "Code and debugging": (
        "debug refactor implement code script regex sql python pandas javascript typescript rust bash git docker "
        "postgres css html"
    ),
    "Explanations": (
        "explain explains what's why how erkläre erklär explique expliquer explica explícame spiega spiegami leg "
        "wieso warum pourquoi comment"
    ),
    "Translation": "translate translation übersetze übersetz traduis traduire traduce traduz traduza traduci vertaal",
    "Planning": "plan organise organize schedule plane planifie organisez planifica planeja pianifica",
    "Ideas": "brainstorm suggest ideas names name imagine invent schlag propose suggère sugiere sugere "
    "suggerisci bedenk",
    "Summaries": "summarise summarize tldr condense recap zusammenfassen fasse fass résume resume resuma "
    "riassumi samenvatten",
    "Recommendations": "recommend recommendation recommendations empfiehl recommande recomienda recomenda raccomanda",
    "Calculation": "calculate compute convert work berechne rechne calcule calcula calcola bereken",
    "Lists": "list liste enumerate lista elenca",
    "Comparison": "compare vergleiche compara confronta vergelijk",
    "Practice and quizzes": "quiz practise practice drill roleplay übe entraîne pratiquons practica",
}
"""Kind of request -> the verbs that open one."""

VERBS = {verb: kind for kind, verbs in KINDS.items() for verb in verbs.split()}

LEADS = frozenset(
    "can could would will you please pls help me us to i i'd like want need now ok okay and so hi hello hey just "
    "also then quick quickly let's lets we should my the a an some short first again bitte kannst könntest du mir "
    "mal jetzt und hallo peux tu pouvez vous s'il te plaît m' m'écrire bonjour puedes por favor me pode você puoi "
    "per favore kun je".split()
)
"""Words that may stand before the verb."""

LEAD_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request and how often it was met."""

    name: str
    conversations: int
    messages: int


@dataclass(frozen=True, slots=True)
class Requests:
    """What was asked for; every list is ordered by frequency."""

    kinds: tuple[Kind, ...]
    formats: tuple[Kind, ...]
    short: int
    """Messages that ask for a short answer."""
    deep: int
    """Messages that ask for detail."""
    hints: int
    """Messages that ask for hints or questions instead of the solution."""


_FORMATS: dict[str, tuple[str, str]] = {
    "one sentence": (
        "sentence satz phrase frase",
        r"\b(?:one|a single|1) sentence\b|\bin (?:einem|1) satz\b|\ben une phrase\b|\bin una frase\b",
    ),
    "one or two paragraphs": (
        "paragraph paragraphs paragraphe",
        r"\b(?:one|two|three|a single|1|2|3) (?:short )?paragraphs?\b|\bun (?:seul )?paragraphe\b",
    ),
    "a table": (
        "table tables tabelle tableau",
        r"\b(?:as|in|make|into|give me|with|build|need) (?:a |me a |an? \w+ )?tables?\b|\btable (?:with|please)\b|"
        r"\bals tabelle\b|\ben tableau\b",
    ),
    "bullet points": (
        "bullet bullets stichpunkte",
        r"(?<!no )(?<!not )(?<!without )(?<!long )\bbullet(?:s| points?| list)\b(?! soup)|\bstichpunkte",
    ),
    "a checklist": ("checklist checkliste", r"\bcheckliste?\b"),
    "step by step": (
        "step schritt étape paso passo",
        r"\bstep[- ]by[- ]step\b|\bschritt für schritt\b|\bétape par étape\b|\bpaso a paso\b|\bpasso a passo\b",
    ),
    "prose": ("prose", r"\b(?:in|as|write) prose\b"),
    "JSON": ("json", r"\b(?:as|in|to|valid) json\b"),
    "CSV": ("csv", r"\b(?:as|in|to) csv\b"),
    "a diagram": ("mermaid diagram", r"\bmermaid\b|\b(?:draw|make) (?:me )?a (?:\w+ )?diagram\b"),
}
"""A format -> the words without which it is not asked for, and how it is."""
_FORMAT = {name: re.compile(pattern, re.IGNORECASE) for name, (_, pattern) in _FORMATS.items()}
_SHORT = re.compile(
    r"\bshort(?:er)?(?: answer\b| version\b| reply\b| please\b| pls\b|[,.;:]|$)|\bkeep it (?:short|brief)\b|"
    r"\b(?:brief(?:ly)?|concise|tl;?dr|kurz(?:e|er|gefasst)?|knapp|réponse courte|en bref|breve(?:mente)?|"
    r"respuesta corta|resposta curta)\b",
    re.IGNORECASE,
)
_DEEP = re.compile(
    r"\b(?:in (?:more |full |great )?(?:detail|depth)|more detail|detailed (?:answer|explanation|plan|guide)|"
    r"thorough(?:ly)?|"
    r"ausführlich\w*|im detail|en détail|détaillée?|en detalle|em detalhe|in dettaglio)\b",
    re.IGNORECASE,
)
_HINTS = re.compile(
    r"\b(?:only (?:give )?(?:me )?hints?|(?:a|give|just) hints?|hints? only|don['’]t (?:do|solve|write|"
    r"give) (?:it|me|the \w+)(?: for me)?)\b",
    re.IGNORECASE,
)


_DEPTH = {"short": _SHORT, "deep": _DEEP, "hints": _HINTS}
_TRIGGERS: dict[str, str] = {
    **{word: name for name, (trigger, _) in _FORMATS.items() for word in trigger.split()},
    **dict.fromkeys("short shorter brief briefly concise tldr kurz knapp courte bref breve corta".split(), "short"),
    **dict.fromkeys(
        "detail depth detailed thorough ausführlich détail détaillée détaillé detalle detalhe".split(), "deep"
    ),
    **dict.fromkeys("hint hints solve".split(), "hints"),
}
_TRIGGER_WORDS = frozenset(_TRIGGERS)
LOOKED_AT = 2000
"""Code points of own text that are searched for a format."""


@dataclass
class Counting:
    """Counts requests over batches of messages."""

    _kinds: Counter[str] = field(default_factory=Counter)
    _in: dict[str, set[uuid.UUID]] = field(default_factory=dict)
    _asked: Counter[str] = field(default_factory=Counter)

    def add(self, batch: Iterable[Typed]) -> None:
        for message in batch:
            conversation = message.said.conversation_id
            kind = _kind(message)
            if kind:
                self._count(kind, conversation)
            if not _TRIGGER_WORDS.isdisjoint(message.words):
                self._ask(message, conversation)

    def _count(self, name: str, conversation: uuid.UUID) -> None:
        self._kinds[name] += 1
        self._in.setdefault(name, set()).add(conversation)

    def _ask(self, message: Typed, conversation: uuid.UUID) -> None:
        text = message.own[:LOOKED_AT]
        for name in {_TRIGGERS[word] for word in _TRIGGER_WORDS.intersection(message.words)}:
            if name in _DEPTH:
                self._asked[name] += _DEPTH[name].search(text) is not None
            elif _FORMAT[name].search(text):
                self._count(name, conversation)

    def result(self) -> Requests:
        asked = self._asked
        return Requests(
            self._ordered(KINDS),
            self._ordered(_FORMATS),
            asked["short"],
            asked["deep"],
            asked["hints"],
        )

    def _ordered(self, names: Iterable[str]) -> tuple[Kind, ...]:
        met = [Kind(name, len(self._in[name]), self._kinds[name]) for name in names if name in self._in]
        return tuple(sorted(met, key=lambda kind: (-kind.conversations, -kind.messages, kind.name)))


def _kind(message: Typed) -> str | None:
    """The kind of request a message opens with."""
    text = message.said.text
    if "```" in text or "Traceback (most recent" in text or "Exception in thread" in text:
        return "Code and debugging"
    for word in message.words[:LEAD_LENGTH]:
        if word in VERBS:
            return VERBS[word]
        if word not in LEADS:
            return None
    return None
