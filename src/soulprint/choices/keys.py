"""Keys of model providers, and addresses that hold passwords: in the platform's keyring, or in memory until the process
ends. Never in a row, a log or an answer.

The keyring is asked only for what is known to be in it, as it may ask the person to unlock it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import structlog
from pydantic import SecretStr

from soulprint import errors

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = structlog.get_logger()

T = TypeVar("T")

SERVICE = "soulprint"
FRESH = 30.0
"""Seconds for which a key that was read is taken for the one that is kept: another process may change it."""

LONGEST = 4_000
NOTIFY = "notify"


class Where(StrEnum):
    ENVIRONMENT = "environment"
    KEYRING = "keyring"
    SESSION = "session"
    """In this process alone, until it ends."""


@dataclass(frozen=True, slots=True)
class Key:
    """What can be kept."""

    title: str
    variable: str
    """What sets it in the environment."""


KEYS = {
    "anthropic_api_key": Key("Anthropic", "ANTHROPIC_API_KEY"),
    "openai_api_key": Key("OpenAI", "OPENAI_API_KEY"),
    "gemini_api_key": Key("Google", "GEMINI_API_KEY"),
    "voyage_api_key": Key("Voyage", "VOYAGE_API_KEY"),
    "co_api_key": Key("Cohere", "CO_API_KEY"),
    NOTIFY: Key("Where to tell you", "SOULPRINT_NOTIFY"),
}

_session: dict[str, SecretStr] = {}
_read: dict[str, tuple[float, SecretStr]] = {}


async def read(kept: Collection[str]) -> dict[str, SecretStr]:
    """The keys that are known here; `kept` are the names of those in the keyring. One that it doesn't give is left
    out."""
    stale = [name for name in kept if name in KEYS and name not in _session and not _is_fresh(name)]
    if stale:
        await asyncio.to_thread(_read_again, stale)
    found = {name: _read[name][1] for name in kept if name in _read}
    return found | _session


def where(name: str) -> Where:
    """Where a key that is known here is kept."""
    return Where.SESSION if name in _session else Where.KEYRING


async def keep(name: str, secret: SecretStr, *, session_only: bool) -> None:
    """Raises `errors.ChoiceWrong`, and `errors.KeyringMissing` where there is no keyring that works."""
    value = secret.get_secret_value().strip()
    if not _is_usable(name, value):
        raise errors.ChoiceWrong(name=KEYS[name].title, reason="it is empty, too long, or not written in one piece")
    if session_only:
        _session[name] = SecretStr(value)
        return
    await asyncio.to_thread(_asked, name, lambda keyring: keyring.set_password(SERVICE, name, value))
    _session.pop(name, None)
    _read[name] = (time.monotonic(), SecretStr(value))


async def forget(name: str, *, in_keyring: bool) -> None:
    _session.pop(name, None)
    _read.pop(name, None)
    if in_keyring:
        await asyncio.to_thread(_asked, name, lambda keyring: _delete(keyring, name))


async def forget_all(kept: Collection[str]) -> None:
    _session.clear()
    for name in kept:
        try:
            await forget(name, in_keyring=True)
        except errors.KeyringMissing:
            log.warning("a key could not be removed from the keyring", key=name)


def usable() -> bool:
    """Whether this machine has a keyring. May take a moment."""
    return bool(_keyring().priority > 0)


def _keyring() -> KeyringBackend:
    import keyring  # slow to import, and needed by few

    return keyring.get_keyring()


def _is_fresh(name: str) -> bool:
    return name in _read and time.monotonic() - _read[name][0] < FRESH


def _is_usable(name: str, value: str) -> bool:
    spaced = any(sign.isspace() for sign in value) and name != NOTIFY
    return 0 < len(value) <= LONGEST and value.isprintable() and not spaced


def _read_again(names: Collection[str]) -> None:
    for name in names:
        try:
            value = _asked(name, lambda keyring, name=name: keyring.get_password(SERVICE, name))  # type: ignore[misc]
        except errors.KeyringMissing:
            value = None
        _read.pop(name, None)
        if value:
            _read[name] = (time.monotonic(), SecretStr(value))


def _asked(name: str, work: Callable[[KeyringBackend], T]) -> T:
    """What the keyring answers. Whatever goes wrong in it is told by its kind alone: backends raise what they like."""
    if not usable():
        raise errors.KeyringMissing(variable=KEYS[name].variable)
    try:
        return work(_keyring())
    except Exception as error:  # noqa: BLE001
        log.warning("the keyring did not answer", error=type(error).__name__)
        raise errors.KeyringMissing(variable=KEYS[name].variable) from None


def _delete(keyring: KeyringBackend, name: str) -> None:
    if keyring.get_password(SERVICE, name) is not None:
        keyring.delete_password(SERVICE, name)
