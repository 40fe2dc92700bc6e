"""The outbox. In: what a pass came to. Out: a message to the person, a signed webhook, an alert to the operator."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors
from soulprint.database import Database
from soulprint.notices import mail, store, webhook, wording
from soulprint.records import Notice
from soulprint.settings import Settings

__all__ = ["announce", "deliver", "give_up", "try_out"]

CHANNELS = {"ready": "person", "smarter": "person", "complete": "webhook", "alert": "operator"}
"""Kind of notice -> who is told."""

KEPT = {
    "ready": ("memory_building",),
    "smarter": ("facts", "conversations"),
    "complete": ("soulprint_ready", "memory_building", "chunks_embedded", "processing_time"),
    "alert": ("stage", "error"),
}
"""What a notice of each kind has to be told; the rest is left out, but for the counts of an alert."""


async def announce(
    session: AsyncSession,
    settings: Settings,
    account: uuid.UUID,
    run: uuid.UUID,
    kind: str,
    payload: Mapping[str, object],
) -> list[int]:
    """Put a notice of `kind` into the outbox, where its channel is set; gives the ids to deliver, none when it was put
    there before. Of `payload` it keeps states, counts and single words, so that nothing a person wrote gets in.

    A full pass says `ready` only where the person hasn't been told so after the same import.
    """
    channel = CHANNELS[kind]
    if not _is_set(settings, channel):
        return []
    if kind == "ready" and await store.told_ready(session, run):
        return []
    kept = {name: _plain(payload[name]) for name in KEPT[kind]}
    if kind == "alert":
        kept |= {name: value for name, value in payload.items() if isinstance(value, int | float)}
    added = await store.add(session, account, run, kind, channel, kept)
    return [] if added is None else [added]


async def deliver(db: Database, account: uuid.UUID, settings: Settings, notice_id: int) -> None:
    """Send a notice and note that it was sent; nothing happens when it was before, or was given up.

    Raises `errors.NoticeUndelivered` once the attempt and its reason are noted. A process that dies between the two
    sends it again: a webhook then carries the same delivery id.
    """
    async with db.hold(f"notice {notice_id}") as mine:
        async with db.session(account) as session:
            notice = await store.waiting(session, notice_id)
        if notice is None:
            return
        if not mine:
            raise _undelivered(notice, "another process is sending it")
        try:
            note = await _send(settings, notice)
        except (errors.NoticeUndelivered, errors.SettingWrong) as error:
            async with db.session(account) as session:
                await store.note_attempt(session, notice_id, str(error))
            if isinstance(error, errors.NoticeUndelivered):
                raise
            raise _undelivered(notice, str(error).rstrip(".")) from error
        async with db.session(account) as session:
            await store.mark_sent(session, notice_id, note)


async def try_out(settings: Settings) -> str | None:
    """Send the person a notice that says only that it arrived; gives a note where not every address was reached.

    Raises `errors.SettingWrong` and `errors.NoticeUndelivered` as `deliver` does.
    """
    if settings.notify is None:
        raise errors.SettingWrong(name="SOULPRINT_NOTIFY", reason="no address is set")
    return await mail.send("SOULPRINT_NOTIFY", settings.notify.get_secret_value(), "trial", "person", wording.TRIAL)


async def give_up(db: Database, account: uuid.UUID, notice_id: int) -> None:
    """Try a notice no more, unless it has arrived."""
    async with db.session(account) as session:
        await store.mark_failed(session, notice_id)


async def _send(settings: Settings, notice: Notice) -> str | None:
    """Send it; gives what went wrong although it was sent."""
    if not _is_set(settings, notice.channel):
        raise _undelivered(notice, "its channel is no longer set")
    if notice.channel == "webhook":
        assert settings.webhook_url is not None
        assert settings.webhook_secret is not None
        await webhook.post(settings.webhook_url, settings.webhook_secret.get_secret_value(), notice)
        return None
    name, addresses = ("SOULPRINT_NOTIFY", settings.notify)
    if notice.channel == "operator":
        name, addresses = ("SOULPRINT_ALERT", settings.alert)
    assert addresses is not None
    return await mail.send(name, addresses.get_secret_value(), notice.kind, notice.channel, wording.message(notice))


def _undelivered(notice: Notice, reason: str) -> errors.NoticeUndelivered:
    return errors.NoticeUndelivered(kind=notice.kind, channel=notice.channel, reason=reason)


def _is_set(settings: Settings, channel: str) -> bool:
    if channel == "webhook":
        return settings.webhook_url is not None and settings.webhook_secret is not None
    return (settings.notify if channel == "person" else settings.alert) is not None


def _plain(value: object) -> object:
    """A state, a count or a single word as it is; of anything else only that it was there."""
    if isinstance(value, bool | int | float) or (isinstance(value, str) and value.isidentifier()):
        return value
    return "unknown"
