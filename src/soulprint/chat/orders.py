"""Orders about memory, understood without a model and carried out at once: remember, forget, that's wrong, undo; in six
languages. Precision before coverage: what is no plain order is answered like any other message."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors, facts, lexemes, sections
from soulprint.database import Database
from soulprint.facts import FactView, changing
from soulprint.measuring.words import GRAMMAR
from soulprint.records import FactChange, ThreadMessage
from soulprint.settings import Settings

MOST = 6
"""Facts that are asked about, where several may be meant."""

SHARE = 0.6
"""The share of its words by which a fact is taken to be meant."""


@dataclass(frozen=True, slots=True)
class Done:
    """An order that was carried out, or why it wasn't."""

    reply: str
    """Markdown, in the language of the order."""
    changes: list[int]
    """The ids of what was changed."""


@dataclass(frozen=True, slots=True)
class Words:
    """How one language gives orders, and how it is answered."""

    remember: re.Pattern[str]
    forget: re.Pattern[str]
    wrong: re.Pattern[str]
    undo: re.Pattern[str]
    remembered: str
    forgotten: str
    corrected: str
    undone: str
    unknown: str
    which: str
    nothing: str


def _words(remember: str, forget: str, wrong: str, undo: str, *told: str) -> Words:
    def order(pattern: str, rest: str) -> re.Pattern[str]:
        return re.compile(rf"\s*(?:{pattern}){rest}", re.IGNORECASE | re.DOTALL)

    statement = r"\s*[:,]?\s+(?P<rest>\S.*?)\s*$"
    return Words(
        order(remember, statement),
        order(forget, statement),
        order(wrong, r"\s*(?:$|[.!:,;–-]+\s*(?P<rest>.*?)\s*$)"),
        order(undo, r"\s*[.!]*\s*$"),
        *told,
    )


