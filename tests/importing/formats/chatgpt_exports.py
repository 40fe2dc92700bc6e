"""An export of ChatGPT with what is typical for it."""

from __future__ import annotations

import json

from tests.importing import exports

MEMBER = "conversations.json"


def sample() -> bytes:
    """Conversations with custom instructions, an edited prompt, speech, a tool's result, and in the shape of 2026."""
    context = {"content_type": "user_editable_context", "user_profile": "I bake.", "user_instructions": "Be short."}
    instructions = exports.chatgpt_message("user", "", content=context, weight=0.0)
    result = exports.chatgpt_message("tool", "", content={"content_type": "execution_output", "text": "4"})
    speech = {"content_type": "audio_transcription", "text": "Was backe ich heute?", "direction": "in"}
    spoken = exports.chatgpt_message("user", "", content={"content_type": "multimodal_text", "parts": [speech, None]})
    branched = exports.chatgpt_conversation(
        "Bread", [instructions, ("user", "Which flour?"), ("assistant", "Rye."), result]
    )
    exports.add_node(branched["mapping"], "root", "edited", exports.chatgpt_message("user", "Which flower?"))
    talks = [
        branched,
        exports.chatgpt_conversation("Heute", [spoken, ("assistant", "Ein Roggenbrot 🍞, „frisch“.")]),
        exports.slim(exports.chatgpt_conversation("Москва", [("user", "Где хлеб?"), ("assistant", "Вот он.")])),
    ]
    return json.dumps(talks).encode()
