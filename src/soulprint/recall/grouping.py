"""Ranked passages as what is shown: neighbours joined, repeats left out, cut to what bears on the question."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from soulprint.kinds import Role
from soulprint.llm import masking
from soulprint.recall.ranking import Ranked
from soulprint.recall.store import Shown
from soulprint.records.recalled import Kind, Recalled, Turn

LONG = 480
"""Code points of a turn that are shown at the most."""

SHORT = 5
"""A turn of fewer words is shown with the one before it: it mostly answers that."""

REACH = 5_000
"""Code points around a passage that are searched for what makes something in it a secret."""

BESIDE = "stands beside what fits"

JOINS = 0.85
"""The share of its best passage's score with which another one still joins a group; a worse one comes later, alone."""

CROWD = 0.05
"""What each passage of a conversation takes from the next one's score, so that no single talk fills the page."""


@dataclass(slots=True)
class Group:
    """Passages of one conversation that are shown together."""

    conversation_id: uuid.UUID
    best: Ranked
    turns: dict[int, Shown] = field(default_factory=dict)

    def takes(self, each: Ranked) -> bool:
        """Whether a passage is to be shown as part of it."""
        if self.conversation_id != each.hit.conversation_id or each.score < JOINS * self.best.score:
            return False
        return any(abs(number - each.hit.id) == 1 for number in self.turns)


def spread_out(ranked: Iterable[Ranked]) -> list[Ranked]:
    """The passages with those of one conversation a little farther apart."""
    met: dict[uuid.UUID, int] = {}
    found: list[tuple[float, Ranked]] = []
    for each in ranked:
        place = met.get(each.hit.conversation_id, 0)
        met[each.hit.conversation_id] = place + 1
        found.append((each.score - CROWD * place, each))
    found.sort(key=lambda pair: -pair[0])
    return [each for _, each in found]


def grouped(ranked: Sequence[Ranked], shown: Mapping[int, Shown], most: int, words: int | None) -> list[Group]:
    """The best passages in at most `most` groups, of `words` words in all where that is given."""
    groups: list[Group] = []
    texts: set[str] = set()
    left = words
    for each in ranked:
        passage = shown.get(each.hit.id)
        if passage is None or _folded(passage) in texts:
            continue
        group = next((group for group in groups if group.takes(each)), None)
        if group is None and len(groups) == most:
            continue
        added = list(_added(passage, group, shown))
        size = sum(_words(one.text[:LONG]) for one in added)
        if left is not None and size > left:
            break
        left = None if left is None else left - size
        texts.update(map(_folded, added))
        if group is None:
            groups.append(group := Group(each.hit.conversation_id, each))
        group.turns |= {one.id: one for one in added}
    return groups


def _added(passage: Shown, group: Group | None, shown: Mapping[int, Shown]) -> Iterator[Shown]:
    """The passage, and where it is short and alone the turn that it answers."""
    yield passage
    if group is None and _words(passage.text) < SHORT and (before := shown.get(passage.id - 1)):
        yield before


def _folded(passage: Shown) -> str:
    return " ".join(passage.text.lower().split())


def _words(text: str) -> int:
    return len(text.split())


def recalled(
    group: Group, asked: Sequence[str], around: Mapping[int, tuple[str, str]]
) -> tuple[Recalled, frozenset[str]]:
    """What is shown of a group, and what of its texts is secret. `around` holds what of the messages stands before and
    after each passage, for what makes something in it a secret."""
    turns: list[Turn] = []
    secrets: set[str] = set()
    for number in sorted(group.turns):
        turn, told = _turn(group.turns[number], asked, *around.get(number, ("", "")))
        turns.append(turn)
        secrets |= told
    first = group.turns[group.best.hit.id]
    found = Recalled(
        kind=Kind.PASSAGE,
        score=round(group.best.score, 3),
        why=why(group.best),
        text=spoken(turns),
        said=tuple(turns),
        conversation_id=group.conversation_id,
        title=first.title,
        date=first.sent_at or first.started_at,
    )
    return found, frozenset(secrets)


def spoken(turns: Sequence[Turn]) -> str:
    """The turns as one text, each after its speaker; a turn of the person's that stands alone, as it is."""
    if len(turns) == 1 and turns[0].role == Role.USER:
        return turns[0].text.strip()
    return "\n".join(f"{'You' if turn.role == Role.USER else 'Assistant'}: {turn.text.strip()}" for turn in turns)


def why(each: Ranked) -> str:
    """By what it was found, for a person to read."""
    parts = [", ".join(f"“{word}”" for word in each.words)] if each.words else []
    parts += ["near in meaning"] * each.is_near + ["from that time"] * each.in_time
    return "; ".join(parts) or BESIDE


def _turn(shown: Shown, asked: Sequence[str], before: str, after: str) -> tuple[Turn, frozenset[str]]:
    start, end = window(shown.text, asked, LONG)
    around, offset = before + shown.text + after, len(before)
    secrets = [(one.start - offset, one.end - offset) for one in masking.find(around)]
    start = next((till for since, till in secrets if since < start < till), start)
    end = max(start, next((since for since, till in secrets if since < end < till), end))
    turn = Turn(
        message_id=shown.message_id,
        provider_id=shown.provider_id,
        role=Role.USER if shown.by_person else Role.ASSISTANT,
        said_at=shown.sent_at or shown.started_at,
        start=shown.start + start,
        end=shown.start + end,
        text=shown.text[start:end],
    )
    return turn, frozenset(around[since + offset : till + offset] for since, till in secrets)


def window(text: str, words: Sequence[str], size: int) -> tuple[int, int]:
    """Start and end of the at most `size` code points of `text` in which most of `words` stand, cut at spaces."""
    if len(text) <= size:
        return 0, len(text)
    places = [match.start() for match in _any(words).finditer(text)] if words else []
    first = max(places, key=lambda place: sum(place <= other < place + 3 * size // 4 for other in places), default=0)
    start = max(0, min(first - size // 4, len(text) - size))
    if start > 0:
        start = text.find(" ", start, start + size // 4) + 1 or start
    end = min(len(text), start + size)
    if end < len(text):
        end = text.rfind(" ", start + size // 2, end) if " " in text[start + size // 2 : end] else end
    return start, end


def _any(words: Sequence[str]) -> re.Pattern[str]:
    """Any of the words by its beginning, so that its other forms are found too."""
    return re.compile("|".join(re.escape(word[: max(4, len(word) - 3)]) for word in words), re.IGNORECASE)
