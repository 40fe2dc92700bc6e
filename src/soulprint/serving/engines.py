"""Which model works in which role, and where the text goes that it reads; said on every screen."""

from __future__ import annotations

from dataclasses import dataclass

from soulprint import llm
from soulprint.llm import destinations, roles
from soulprint.serving.door import Door
from soulprint.settings import Settings


@dataclass(frozen=True, slots=True)
class Engine:
    """What answers in a role, for a person to read."""

    model: str
    """As the setting has it."""
    local: bool
    """No language model at all: measures and quotes."""
    away: bool
    """Whether text leaves this machine."""
    label: str
    goes: str
    """Where the text goes, one sentence."""


def engine(model: str, settings: Settings) -> Engine:
    """`model` as `llm.model_name` gives it, described for a person."""
    if model == llm.LOCAL:
        return Engine(model, local=True, away=False, label="Local engine", goes="Nothing leaves this machine.")
    if model == roles.OFF:
        return Engine(
            model, local=True, away=False, label="Off", goes="Nothing is done, and nothing leaves this machine."
        )
    name = model.partition(":")[2]
    destination = destinations.of_model(settings, model)
    if not destinations.leaves(destination):
        goes = f"The model runs at {destination}; nothing leaves this machine."
        return Engine(model, local=False, away=False, label=name, goes=goes)
    goes = f"The text it needs, secrets masked, goes to {destination}."
    return Engine(model, local=False, away=True, label=name, goes=goes)


def by_role(settings: Settings) -> dict[llm.Role, Engine]:
    """The engine of each role at work."""
    return {role: engine(llm.model_name(settings, role), settings) for role in llm.Role}


def of(door: Door, role: llm.Role) -> Engine:
    """The engine at work in `role`."""
    return engine(llm.model_name(door.settings, role), door.settings)
