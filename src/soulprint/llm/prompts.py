"""Renders prompts: prose in `.md.jinja` files of a room's `prompts/` folder, with imported text fenced as data."""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass

import jinja2

FENCE_NAME = re.compile(r"[a-z][a-z_]*")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt, with the name of its file and a hash of the file's text."""

    name: str
    hash: str
    text: str


def render(package: str, name: str, **values: object) -> Prompt:
    """The prompt `prompts/<name>.md.jinja` of `package`, filled with `values`. A value that the file names and nobody
    gives is an error (`jinja2.UndefinedError`)."""
    environment = _environment(package)
    file = f"{name}.md.jinja"
    source, _, _ = _source(package, file)
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    return Prompt(name, digest, environment.get_template(file).render(values).strip() + "\n")


def fenced(text: object, kind: str) -> str:
    """`text` between the tags `<kind>` and `</kind>`, with whatever in it reads as one of these tags defused.

    For a template: `{{ transcript | fenced("transcript") }}`. Nothing within can close the fence or open another.
    """
    if not FENCE_NAME.fullmatch(kind):
        raise ValueError(f"{kind!r} is no name for a fence")
    return f"<{kind}>\n{defused(str(text), kind)}\n</{kind}>"


def defused(text: str, kind: str) -> str:
    """`text` with the angle brackets of every `<kind>` or `</kind>`, however spaced or cased, turned into ‹ and ›."""
    tag = re.compile(rf"[<＜]([\s/／\\]{{0,8}}{kind}\b[^<>＜＞]{{0,80}})[>＞]?", re.IGNORECASE)
    return tag.sub(r"‹\1›", text)


@functools.cache
def _environment(package: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package, "prompts"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 (a prompt is no HTML; escaping would change what the person wrote)
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["fenced"] = fenced
    return environment


@functools.cache
def _source(package: str, file: str) -> tuple[str, str | None, object]:
    environment = _environment(package)
    assert environment.loader is not None
    return environment.loader.get_source(environment, file)
