"""Google AI Studio: a file in Google Drive for each prompt, with its chunks, settings and system instruction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import ClaimKind, Role

NAME = "aistudio"
TITLE = "Google AI Studio"
MEMBERS = re.compile(
    r"(?:^|/)google ai studio/(?![^/]*\.(?:png|jpe?g|gif|webp|heic|svg|pdf|mp[34]|m4a|wav|mov|webm|docx?|xlsx?|pptx?"
    r"|csv|md|txt|html?|zip|py|js|ts|applet)$)[^/]+$"
)

ROLES = {"user": Role.USER, "model": Role.ASSISTANT}
ENDING = re.compile(r"\.(?:json|txt)$", re.IGNORECASE)
UNTITLED = re.compile(r"untitled prompt(?: \(\d+\))?", re.IGNORECASE)


class Part(msgspec.Struct, gc=False):
    text: str | None = None
    thought: bool | None = None


class Parent(msgspec.Struct, gc=False):
    promptId: str | None = None  # noqa: N815


class Thing(msgspec.Struct, gc=False):
    """Something beside text, of which nothing is read."""


class Chunk(msgspec.Struct, gc=False):
    role: str | None = None
    text: str | None = None
    parts: list[Part] | None = None
    isThought: bool | None = None  # noqa: N815
    createTime: str | float | None = None  # noqa: N815
    branchParent: str | Parent | None = None  # noqa: N815
    errorMessage: str | None = None  # noqa: N815
    executableCode: str | Thing | None = None  # noqa: N815
    codeExecutionResult: str | Thing | None = None  # noqa: N815
    driveDocument: Thing | None = None  # noqa: N815
    driveImage: Thing | None = None  # noqa: N815
    driveVideo: Thing | None = None  # noqa: N815
    driveAudio: Thing | None = None  # noqa: N815
    inlineFile: Thing | None = None  # noqa: N815
    inlineImage: Thing | None = None  # noqa: N815
    inlineData: Thing | None = None  # noqa: N815
    inlineAudio: Thing | None = None  # noqa: N815
    youtubeVideo: Thing | None = None  # noqa: N815


class Chunked(msgspec.Struct, gc=False):
    chunks: list[Chunk] | None = None
    pendingInputs: list[Chunk] | None = None  # noqa: N815


class Settings(msgspec.Struct, gc=False):
    model: str | None = None


class Instruction(msgspec.Struct, gc=False):
    text: str | None = None
    parts: list[Part] | None = None


class Prompt(msgspec.Struct, gc=False):
    runSettings: Settings | None = None  # noqa: N815
    systemInstruction: str | Instruction | None = None  # noqa: N815
    chunkedPrompt: Chunked | None = None  # noqa: N815


MEDIA = (
    "driveDocument",
    "driveImage",
    "driveVideo",
    "driveAudio",
    "inlineFile",
    "inlineImage",
    "inlineData",
    "inlineAudio",
    "youtubeVideo",
)

_decoder = msgspec.json.Decoder(Prompt)


def recognises(document: documents.Document) -> str | None:
    if any(isinstance(element, dict) and "chunkedPrompt" in element for element in document.sample):
        return "a prompt with a chunkedPrompt"
    return None


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    title = _title(document.where) if len(document.sample) == 1 else None
    return elements.each(document, lambda element: prompt(element, title))


def prompt(element: msgspec.Raw | memoryview, title: str | None) -> shapes.Outcome:
    """A prompt with all that was said in it. Raises `decoding.Unusable`."""
    raw = decoding.decode(element, _decoder)
    claims = _claims(raw)
    chunked = raw.chunkedPrompt or Chunked()
    chunks = chunked.chunks or []
    left_out: dict[str, int] = {}
    unknown: dict[str, int] = {}
    messages = [said for number, chunk in enumerate(chunks) for said in _said(chunk, number, left_out, unknown)]
    pending = sum(bool(each.text and not each.text.isspace()) for each in chunked.pendingInputs or ())
    shapes.count(left_out, "draft", pending)
    if not messages:
        return shapes.Found(None, claims, unknown, left_out)
    times = [message.sent_at for message in messages if message.sent_at]
    parsed = shapes.ParsedConversation(
        _identity(chunks, messages),
        title,
        model=(raw.runSettings.model or "").removeprefix("models/") or None if raw.runSettings else None,
        started_at=min(times, default=None),
        updated_at=max(times, default=None),
        messages=messages,
    )
    return shapes.Found(parsed, claims, unknown, left_out)


def _title(where: str) -> str | None:
    """The file's name: a prompt has its title nowhere else."""
    name = ENDING.sub("", where.replace("\\", "/").rpartition("/")[2])
    return None if UNTITLED.fullmatch(name) else name or None


def _claims(raw: Prompt) -> list[shapes.ParsedClaim]:
    instruction = raw.systemInstruction
    text = _text(instruction) if isinstance(instruction, Instruction) else instruction or ""
    return [shapes.ParsedClaim(ClaimKind.PROJECT_INSTRUCTIONS, text)] if text and not text.isspace() else []


def _text(said: Chunk | Instruction) -> str:
    """What is said. The parts are pieces of one text, some of them thoughts."""
    parts = said.parts or []
    if any(each.thought for each in parts) or not said.text:
        return "".join(each.text for each in parts if each.text and not each.thought)
    return said.text


def _said(
    chunk: Chunk, number: int, left_out: dict[str, int], unknown: dict[str, int]
) -> Iterator[shapes.ParsedMessage]:
    shapes.count(left_out, "media", sum(getattr(chunk, name) is not None for name in MEDIA))
    shapes.count(left_out, "tool", (chunk.executableCode is not None) + (chunk.codeExecutionResult is not None))
    shapes.count(left_out, "system", int(bool(chunk.errorMessage)))
    thoughts = any(each.thought and each.text for each in chunk.parts or ())
    shapes.count(left_out, "reasoning", int(bool(chunk.isThought or thoughts)))
    text = "" if chunk.isThought else _text(chunk)
    if not text or text.isspace():
        return
    role = ROLES.get((chunk.role or "").lower())
    if role is None:
        name = f"role {chunk.role}" if chunk.role else "no role"
        shapes.count(unknown, name)
        return
    yield shapes.ParsedMessage(str(number), role, text, moment(chunk.createTime))


def _identity(chunks: list[Chunk], messages: list[shapes.ParsedMessage]) -> str:
    """The same for the same prompt with more in it. A branch begins with a copy of the prompt that it was made from, so
    that also counts where it left it; without times the first answer counts, as many prompts begin alike."""
    marks = [str(messages[0].sent_at), messages[0].text]
    if messages[0].sent_at is None:
        marks += [message.text for message in messages[1:2]]
    for number, chunk in enumerate(chunks):
        if chunk.branchParent is not None:
            parent = chunk.branchParent
            following = chunks[number + 1 : number + 2]
            marks += [str(number), parent if isinstance(parent, str) else parent.promptId or ""]
            marks += [str(each.createTime) for each in following]
    return hashlib.blake2b("\0".join(marks).encode(), digest_size=16).hexdigest()
