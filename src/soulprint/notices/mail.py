"""Messages to addresses as Apprise takes them: mail, Telegram and a hundred others. The addresses hold passwords, so
nothing that Apprise says or logs of them is passed on."""

from __future__ import annotations

import asyncio
import logging

from soulprint import errors
from soulprint.notices.wording import Text

TIMEOUT = 30
"""Seconds for all addresses together."""


async def send(setting: str, addresses: str, kind: str, channel: str, text: Text) -> str | None:
    """Send `text` to each of the addresses, which blanks separate. Gives a note where only some could be reached, as
    the others aren't to be bothered again.

    Raises `errors.SettingWrong` for addresses that Apprise doesn't know, and `errors.NoticeUndelivered` where none
    could be reached.
    """
    reached, all_of_them = await asyncio.to_thread(_send, setting, addresses.split(), text)
    if not reached:
        reason = "no address of it could be reached"
        raise errors.NoticeUndelivered(kind=kind, channel=channel, reason=reason)
    return None if reached == all_of_them else f"Only {reached} of {all_of_them} addresses could be reached."


def _send(setting: str, addresses: list[str], text: Text) -> tuple[int, int]:
    """How many of the addresses could be reached, of how many."""
    import apprise  # slow to import, and needed by few

    logging.getLogger("apprise").disabled = True
    memory_only = apprise.PersistentStoreMode.MEMORY
    asset = apprise.AppriseAsset(app_id="SoulPrint", app_desc="SoulPrint", app_url="", storage_mode=memory_only)
    sender = apprise.Apprise(asset=asset)
    if not addresses or not all(sender.add(address) for address in addresses):
        reason = "Apprise takes no such address" if addresses else "it holds no address"
        raise errors.SettingWrong(name=setting, reason=reason)
    result = sender.notify(body=text.body, title=text.title, body_format=apprise.NotifyFormat.TEXT, timeout=TIMEOUT)
    return result.success_count, len(addresses)
