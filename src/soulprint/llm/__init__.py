"""The one way to a model. In: a role, a prompt, messages. Out: answers, masked on the way, journaled, priced.

What talks to models loads when it is first used: pydantic-ai and the SDKs take seconds, and most commands need none.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from soulprint.llm.destinations import destination, is_away
from soulprint.llm.roles import LOCAL, Role, check, is_local, model_name
from soulprint.llm.store import forget, spent_lately

if TYPE_CHECKING:
    from soulprint.llm import batches
    from soulprint.llm.journal import Answers, answering
    from soulprint.llm.models import model, usable
    from soulprint.llm.trying import Trial, trial

__all__ = [
    "LOCAL",
    "Answers",
    "Role",
    "Trial",
    "answering",
    "batches",
    "check",
    "close",
    "destination",
    "forget",
    "is_away",
    "is_local",
    "model",
    "model_name",
    "spent_lately",
    "trial",
    "usable",
]

_HOMES = {
    "Answers": "journal",
    "answering": "journal",
    "model": "models",
    "usable": "models",
    "Trial": "trying",
    "trial": "trying",
}


async def close() -> None:
    """Close the connections to all providers, where any was opened."""
    for name in ("models", "embedders"):
        if room := sys.modules.get(f"{__name__}.{name}"):
            await room.close()


def __getattr__(name: str) -> Any:
    if name == "batches":
        return importlib.import_module(f"{__name__}.batches")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
