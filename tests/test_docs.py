from __future__ import annotations

from pathlib import Path

from soulprint.settings import Settings

SETTINGS = Path(__file__).parents[1] / "docs" / "settings.md"


def test_every_setting_is_documented() -> None:
    documented = SETTINGS.read_text()
    names = [f"SOULPRINT_{name.upper()}" for name in Settings.model_fields if name != "credentials"]
    assert [name for name in names if f"| `{name}` |" not in documented] == []
