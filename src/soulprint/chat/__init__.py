"""Talks with an assistant that knows the person. In: a question and what recall finds. Out: an answer, in a thread."""

from __future__ import annotations

from soulprint.chat.answering import Why, storable, why, written
from soulprint.chat.finishing import forget, rename, sweep
from soulprint.chat.running import Answers, Asked, Delta, Done, Event, Failed, Sources, Stopped, mend
from soulprint.chat.store import Found, Message, forget_quotes, forget_threads, messages, show, start, thread, threads

__all__ = [
    "Answers",
    "Asked",
    "Delta",
    "Done",
    "Event",
    "Failed",
    "Found",
    "Message",
    "Sources",
    "Stopped",
    "Why",
    "forget",
    "forget_quotes",
    "forget_threads",
    "mend",
    "messages",
    "rename",
    "show",
    "start",
    "storable",
    "sweep",
    "thread",
    "threads",
    "why",
    "written",
]
