"""A sample of a history that fits a token budget: over time and topics, the person's own turns, secrets masked."""

from __future__ import annotations

import heapq
import math
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from soulprint.llm import masking, tokens
from soulprint.reading.shapes import Said, Talk

HEAD = 600
"""Code points kept of a longer message."""

TURNS = 6
"""Turns offered of one conversation; those that were asked for come on top."""

SHORT = 12
"""Code points: what is shorter (`thanks`, `go on`) comes only when there is nothing else."""

ASKED_SHARE = 0.5
"""The share of the budget that turns asked for can take before the strata have their floor."""

_LABEL = re.compile(r"\[(?=\s?[a-z]\d)")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as it is handed to a model."""

    message_id: int
    date: date | None
    text: str
    """One line, masked, cut to its head with an ellipsis where it is long. It holds no label of another turn."""
    said: Said
    """The message it was made of, as the person wrote it."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The sample, in order of time."""

    turns: list[Turn]
    conversations_read: int
    conversations_total: int
    tokens: int


def sample(
    said: Iterable[Said],
    talks: Mapping[uuid.UUID, Talk],
    budget: int,
    *,
    topics: Mapping[uuid.UUID, str] | None = None,
    first: Sequence[int] = (),
    most: int | None = None,
) -> Transcript:
    """The turns of `said` that tell most of a person within `budget` tokens; the same for the same history.

    Strata are quarters of a year, and within them the topics that
    `topics` gives for conversations. Each stratum has its floor of one turn before any has its share by size. The
    messages of `first` (those known to speak of the person) come before others, the best first; then of each
    conversation its first turn and its longest ones. At most `most` conversations are read.
    """
    ranks = {message: rank for rank, message in enumerate(first)}
    candidates = _candidates(said, ranks)
    picked = Picked(budget, most)
    asked = sorted((s for turns in candidates.values() for s in turns if s.message_id in ranks), key=_by(ranks))
    picked.take(asked, round(budget * ASKED_SHARE))
    picked.take(_spread(candidates, talks, topics or {}), budget)
    turns = sorted(_without_repeats(picked.turns), key=lambda turn: _place(turn.said, talks))
    read = len({turn.said.conversation_id for turn in turns})
    return Transcript(turns, read, len(talks), picked.tokens)


def label(turn: Turn) -> str:
    """What stands before a turn's text: its id, its date and who speaks."""
    return f"[m{turn.message_id} {turn.date or 'undated'} USER]"


def one_line(text: str) -> str:
    """`text` masked, on one line, without anything that reads like the label of another line."""
    return _LABEL.sub("(", " ".join(masking.mask(text).split()))


@dataclass(slots=True)
class Picked:
    """The turns taken so far, and what they cost."""

    budget: int
    most: int | None = None
    """Conversations."""
    tokens: int = 0
    turns: list[Turn] = field(default_factory=list)
    _conversations: set[uuid.UUID] = field(default_factory=set)
    _taken: set[int] = field(default_factory=set)
    _texts: set[str] = field(default_factory=set)

    def take(self, offered: Iterable[Said], limit: int) -> None:
        """Take what is offered until the limit is reached. What says the same as a turn taken before is left out."""
        misses = 0
        for message in offered:
            key = message.text[:HEAD].casefold()
            if message.message_id in self._taken or key in self._texts or not self._open(message.conversation_id):
                continue
            turn = _turn(message)
            cost = tokens.count(f"{label(turn)} {turn.text}\n")
            if self.tokens + cost > limit:
                misses += 1
                if misses > 20:
                    return
                continue
            self._taken.add(message.message_id)
            self._conversations.add(message.conversation_id)
            self._texts.add(key)
            self.turns.append(turn)
            self.tokens += cost

    def _open(self, conversation: uuid.UUID) -> bool:
        """Whether a turn of this conversation may still come in."""
        return self.most is None or conversation in self._conversations or len(self._conversations) < self.most


def _without_repeats(turns: list[Turn]) -> list[Turn]:
    """The turns with what any of them calls a secret masked in the others too."""
    known = masking.values(turn.said.text[: 2 * HEAD] for turn in turns)
    return [replace(turn, text=masking.mask(turn.text, known)) for turn in turns] if known else turns


