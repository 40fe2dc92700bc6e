"""Renders prompts: prose in `.md.jinja` files of a room's `prompts/` folder, with imported text fenced as data."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2
import jinja2.runtime

FENCES = "fences_of_this_file"
FENCED = re.compile(r"""fenced\(["']([a-z_]+)["']\)""")
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
    template = _environment(package).get_template(f"{name}.md.jinja")
    fences = FENCED.findall(_source(package, f"{name}.md.jinja"))
    text = template.render({**values, FENCES: sorted(set(fences))})
    return Prompt(name, digest(package, name), text.strip() + "\n")


def digest(package: str, name: str) -> str:
    """The hash of the text of `prompts/<name>.md.jinja` in `package`."""
    return hashlib.sha256(_source(package, f"{name}.md.jinja").encode()).hexdigest()[:16]


def fenced(text: object, kind: str, others: Sequence[str] = ()) -> str:
    """`text` between the tags `<kind>` and `</kind>`, with whatever in it reads as one of these tags, or as a fence of
    the kinds `others`, defused.

    For a template: `{{ notes | fenced("notes") }}`, or as a block `{% filter fenced("notes") %}…{% endfilter %}`; there
    the others are all fences of the file. Nothing within can close its fence or open one.
    """
    if not FENCE_NAME.fullmatch(kind):
        raise ValueError(f"{kind!r} is no name for a fence")
    return f"<{kind}>\n{defused(str(text).strip(), [kind, *others])}\n</{kind}>"


def defused(text: str, kinds: Sequence[str]) -> str:
    """`text` with the brackets of every tag of these kinds, however spaced or cased, turned into ‹ and ›."""
    names = "|".join(kinds)
    tag = re.compile(rf"[<＜]([\s/／\\]{{0,8}}(?:{names})\b[^<>＜＞]{{0,80}})[>＞]?", re.IGNORECASE)
    return tag.sub(r"‹\1›", text)


@jinja2.pass_context
def _fenced(context: jinja2.runtime.Context, text: object, kind: str) -> str:
    return fenced(text, kind, context[FENCES])


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
    environment.filters["fenced"] = _fenced
    return environment


@functools.cache
def _source(package: str, file: str) -> str:
    environment = _environment(package)
    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, file)
    return source
