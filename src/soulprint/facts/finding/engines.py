"""The name of whatever reads conversations for facts, with what it depends on: tells old readings from new ones."""

from __future__ import annotations

import hashlib
import json

from soulprint import llm
from soulprint.facts.finding import drafts, local, windows
from soulprint.llm import prompts
from soulprint.settings import Settings


def engine(settings: Settings) -> str:
    """`provider:name <hash>` for a model, where the hash is of the prompt's file, the answer's schema and the
    categories; `local <version>` for the local engine."""
    name = llm.model_name(settings, llm.Role.EXTRACT)
    if name == llm.LOCAL:
        return f"{llm.LOCAL} {local.VERSION}"
    categories = windows.categories(settings)
    asked = [prompts.digest("soulprint.facts", "extract"), categories, drafts.schema(categories, 1)]
    return f"{name} {hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]}"
