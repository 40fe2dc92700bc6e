"""Which settings can be chosen, what they may be, and how they are laid over those of the environment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import SecretStr, TypeAdapter, ValidationError

from soulprint import errors
from soulprint.choices.keys import NOTIFY
from soulprint.settings import Settings

CHOOSABLE = (
    "model",
    "model_quick",
    "model_extract",
    "model_merge",
    "model_memory",
    "model_sections",
    "model_chat",
    "model_embed",
    "ceiling",
    "account_ceiling",
    "batch",
    "full_pass_threshold",
    "mask_contacts",
    "mask_words",
    "language",
    "zone",
)
"""The settings a person may choose. What reaches other addresses, folders or processes is the environment's alone."""


def _adapter(name: str) -> TypeAdapter[Any]:
    field = Settings.model_fields[name]
    kind: Any = field.annotation
    return TypeAdapter(Annotated[(kind, *field.metadata)] if field.metadata else kind)


_ADAPTERS = {name: _adapter(name) for name in CHOOSABLE}


def over(started: Settings, values: Mapping[str, object], keys: Mapping[str, SecretStr]) -> Settings:
    """`started` with the chosen `values`, as JSON has them, and `keys` where it leaves them open. A value that an older
    or newer version took, and this one doesn't, counts as not chosen."""
    changes = {name: value for name in values if (value := _read(started, name, values[name])) is not None}
    added = {name: key for name, key in keys.items() if not is_set(started, name)}
    if NOTIFY in added:
        changes[NOTIFY] = added.pop(NOTIFY)
    if added:
        changes["credentials"] = started.credentials.model_copy(update=added)
    return started.model_copy(update=changes) if changes else started


def checked(started: Settings, changes: Mapping[str, object]) -> dict[str, Any]:
    """The changes as JSON has them. Raises `errors.ChoiceFixed` or `ChoiceWrong`."""
    found: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in _ADAPTERS:
            raise errors.ChoiceWrong(name=name, reason="it is not among what can be chosen")
        if name in started.model_fields_set:
            raise errors.ChoiceFixed(name=name.replace("_", " "), variable=f"SOULPRINT_{name.upper()}")
        found[name] = _checked(name, value) if value is not None else None
    return found


def is_set(started: Settings, name: str) -> bool:
    """Whether the environment holds the key of this name."""
    return getattr(started if name == NOTIFY else started.credentials, name) is not None


def _checked(name: str, value: object) -> Any:
    try:
        adapter = _ADAPTERS[name]
        return adapter.dump_python(adapter.validate_python(value), mode="json")
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        reason = first["msg"].removeprefix("Value error, ")
        raise errors.ChoiceWrong(name=name.replace("_", " "), reason=reason[:1].lower() + reason[1:]) from None


def _read(started: Settings, name: str, value: object) -> Any:
    if name in started.model_fields_set or name not in _ADAPTERS:
        return None
    try:
        return _ADAPTERS[name].validate_python(value)
    except ValidationError:
        return None