LANGUAGES = (
    _words(
        r"(?:please,? )?(?:remember|note|keep in mind|don['’]t forget)"
        r"(?: that\b(?! (?:time|day|one|when|film|movie|song|feeling)\b)|:|(?= (?:i|my)\b))",
        r"(?:please,? )?forget(?: that\b| about\b| what you know (?:about|of)\b|(?= (?:i|my)\b))",
        r"(?:no,? )?(?:that['’]?s|that is|this is) (?:wrong|not true|not right|incorrect|false)(?: now)?",
        r"(?:please )?(?:undo|take (?:that|it) back|revert)(?: that| it| this)?",
        "Remembered: “{0}”. Say “undo” to take it back.",
        "Forgotten: “{0}”. Say “undo” to take it back.",
        "Corrected: “{0}” instead of “{1}”. Say “undo” to take it back.",
        "Taken back.",
        "I know nothing of the kind, so there is nothing to forget.",
        "Which of these? Say it in its own words, for example “forget that …”.",
        "There is nothing to take back.",
    ),
    _words(
        r"(?:bitte )?(?:merk(?:e)? dir|denk(?:e)? dran|vergiss nicht|notier(?:e)?)(?:,? dass\b|:|(?= ich\b))",
        r"(?:bitte )?vergiss(?:,? dass\b| das mit\b|,? was du über\b)",
        r"(?:nein,? )?das (?:ist|stimmt) (?:falsch|nicht(?: wahr| richtig)?)",
        r"(?:bitte )?(?:rückgängig(?: machen)?|mach das rückgängig|nimm das zurück)",
        "Gemerkt: „{0}“. „Rückgängig“ nimmt es zurück.",
        "Vergessen: „{0}“. „Rückgängig“ nimmt es zurück.",
        "Berichtigt: „{0}“ statt „{1}“. „Rückgängig“ nimmt es zurück.",
        "Zurückgenommen.",
        "Davon weiß ich nichts, also gibt es nichts zu vergessen.",
        "Welches davon? Sag es mit seinen Worten, etwa „vergiss, dass …“.",
        "Es gibt nichts zurückzunehmen.",
    ),
    _words(
        r"(?:s['’]il te pla[iî]t,? )?(?:souviens-toi|rappelle-toi|retiens|note|n['’]oublie pas)(?: que\b| qu['’]|:)",
        r"(?:s['’]il te pla[iî]t,? )?oublie(?: que\b| qu['’]| ce que tu sais (?:de|sur)\b)",
        r"(?:non,? )?c['’]est faux|(?:non,? )?ce n['’]est pas (?:vrai|exact|juste)",
        r"(?:annule|reviens en arrière)(?: ça| cela)?",
        "Retenu : « {0} ». « Annule » pour revenir en arrière.",
        "Oublié : « {0} ». « Annule » pour revenir en arrière.",
        "Corrigé : « {0} » au lieu de « {1} ». « Annule » pour revenir en arrière.",
        "C'est annulé.",
        "Je ne sais rien de tel : il n'y a rien à oublier.",
        "Lequel ? Dis-le avec ses mots, par exemple « oublie que … ».",
        "Il n'y a rien à annuler.",
    ),
    _words(
        r"(?:por favor,? )?(?:recuerda|acuérdate de|ten en cuenta|no olvides|anota)(?: que\b|:)",
        r"(?:por favor,? )?olvida(?: que\b| lo que sabes de\b)",
        r"(?:no,? )?(?:eso|esto) (?:es falso|está mal|no es (?:verdad|cierto|correcto))",
        r"(?:deshaz|deshacer|anula)(?:lo| eso)?",
        "Recordado: «{0}». «Deshaz» lo anula.",
        "Olvidado: «{0}». «Deshaz» lo anula.",
        "Corregido: «{0}» en lugar de «{1}». «Deshaz» lo anula.",
        "Deshecho.",
        "No sé nada de eso, así que no hay nada que olvidar.",
        "¿Cuál de estos? Dilo con sus palabras, por ejemplo «olvida que …».",
        "No hay nada que deshacer.",
    ),
    _words(
        r"(?:per favore,? )?(?:ricorda(?:ti)?|tieni presente|non dimenticare|annota)(?: che\b|:)",
        r"(?:per favore,? )?dimentica(?: che\b| quello che sai di\b)",
        r"(?:no,? )?(?:questo |quello )?(?:è (?:falso|sbagliato)|non è (?:vero|giusto|corretto))",
        r"(?:annulla(?:lo)?|torna indietro)",
        "Ricordato: «{0}». «Annulla» torna indietro.",
        "Dimenticato: «{0}». «Annulla» torna indietro.",
        "Corretto: «{0}» invece di «{1}». «Annulla» torna indietro.",
        "Annullato.",
        "Non so nulla del genere: non c'è niente da dimenticare.",
        "Quale di questi? Dillo con le sue parole, per esempio «dimentica che …».",
        "Non c'è niente da annullare.",
    ),
    _words(
        r"(?:por favor,? )?(?:lembra(?:-te)?|lembre-se|não (?:te )?esqueças|não se esqueça|anota)(?: de)?(?: que\b|:)",
        r"(?:por favor,? )?(?:esquece|esqueça)(?: que\b| o que sabes? de\b)",
        r"(?:não,? )?(?:isso|isto) (?:é falso|está errado|não é (?:verdade|certo|correto))",
        r"(?:desfaz|desfazer|desfaça)(?: isso)?",
        "Lembrado: «{0}». «Desfaz» volta atrás.",
        "Esquecido: «{0}». «Desfaz» volta atrás.",
        "Corrigido: «{0}» em vez de «{1}». «Desfaz» volta atrás.",
        "Desfeito.",
        "Não sei nada disso, por isso não há nada a esquecer.",
        "Qual destes? Di-lo com as suas palavras, por exemplo «esquece que …».",
        "Não há nada a desfazer.",
    ),
)


async def carried_out(
    db: Database, account: uuid.UUID, settings: Settings, text: str, last: ThreadMessage | None
) -> Done | None:
    """Carry out the order about memory that `text` is; None where it is none. `last` is the message before, whose facts
    "that's wrong" is about."""
    if len(text) > changing.LONGEST or text.rstrip().endswith("?"):
        return None
    for words in LANGUAGES:
        async with db.session(account) as session:
            if done := await _Orders(session, account, words).of(text, last):
                return done
    return None


