"""The figures of an import, computed anew in the most naive way from a well-formed ChatGPT export."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass
class Figures:
    conversations: int = 0
    user: int = 0
    assistant: int = 0
    user_characters: int = 0


def branch(conversation: dict[str, Any]) -> Iterable[dict[str, Any]]:
    mapping = conversation["mapping"]
    node = conversation["current_node"]
    nodes = []
    while node is not None and node in mapping and node not in nodes:
        nodes.append(node)
        node = mapping[node]["parent"]
    return [mapping[node]["message"] for node in reversed(nodes) if mapping[node]["message"]]


def is_visible(message: dict[str, Any]) -> bool:
    metadata = message.get("metadata") or {}
    return (
        message["author"]["role"] in ("user", "assistant")
        and message.get("weight") != 0
        and not metadata.get("is_visually_hidden_from_conversation")
        and message.get("recipient") in (None, "all")
        and message.get("channel") != "analysis"
        and message["content"]["content_type"] in ("text", "multimodal_text")
    )


def text(message: dict[str, Any]) -> str:
    return "\n".join(
        part if isinstance(part, str) else part["text"]
        for part in message["content"]["parts"]
        if isinstance(part, str) or (part or {}).get("content_type") == "audio_transcription"
    )


def figures(conversations: Iterable[dict[str, Any]]) -> Figures:
    total = Figures()
    for conversation in {each["conversation_id"]: each for each in conversations}.values():
        said = [message for message in branch(conversation) if is_visible(message) and text(message).strip()]
        total.conversations += bool(said)
        for message in said:
            if message["author"]["role"] == "user":
                total.user += 1
                total.user_characters += len(text(message))
            else:
                total.assistant += 1
    return total
