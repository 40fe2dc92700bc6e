"""Fills a JSON schema with valid data that cites what the prompt offers."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Iterator, Mapping
from typing import Any

CITABLE = re.compile(r"\[([mcsf][0-9]+)[ ,\]]")
"""Ids as our prompts write them: `[m12 …]`, `[c3]`, `[s1]`, `[f7, …]`."""

LINES = 2
"""Entries in each list."""

RETOLD = 6
"""Likewise, where lines say what they cite."""

DEEPEST = 12

INVENTED = {
    "ai_name": "Juno",
    "archetype": "Steady curious guide",
    "vibe": "Warm, quick and to the point.",
    "emoji_style": "Few, where they help.",
    "signature_greeting": "Good to see you again!",
}
"""What a model makes up for the assistant: it rests on nothing."""


def fill(schema: dict[str, Any], prompt: str, sentences: Iterator[str] | None = None) -> Any:
    """Data that the schema allows: every list has some entries, every list named `evidence` cites ids of the prompt in
    turn, every other text is the next of `sentences`, else a sentence of its own."""
    cited = list(dict.fromkeys(CITABLE.findall(prompt))) or ["m1"]
    return Filler(schema, itertools.cycle(cited), sentences or own()).value(schema, "", 0)


def retell(schema: dict[str, Any], told: Mapping[str, str]) -> Any:
    """The same, but that each line that cites says what stands under the id it cites: `told` is by these."""
    return Filler(schema, itertools.cycle(told or ["m1"]), own(), told, RETOLD).value(schema, "", 0)


def own() -> Iterator[str]:
    """Sentences that no two fields share, and without a figure: no line may name one that its sources don't."""
    sizes = (itertools.product(string.ascii_uppercase, repeat=size) for size in itertools.count(1))
    return (f"Sentence {''.join(letters)} of the test model." for letters in itertools.chain.from_iterable(sizes))


def resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The schema itself where it is a reference into `root`."""
    found: Any = schema
    while "$ref" in found:
        path = found["$ref"].removeprefix("#/").split("/")
        found = root
        for step in path:
            found = found[step]
    return dict(found)


class Filler:
    def __init__(
        self,
        root: dict[str, Any],
        ids: itertools.cycle[str],
        sentences: Iterator[str],
        told: Mapping[str, str] | None = None,
        lines: int = LINES,
    ) -> None:
        self._root = root
        self._ids = ids
        self._sentences = sentences
        self._told = told
        self._lines = lines

    def value(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        schema = resolved(schema, self._root)
        if "const" in schema or "enum" in schema:
            return schema.get("const", (schema.get("enum") or [None])[0])
        for options in ("anyOf", "oneOf", "allOf"):
            if options in schema:
                return self.value(schema[options][0], name, depth)
        return self._of_type(schema, name, depth)

    def _of_type(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        match schema.get("type"):
            case "object" if self._told and {"text", "evidence"} <= schema.get("properties", {}).keys():
                cited = next(self._ids)
                return {"text": INVENTED.get(name, self._told[cited]), "evidence": [cited]}
            case "object":
                properties = schema.get("properties", {})
                return {key: self.value(inner, key, depth + 1) for key, inner in properties.items() if depth < DEEPEST}
            case "array" if name == "evidence":
                return [next(self._ids)]
            case "array":
                count = max(self._lines, schema.get("minItems", 0))
                return [self.value(schema.get("items", {}), name, depth + 1) for _ in range(count)]
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return next(self._sentences)
