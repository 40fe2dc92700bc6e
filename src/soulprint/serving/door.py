"""What every request is served with: handed in once by whoever opened the database, never global."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import Annotated, cast

from fastapi import Depends, Request

from soulprint import chat, choices, pipeline
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.settings import Settings


@dataclass(frozen=True, slots=True)
class Door:
    database: Database
    started: Settings
    """What was set where SoulPrint was started."""
    background: Background
    account: uuid.UUID
    """Who is asking, as the server decides; nothing in a request names an account."""
    answers: chat.Answers = field(default_factory=chat.Answers)
    """What is being written in chats; whoever made the door closes them."""
    watching: pipeline.Watching = field(default_factory=pipeline.Watching)
    """How far everything is, for all pages that are open."""
    chosen: Settings | None = None
    local: bool = True
    """Whether only this machine can reach it."""

    @property
    def settings(self) -> Settings:
        """What holds for the account: what was set at the start, and what the person chose since."""
        return self.chosen or self.started


async def _door(request: Request) -> Door:
    door = cast("Door", request.app.state.door)
    return replace(door, chosen=await choices.settings(door.database, door.account, door.started))


At = Annotated[Door, Depends(_door)]
