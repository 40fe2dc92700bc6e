"""What an answer is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from soulprint.kinds import Role
from soulprint.records.recalled import Recalled
from soulprint.sections import Version


@dataclass(frozen=True, slots=True)
class Context:
    question: str
    history: list[tuple[Role, str]]
    """The branch before the question, oldest first."""
    version: Version | None
    """The profile in use; None before the first one."""
    sources: list[Recalled]
    """What was recalled for the question, best first: number n of the answer is the n-th of these, from 1."""
    now: datetime
    """By the person's clock."""
    secrets: frozenset[str] = field(default_factory=frozenset)
    """What the messages around the sources tell to be secret."""
