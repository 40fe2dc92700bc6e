"""What the person may set: models, keys, budget, what is masked, language, notices."""

from __future__ import annotations

from fastapi import APIRouter

from soulprint import choices, errors, llm, notices
from soulprint.llm import masking
from soulprint.serving import engines
from soulprint.serving.door import At, Door
from soulprint.serving.rest import shapes
from soulprint.settings import Settings

router = APIRouter(prefix="/settings")


@router.get("")
async def settings(door: At) -> shapes.Settings:
    """What holds now, and what of it the environment sets."""
    return await _shown(door, door.settings)


@router.patch("")
async def choose(door: At, wanted: shapes.Choices) -> shapes.Settings:
    """Choose some settings, all or none of them. A model elsewhere that no text went to before needs `consent`."""
    now = await choices.choose(door.database, door.account, door.started, wanted.values, consent=wanted.consent)
    return await _shown(door, now)


@router.put("/keys/{name}")
async def keep_key(door: At, name: str, given: shapes.GivenKey) -> shapes.Settings:
    """Keep the key of a provider, or the addresses where the person is told (`notify`). It is never given back."""
    _known(name)
    if name == "notify" and not door.local:
        raise errors.NotifyElsewhere
    database, account = door.database, door.account
    await choices.keep_key(database, account, door.started, name, given.value, session_only=given.session_only)
    return await _shown(door, await choices.settings(database, account, door.started))


@router.delete("/keys/{name}")
async def forget_key(door: At, name: str) -> shapes.Settings:
    """Remove a key that was kept here."""
    _known(name)
    await choices.forget_key(door.database, door.account, name)
    return await _shown(door, await choices.settings(door.database, door.account, door.started))


@router.post("/trial")
async def trial(door: At, wanted: shapes.Role) -> shapes.Trial:
    """Ask the model of a role for one word, with nothing of the person's in it."""
    return shapes.Trial.model_validate(await llm.trial(door.database, door.account, door.settings, wanted.role))


@router.post("/notice")
async def notice(door: At) -> shapes.NoticeSent:
    """Send the person a notice that says only that it arrived."""
    try:
        return shapes.NoticeSent(note=await notices.try_out(door.settings))
    except errors.NoticeUndelivered as error:
        raise errors.SettingWrong(name="Where to tell you", reason=error.details["reason"]) from error


@router.post("/masked")
async def masked(door: At, given: shapes.ToMask) -> shapes.MaskedText:
    """The text as a model would read it: secrets masked, and what the person wants masked besides."""
    private = masking.Private(door.settings.mask_words, door.settings.mask_contacts)
    return shapes.MaskedText(text=private.mask(masking.mask(given.text)))


def _known(name: str) -> None:
    if name not in choices.KEYS:
        raise errors.NotFound(what="key")


async def _shown(door: Door, now: Settings) -> shapes.Settings:
    return shapes.Settings(
        values=now.model_dump(mode="json", include=set(choices.CHOOSABLE)),
        fixed=sorted(choices.fixed(door.started)),
        goes={role.value: engine.goes for role, engine in engines.by_role(now).items()},
        keys=await choices.held(door.database, door.account, door.started),
    )
