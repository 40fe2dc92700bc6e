"""What of the room loads, and when."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from soulprint import facts

HEAVY = {
    "pydantic_ai",
    "dbos",
    "apprise",
    "onnxruntime",
    "py3langid",
    "soulprint.measuring.signals",
    "soulprint.llm.masking",
}


def test_what_lists_facts_loads_nothing_that_finds_them() -> None:
    asked = (
        f"import sys, soulprint.facts as facts; facts.listed; facts.Window; print(*({HEAVY!r} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


@pytest.mark.parametrize("name", ["consolidate", "decide", "engine", "extract", "pass_over", "plan", "settle"])
def test_its_functions_stay_functions_once_their_files_are_loaded(name: str) -> None:
    assert inspect.isfunction(getattr(facts, name))
    assert inspect.isfunction(getattr(facts, name))
    assert not (Path(facts.__file__).parent / f"{name}.py").exists()


def test_what_the_room_does_not_have_is_said() -> None:
    with pytest.raises(AttributeError, match="no attribute 'guess'"):
        getattr(facts, "guess")  # noqa: B009
