"""The small exports of every provider that the tests of its format make, as packings and fuzzing need them."""

from __future__ import annotations

import importlib
import pkgutil
from typing import NamedTuple

from tests.importing import formats


class Sample(NamedTuple):
    name: str
    member: str
    """Its path in the provider's own archive."""
    content: bytes


def samples() -> list[Sample]:
    """One of each module `formats/…_exports.py`."""
    found = [each.name for each in pkgutil.iter_modules(formats.__path__) if each.name.endswith("_exports")]
    modules = {name: importlib.import_module(f"{formats.__name__}.{name}") for name in sorted(found)}
    return [Sample(name.removesuffix("_exports"), each.MEMBER, each.sample()) for name, each in modules.items()]
