"""What an answer is made from."""

from __future__ import annotations

from dataclasses import dataclass

from soulprint.kinds import Role
from soulprint.records.sections import Quote
from soulprint.sections import Version


@dataclass(frozen=True, slots=True)
class Context:
    question: str
    history: list[tuple[Role, str]]
    """The thread so far, oldest first."""
    version: Version | None
    """The profile in use; None before the first one."""
    quotes: list[Quote]
    """What was recalled for the question, best first."""
    secrets: frozenset[str] = frozenset()
    """What the messages around the quotes tell to be secret."""
