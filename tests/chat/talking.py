"""Talks for tests: what is asked, and what comes back."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

from soulprint import chat
from soulprint.database import Database
from soulprint.settings import Settings


class Talk:
    """One thread of an account, asked in this process."""

    def __init__(self, database: Database, account: uuid.UUID, settings: Settings, thread: uuid.UUID) -> None:
        self.answers = chat.Answers()
        self.database = database
        self.account = account
        self.settings = settings
        self.thread = thread

    async def ask(self, text: str, edits: int | None = None) -> list[chat.Event]:
        """All events of the answer."""
        return await self.events((await self.begin(text, edits)).answer_id)

    async def begin(self, text: str, edits: int | None = None) -> chat.Asked:
        return await self.answers.ask(self.database, self.account, self.settings, self.thread, text, edits)

    async def retry(self, answer_id: int) -> list[chat.Event]:
        asked = await self.answers.retry(self.database, self.account, self.settings, self.thread, answer_id)
        return await self.events(asked.answer_id)

    async def follow(self, answer_id: int) -> AsyncIterator[chat.Event]:
        return await self.answers.follow(self.database, self.account, self.thread, answer_id)

    async def events(self, answer_id: int) -> list[chat.Event]:
        return [event async for event in await self.follow(answer_id)]

    async def stop(self, answer_id: int) -> None:
        await self.answers.stop(self.database, self.account, self.thread, answer_id)

    async def show(self, message_id: int) -> None:
        async with self.database.session(self.account) as session:
            await chat.show(session, self.thread, message_id)

    async def messages(self) -> list[chat.Message]:
        async with self.database.session(self.account) as session:
            return await chat.messages(session, self.thread)

    async def texts(self) -> list[str]:
        return [message.text for message in await self.messages()]

    def elsewhere(self) -> Talk:
        """The same thread as another process has it."""
        return Talk(self.database, self.account, self.settings, self.thread)


async def talk(database: Database, account: uuid.UUID, settings: Settings) -> Talk:
    """A new thread."""
    async with database.session(account) as session:
        thread = await chat.start(session, account)
    return Talk(database, account, settings, thread.id)


async def ask(database: Database, account: uuid.UUID, settings: Settings, *texts: str) -> list[chat.Event]:
    """The events of the last answer in a new thread where all `texts` are asked."""
    begun = await talk(database, account, settings)
    events: list[chat.Event] = []
    for text in texts:
        events = await begun.ask(text)
    return events


def said(events: list[chat.Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, chat.Delta))
