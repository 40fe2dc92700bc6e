"""Talks with an assistant that knows the person. In: a question and what recall finds. Out: an answer, in a thread."""

from __future__ import annotations

from soulprint.chat.answer import Delta, Done, Event, Failed, Sources, answer
from soulprint.chat.store import forget, messages, start, thread, threads

__all__ = [
    "Delta",
    "Done",
    "Event",
    "Failed",
    "Sources",
    "answer",
    "forget",
    "messages",
    "start",
    "thread",
    "threads",
]