class _Orders:
    def __init__(self, session: AsyncSession, account: uuid.UUID, words: Words) -> None:
        self._session = session
        self._account = account
        self._words = words

    async def of(self, text: str, last: ThreadMessage | None) -> Done | None:
        if (match := self._words.remember.match(text)) and _is_personal(match):
            return await self._remember(match["rest"])
        if match := self._words.forget.match(text):
            return await self._forget(match["rest"])
        if last is not None and (match := self._words.wrong.match(text)):
            return await self._wrong(match["rest"], last)
        if self._words.undo.match(text):
            return await self._undo()
        return None

    async def _remember(self, statement: str) -> Done:
        change = await changing.remember(self._session, self._account, statement)
        await sections.after(self._session, self._account, change)
        return Done(self._words.remembered.format(change.fact.statement), [change.id])

    async def _forget(self, meant: str) -> Done:
        return await self._reject(_meant(meant, await facts.active(self._session)))

    async def _wrong(self, instead: str | None, last: ThreadMessage) -> Done | None:
        """None where the last answer rests on no fact: then it is talk about something else."""
        told = {source["fact_id"] for source in last.sources if source.get("fact_id")}
        cited = [fact for fact in await facts.by_ids(self._session, told) if fact.status != "rejected"]
        if not cited:
            return None
        if not instead:
            return await self._reject(cited)
        near = _meant(instead, cited) or cited
        if len(near) > 1:
            return self._asked(near)
        change = await changing.correct(self._session, self._account, near[0].id, instead)
        await sections.after(self._session, self._account, change)
        return Done(self._words.corrected.format(change.fact.statement, near[0].statement), [change.id])

    async def _reject(self, meant: Sequence[FactView]) -> Done:
        if not meant:
            return Done(self._words.unknown, [])
        if len(meant) > 1:
            return self._asked(meant)
        change = await changing.reject(self._session, self._account, meant[0].id)
        await sections.after(self._session, self._account, change)
        return Done(self._words.forgotten.format(meant[0].statement), [change.id])

    def _asked(self, meant: Sequence[FactView]) -> Done:
        listed = "\n".join(f"- {sections.flat(fact.statement)}" for fact in meant[:MOST])
        return Done(f"{self._words.which}\n\n{listed}", [])

    async def _undo(self) -> Done:
        newest: Sequence[FactChange] = [
            change for change in await changing.changes(self._session, MOST) if not change.undone_at
        ]
        if not newest:
            return Done(self._words.nothing, [])
        try:
            undone = await changing.undo(self._session, self._account, newest[0].id)
        except errors.ChangeUndone:
            return Done(self._words.nothing, [])
        await sections.after_undoing(self._session, self._account, undone)
        return Done(self._words.undone, [])


def _is_personal(match: re.Match[str]) -> bool:
    """Whether it is about the person, or they say "remember" itself: `note that` and its like are said of anything."""
    return bool(_PLAIN.match(match[0]) or _MINE.search(match["rest"]))


_PLAIN = re.compile(
    r"\s*(?:please,? |bitte |s['’]il te pla[iî]t,? |por favor,? |per favore,? )?"
    r"(?:remember|merk|souviens|rappelle|recuerda|acuérdate|ricorda|lembra|lembre)",
    re.IGNORECASE,
)
_MINE = re.compile(
    r"\b(?:i|i['’]\w+|my|me|we|our|ich|mein\w*|mir|mich|wir|unser\w*|je|j['’]\w+|mon|ma|mes|nous|yo|mi|mis|me|io|mio|mia|"
    r"eu|meu|minha)\b",
    re.IGNORECASE,
)


def _meant(text: str, known: Sequence[FactView]) -> list[FactView]:
    """The facts that share most words with the text: one alone where it does so best."""
    asked = _stems(text)
    scored = []
    for fact in known:
        own = _stems(fact.statement)
        shared = len(asked & own)
        if own and shared >= SHARE * min(len(own), len(asked)):
            scored.append((shared / len(own | asked), fact))
    best = max((score for score, _ in scored), default=0.0)
    return [fact for score, fact in scored if score == best]


def _stems(text: str) -> set[str]:
    return {word[:4] for word in lexemes.words(text) if word not in GRAMMAR}
