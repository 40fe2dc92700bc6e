"""What every request is served with: handed in once by whoever opened the database, never global."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from soulprint import chat
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.settings import Settings


@dataclass(frozen=True, slots=True)
class Door:
    database: Database
    settings: Settings
    background: Background
    account: uuid.UUID
    """Who is asking, as the server decides; nothing in a request names an account."""
    answers: chat.Answers = field(default_factory=chat.Answers)
    """What is being written in chats; whoever made the door closes them."""


def _door(request: Request) -> Door:
    return cast("Door", request.app.state.door)


At = Annotated[Door, Depends(_door)]
