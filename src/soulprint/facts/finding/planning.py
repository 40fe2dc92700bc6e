"""Says which conversations are to be read, and packs them into windows of whole conversations in order of time."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from soulprint.database import Database
from soulprint.facts.finding import store, windows
from soulprint.facts.finding.engines import engine
from soulprint.facts.shapes import Plan, Span, Window
from soulprint.llm import tokens
from soulprint.measuring import words
from soulprint.reading import Dialogue, dialogues
from soulprint.settings import Settings

# ruff: noqa: SIM905 - a list of words reads best as words

OPEN = 24
"""Windows that are being filled at a time: enough that some conversation soon fits into the room that one has left."""

FEWEST_WORDS = 3
"""Of the person in a conversation, pleasantries not counted: with fewer there is nothing of theirs to read."""

LOOKED_AT = 400
"""Code points of a turn in which its words are looked for."""

PLEASANTRIES = frozenset(
    """
    hi hello hey yo good morning afternoon evening night bye goodbye thanks thank you thx ty cheers great cool nice
    perfect awesome ok okay yes no yeah yep nope sure please continue go on more test testing ping lol haha wow
    hallo moin servus guten morgen tag abend danke dankeschön vielen dank super gut prima ja nein bitte weiter tschüss
    bonjour salut bonsoir merci beaucoup oui non parfait continue hola buenos días buenas tardes noches gracias muchas
    sí adiós ciao buongiorno buonasera grazie mille sì olá oi bom dia boa tarde noite obrigado obrigada sim não
    hoi goedemorgen bedankt dank je ja nee tot ziens cześć dzień dobry dziękuję tak nie привет здравствуйте спасибо
    да нет 你好 您好 谢谢 謝謝 好的 嗨 再见
    こんにちは おはよう ありがとう ありがとうございます はい 안녕하세요 감사합니다 네
    """.split()
)

_CJK_PLEASANTRIES = re.compile("|".join(word for word in sorted(PLEASANTRIES, key=len)[::-1] if words.CJK.search(word)))


async def plan(db: Database, account: uuid.UUID, settings: Settings, *, again: bool = False) -> Plan:
    """What is to be read of the account's history, oldest first: conversations that were not read in the state they are
    in, and with `again` those too that another model or prompt has read. Memory stays flat: of a conversation only its
    size is kept."""
    async with db.session(account) as session:
        readings = await store.readings(session)
    name = engine(settings)
    stale = [one.conversation for one in readings if one.is_current and one.engine not in (name, None)]
    wanted = {*stale} if again else set()
    asked = [one.conversation for one in readings if not one.is_current or one.conversation in wanted]
    sized = Sized(settings)
    async for batch in dialogues(db, account, asked):
        await asyncio.to_thread(sized.add, batch)
    packed = sized.packing.result()
    return Plan(
        windows=packed,
        trivial=sized.trivial,
        conversations=sized.conversations,
        tokens=sum(window.tokens for window in packed) + len(packed) * windows.fixed_tokens(settings),
        chat_tokens=sized.chat_tokens,
        stale=len(stale),
        up_to_date=sum(one.is_current for one in readings) - len(stale),
    )


@dataclass(slots=True)
class Packing:
    """Fills windows: each item goes into the first open one that has room for it, and when too many are open, the
    fullest is closed. The same items in the same order always give the same windows."""

    limit: int
    _closed: list[tuple[int, Window]] = field(default_factory=list)
    _open: list[tuple[int, list[Span], int]] = field(default_factory=list)
    _count: int = 0

    def add(self, span: Span, size: int) -> None:
        for place, (number, spans, held) in enumerate(self._open):
            if held + size <= self.limit:
                spans.append(span)
                self._open[place] = (number, spans, held + size)
                return
        self._open.append((self._next(), [span], size))
        if len(self._open) > OPEN:
            fullest = max(range(len(self._open)), key=lambda place: (self._open[place][2], -place))
            self._close(self._open.pop(fullest))

    def alone(self, span: Span, size: int) -> None:
        """A window for this alone."""
        self._close((self._next(), [span], size))

    def result(self) -> list[Window]:
        """All windows, in the order of what came into them first."""
        while self._open:
            self._close(self._open.pop())
        return [window for _, window in sorted(self._closed, key=lambda numbered: numbered[0])]

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _close(self, filled: tuple[int, list[Span], int]) -> None:
        number, spans, size = filled
        self._closed.append((number, Window(tuple(spans), size)))


class Sized:
    """The conversations seen so far: packed, or passed over."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.packing = Packing(settings.extract_tokens)
        self.trivial: list[uuid.UUID] = []
        self.conversations = 0
        self.chat_tokens = 0

    def add(self, batch: Iterable[Dialogue]) -> None:
        for dialogue in batch:
            if is_trivial(dialogue):
                self.trivial.append(dialogue.talk.id)
                continue
            self.conversations += 1
            self.chat_tokens += sum(tokens.count(turn.text) for turn in dialogue.turns)
            cut = list(spans(dialogue, self._settings))
            take = self.packing.add if len(cut) == 1 else self.packing.alone
            for span, size in cut:
                take(span, size)


def is_trivial(dialogue: Dialogue) -> bool:
    """Whether the person says next to nothing in it besides greetings and thanks."""
    found = 0
    for turn in dialogue.turns:
        if windows.is_citable(turn):
            found += _telling_words(turn.text[:LOOKED_AT])
            if found >= FEWEST_WORDS:
                return False
    return True


def _telling_words(text: str) -> int:
    """Words that are no pleasantries; in a script without spaces two characters are taken for a word."""
    rest = _CJK_PLEASANTRIES.sub(" ", text)
    [found] = words.split([words.CJK.sub(" ", rest)])
    telling = sum(1 for word in found if word not in PLEASANTRIES and any(map(str.isalnum, word)))
    return telling + (len(words.CJK.findall(rest)) + 1) // 2


def spans(dialogue: Dialogue, settings: Settings) -> Iterator[tuple[Span, int]]:
    """The conversation as one span with its size in tokens, or cut at turns into spans of at most a window each."""
    header = windows.header_tokens(dialogue)
    sizes = windows.turn_tokens(dialogue, settings)
    borders = [*_borders(sizes, settings.extract_tokens - header), len(sizes)]
    for start, end in pairwise(borders):
        first, last = dialogue.turns[start].position, dialogue.turns[end - 1].position
        yield Span(dialogue.talk.id, first, last), header + sum(sizes[start:end])


def _borders(sizes: Iterable[int], room: int) -> Iterator[int]:
    """Before which turns a new span begins; the first is 0."""
    held = room + 1
    for place, size in enumerate(sizes):
        if held + size > room:
            yield place
            held = 0
        held += size