def _turn(said: Said) -> Turn:
    text = one_line(said.text[: 2 * HEAD])
    if len(text) > HEAD or len(said.text) > 2 * HEAD:
        text = text[:HEAD].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
    return Turn(said.message_id, said.sent_at.date() if said.sent_at else None, text, said)


def _candidates(said: Iterable[Said], ranks: Mapping[int, int]) -> dict[uuid.UUID, list[Said]]:
    """The turns worth offering of each conversation, in the order they are offered."""
    conversations: defaultdict[uuid.UUID, list[Said]] = defaultdict(list)
    for message in said:
        conversations[message.conversation_id].append(message)
    return {conversation: _offered(turns, ranks) for conversation, turns in conversations.items()}


def _offered(turns: list[Said], ranks: Mapping[int, int]) -> list[Said]:
    turns.sort(key=lambda turn: turn.position)
    asked = sorted((turn for turn in turns if turn.message_id in ranks), key=_by(ranks))
    opening = next((turn for turn in turns if len(turn.text) >= SHORT), turns[0])
    longest = sorted(turns, key=_length, reverse=True)[:TURNS]
    return list({turn.message_id: turn for turn in (*asked, opening, *longest)}.values())[: len(asked) + TURNS]


def _length(said: Said) -> int:
    return min(len(said.text), HEAD)


def _by(ranks: Mapping[int, int]) -> Callable[[Said], int]:
    return lambda said: ranks[said.message_id]


def _spread(
    candidates: Mapping[uuid.UUID, list[Said]], talks: Mapping[uuid.UUID, Talk], topics: Mapping[uuid.UUID, str]
) -> Iterator[Said]:
    """All candidates, so that any first part of them is spread over time, then topics, then conversations."""
    quarters: defaultdict[str, defaultdict[str, list[uuid.UUID]]] = defaultdict(lambda: defaultdict(list))
    for conversation, turns in candidates.items():
        quarter = _quarter(_started(turns[0], talks))
        quarters[quarter][topics.get(conversation, "")].append(conversation)
    return _shared(
        {
            quarter: (_weight(strata.values()), _shared(_by_topic(strata, candidates)))
            for quarter, strata in sorted(quarters.items())
        }
    )


def _by_topic(
    strata: Mapping[str, list[uuid.UUID]], candidates: Mapping[uuid.UUID, list[Said]]
) -> dict[str, tuple[float, Iterator[Said]]]:
    return {
        topic: (_weight([conversations]), _in_turn([candidates[one] for one in conversations]))
        for topic, conversations in sorted(strata.items())
    }


def _weight(conversations: Iterable[Sequence[object]]) -> float:
    """A stratum's claim on the sample: less than its size, so that small ones are heard."""
    return math.sqrt(sum(len(one) for one in conversations))


def _shared(sources: Mapping[str, tuple[float, Iterator[Said]]]) -> Iterator[Said]:
    """Draw from the sources by their weights: one from each before a second from any."""
    queue = [(0.0, -weight, name) for name, (weight, _) in sources.items()]
    heapq.heapify(queue)
    while queue:
        drawn, weight, name = heapq.heappop(queue)
        found = next(sources[name][1], None)
        if found is not None:
            yield found
            heapq.heappush(queue, (drawn - 1 / weight, weight, name))


def _in_turn(conversations: list[list[Said]]) -> Iterator[Said]:
    """The first turn of each conversation, evenly over all of them, then the second of each, and so on."""
    ordered = sorted(conversations, key=lambda turns: (-max(map(_worth, turns)), turns[0].message_id))
    for depth in range(max(map(len, ordered), default=0)):
        yield from (turns[depth] for turns in ordered if depth < len(turns))


def _worth(said: Said) -> int:
    """How much a message may tell, roughly: its length in steps of a line or so, up to the head that is kept."""
    return _length(said) // 100


def _started(said: Said, talks: Mapping[uuid.UUID, Talk]) -> datetime | None:
    """When the message's conversation began, as far as anybody knows."""
    talk = talks.get(said.conversation_id)
    return (talk.started_at if talk else None) or said.sent_at


def _quarter(moment: datetime | None) -> str:
    return f"{moment.year} {(moment.month - 1) // 3}" if moment else ""


def _place(said: Said, talks: Mapping[uuid.UUID, Talk]) -> tuple[float, uuid.UUID, int]:
    started = _started(said, talks)
    return (started.timestamp() if started else math.inf, said.conversation_id, said.position)
