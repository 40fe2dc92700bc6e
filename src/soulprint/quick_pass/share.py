"""The part of a large history that is searched for statements and subjects, so that nobody waits for a profile."""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from collections.abc import Collection

from soulprint.reading import Said, Talk

MOST = 4_000
"""Messages. Searching them takes about half a second on one core; counting goes over all messages in any case."""


class Share:
    """Says of each message whether it is searched: every one while there are at most `most`, else the first of each
    conversation, as many as that allows, and of more conversations than `most` every n-th in time."""

    def __init__(self, talks: Collection[Talk], most: int = MOST) -> None:
        step = -(-len(talks) // most) or 1
        self._talks = {talk.id for talk in itertools.islice(talks, 0, None, step)}
        self._turns = _turns([(talk.message_count + 1) // 2 for talk in talks if talk.id in self._talks], most)
        self._seen: Counter[uuid.UUID] = Counter()
        self.searched = 0
        self.passed_over = 0

    def holds(self, said: Said) -> bool:
        """Whether this message is searched. Asked once of each message, in the order of its conversation."""
        self._seen[said.conversation_id] += 1
        held = said.conversation_id in self._talks and self._seen[said.conversation_id] <= self._turns
        self.searched += held
        self.passed_over += not held
        return held

    def note(self) -> str | None:
        """What the reader should know; None where everything was searched."""
        if not self.passed_over:
            return None
        total = self.searched + self.passed_over
        return (
            f"Sentences about you, and subjects, were looked for in {self.searched:,} of your {total:,} messages, the "
            "first ones of each conversation; how you write was counted over all."
        )


def _turns(lengths: Collection[int], most: int) -> int:
    """The largest number of turns a conversation may give for all together to give at most `most`; at least one."""
    longest = max(lengths, default=0)
    if sum(lengths) <= most:
        return max(longest, 1_000_000)  # counts of an export may be off; nothing is left out of a small history
    low, high = 1, longest
    while low < high:
        middle = (low + high + 1) // 2
        if sum(min(length, middle) for length in lengths) <= most:
            low = middle
        else:
            high = middle - 1
    return low
