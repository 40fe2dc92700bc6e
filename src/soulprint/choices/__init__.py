"""What a person has chosen. In: an account, and what was set where SoulPrint was started. Out: its settings now.

What the environment sets is fixed; of the rest, what a person chooses is a row of theirs, and keys stand in the
platform's keyring. Every piece of work asks once, at its edge, so that each process of a deployment goes by a change
from its next piece on.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping

from pydantic import SecretStr

from soulprint import errors, llm
from soulprint.choices import keys, laying, store
from soulprint.choices.keys import KEYS, Key, Where
from soulprint.choices.laying import CHOOSABLE
from soulprint.database import Database
from soulprint.settings import Settings

__all__ = [
    "CHOOSABLE",
    "KEYS",
    "Key",
    "Where",
    "choose",
    "fixed",
    "forget_key",
    "forget_keys",
    "has_keyring",
    "held",
    "keep_key",
    "settings",
]


async def settings(db: Database, account: uuid.UUID, started: Settings) -> Settings:
    """What holds for the account now: `started`, and what the person chose of that which it leaves open."""
    async with db.session(account) as session:
        values, kept = await store.chosen(session)
    return laying.over(started, values, await keys.read(kept))


def fixed(started: Settings) -> frozenset[str]:
    """The settings that can't be chosen, as the environment sets them."""
    return frozenset(CHOOSABLE) & started.model_fields_set


async def choose(
    db: Database, account: uuid.UUID, started: Settings, changes: Mapping[str, object], *, consent: bool = False
) -> Settings:
    """Choose these values, None for what holds where nothing is chosen; gives what holds now.

    All or none of them are kept. Raises `errors.ChoiceFixed`, `ChoiceWrong`, `ModelUnknown` for a model that can't be
    used here, and `ConsentMissing` where text would go to a model elsewhere that it didn't go to before, and `consent`
    is not given.
    """
    wanted = laying.checked(started, changes)
    async with db.session(account) as session:
        values, kept = await store.chosen(session, for_update=True)
        held = await keys.read(kept)
        before = laying.over(started, values, held)
        values = {name: value for name, value in (values | wanted).items() if value is not None}
        after = laying.over(started, values, held)
        if any(name.startswith("model") for name in changes):
            await asyncio.to_thread(_check_models, before, after, consent=consent)
        await store.keep(session, account, values, kept)
    return after


def _check_models(before: Settings, after: Settings, *, consent: bool) -> None:
    changed = [role for role in llm.Role if llm.model_name(before, role) != llm.model_name(after, role)]
    for role in changed:
        llm.usable(after, role)
    known = {llm.destination(before, role) for role in llm.Role if llm.is_away(before, role)}
    new = {llm.destination(after, role) for role in changed if llm.is_away(after, role)} - known
    if new and not consent:
        raise errors.ConsentMissing(destination=" and ".join(sorted(new)))


async def held(db: Database, account: uuid.UUID, started: Settings) -> dict[str, Where]:
    """Name of a key that can be used -> where it is kept. Never the key."""
    async with db.session(account) as session:
        _, kept = await store.chosen(session)
    found = {name: keys.where(name) for name in await keys.read(kept)}
    return found | {name: Where.ENVIRONMENT for name in KEYS if laying.is_set(started, name)}


async def keep_key(
    db: Database, account: uuid.UUID, started: Settings, name: str, secret: SecretStr, *, session_only: bool = False
) -> None:
    """Keep a key in the platform's keyring, or until this process ends.

    Raises `errors.ChoiceFixed` where the environment sets it, `ChoiceWrong` for what can be no key, and
    `KeyringMissing` where this machine has no keyring that works.
    """
    if laying.is_set(started, name):
        raise errors.ChoiceFixed(name=KEYS[name].title, variable=KEYS[name].variable)
    await keys.keep(name, secret, session_only=session_only)
    async with db.session(account) as session:
        values, kept = await store.chosen(session, for_update=True)
        await store.keep(session, account, values, kept - {name} if session_only else kept | {name})


async def has_keyring() -> bool:
    """Whether this machine has a keyring that works."""
    return await asyncio.to_thread(keys.usable)


async def forget_key(db: Database, account: uuid.UUID, name: str) -> None:
    """Remove a key that was kept here. Raises `errors.KeyringMissing` where the keyring doesn't answer."""
    async with db.session(account) as session:
        values, kept = await store.chosen(session, for_update=True)
        await keys.forget(name, in_keyring=name in kept)
        await store.keep(session, account, values, kept - {name})


async def forget_keys(db: Database, account: uuid.UUID) -> None:
    """Remove every key that was kept for the account, as far as the keyring answers."""
    async with db.session(account) as session:
        _, kept = await store.chosen(session)
    await keys.forget_all(kept)
