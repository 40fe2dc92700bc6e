"""The model server, and settings that know no other."""

from __future__ import annotations

from tests.llm.conftest import credentials, model_server, model_settings

__all__ = ["credentials", "model_server", "model_settings"]
