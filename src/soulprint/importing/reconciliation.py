"""What became of each element of an import, so that nothing is lost without a word."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import msgspec

from soulprint import characters
from soulprint.importing import shapes

PROBLEMS = 50
"""How many problems a report names. All of them are counted."""

FORGOTTEN = "forgotten"
"""Why a conversation is left out that the person wants no memory of since an earlier import."""

EXPLANATIONS = {
    shapes.DO_NOT_REMEMBER: "marked as not to be remembered",
    FORGOTTEN: "deleted here before, or marked as not to be remembered (`soulprint import --restore` lets it in)",
    "no_messages": "without a message by anyone",
    "cut_off": "cut off: the file ends in the middle of it",
    "damaged": "damaged: the file is not as it was packed, so some of it may be missing or wrong",
    "not_json": "damaged: it is not valid JSON",
    "not_an_object": "not a conversation",
    "too_deep": "nested too deep to be a conversation",
    "missing_shard": "missing: the export lists the file, and it was not handed over",
    "unknown_file": "not a chat export we know",
    "unsafe_name": "with a name that points outside of the archive",
    "unreadable": "not readable",
    "dangerous": "refused as dangerous",
    "unusual_packing": "packed in an unusual way",
    "nested_too_deep": "too many archives deep",
    "too_many_members": "more than are read of one export",
    "encrypted": "locked with a password",
    "too_large": "too large to be a conversation",
    "too_many_elements": "beyond the most that are read of one file",
    "not_a_row": "rows without a time and an author that can be read",
    "not_a_table": "without the columns it needs",
    "another_person": "of another account than most of the file, so another person’s",
    "list_of_prompts": "a list of prompts that stand in the sessions too",
}


class Problem(msgspec.Struct, frozen=True):
    where: str
    reason: str
    """A name that `explained` explains, or a sentence."""


class Forgetting(msgspec.Struct, frozen=True):
    """A conversation that is not to be remembered, in the version of `changed_at` and all older ones."""

    id: uuid.UUID
    changed_at: datetime | None
    """None where it isn't known; then it is every version."""


def explained(reason: str) -> str:
    """Why an element of an export was left out or could not be read, for a person."""
    return EXPLANATIONS.get(reason) or (reason if " " in reason else reason.replace("_", " "))


class Tally(msgspec.Struct):
    """Counts of elements, by what became of them."""

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    """Stored before the import, in this version or a newer one."""
    repeated: int = 0
    """Carried by the import more than once."""
    empty: int = 0
    """Without any text by the person or the assistant."""
    skipped: dict[str, int] = {}
    """Left out on purpose: reason -> how many."""
    failed: dict[str, int] = {}
    """Could not be read: reason -> how many."""
    unknown_content: dict[str, int] = {}
    """Messages and parts of a content type that we don't know, within conversations that were read."""
    left_out: dict[str, int] = {}
    """What stands beside the talk and is known for what it is: a name of `shapes.LEFT_OUT` -> how often."""
    problems: list[Problem] = []
    forgotten: list[Forgetting] = []
    """Conversations that the export marks so, to be deleted again at the end: the mark may be read first."""

    @property
    def seen(self) -> int:
        known = self.imported + self.updated + self.unchanged + self.repeated + self.empty
        return known + sum(self.skipped.values()) + sum(self.failed.values())

    def skip(self, reason: str, where: str) -> None:
        shapes.count(self.skipped, reason)
        self._name(where, reason)

    def fail(self, reason: str, where: str, count: int = 1, explanation: str | None = None) -> None:
        shapes.count(self.failed, reason, count)
        self._name(where, explanation or reason)

    def _name(self, where: str, reason: str) -> None:
        if len(self.problems) < PROBLEMS:
            self.problems.append(Problem(characters.held(where[:300]), characters.held(reason[:600])))

    def add(self, other: Tally) -> None:
        """Take the counts of `other` in."""
        self.imported += other.imported
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.repeated += other.repeated
        self.empty += other.empty
        add_counts(self.skipped, other.skipped)
        add_counts(self.failed, other.failed)
        add_counts(self.unknown_content, other.unknown_content)
        add_counts(self.left_out, other.left_out)
        self.problems += other.problems[: PROBLEMS - len(self.problems)]
        self.forgotten += other.forgotten


def add_counts(counts: dict[str, int], others: dict[str, int]) -> None:
    for name, number in others.items():
        shapes.count(counts, name, number)


class Stored(msgspec.Struct):
    """What the conversations of one import now hold in the database, on their current branches."""

    conversations: int
    user_messages: int
    assistant_messages: int
    user_characters: int
    first_message_at: datetime | None
    last_message_at: datetime | None
    providers: dict[str, int]
    """Provider -> how many of the conversations are its."""


class Report(msgspec.Struct):
    """The reconciliation: seen = imported + updated + unchanged + repeated + empty + all skipped + all failed."""

    import_id: uuid.UUID
    seen: int
    imported: int
    updated: int
    unchanged: int
    repeated: int
    empty: int
    skipped: dict[str, int]
    failed: dict[str, int]
    removed: int
    """Conversations that were stored before, and are no more: the person has marked them not to be remembered."""
    conversations: int
    messages: dict[str, int]
    """user and assistant: visible messages with text on the current branch."""
    user_characters: int
    """Code points of the person's messages."""
    first_message_at: datetime | None
    last_message_at: datetime | None
    seconds: float
    unknown_content: dict[str, int]
    left_out: dict[str, int]
    problems: list[Problem]
    providers: dict[str, int] = {}
    """Provider -> how many of `conversations` are its."""
    resumed: bool = False
    """Whether it went on with one that was broken off, and counts what that has done."""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, times as ISO in UTC."""
        plain = msgspec.to_builtins(self)
        assert isinstance(plain, dict)
        return plain


def report(
    import_id: uuid.UUID, tally: Tally, stored: Stored, removed: int, seconds: float, *, resumed: bool
) -> Report:
    return Report(
        import_id=import_id,
        seen=tally.seen,
        imported=tally.imported,
        updated=tally.updated,
        unchanged=tally.unchanged,
        repeated=tally.repeated,
        empty=tally.empty,
        skipped=tally.skipped,
        failed=tally.failed,
        removed=removed,
        conversations=stored.conversations,
        messages={"user": stored.user_messages, "assistant": stored.assistant_messages},
        user_characters=stored.user_characters,
        first_message_at=stored.first_message_at,
        last_message_at=stored.last_message_at,
        seconds=round(seconds, 3),
        unknown_content=tally.unknown_content,
        left_out=tally.left_out,
        problems=tally.problems,
        providers=stored.providers,
        resumed=resumed,
    )
