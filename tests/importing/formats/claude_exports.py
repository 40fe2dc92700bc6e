"""An export of Claude with what is typical for it."""

from __future__ import annotations

import json

from tests.importing import exports

MEMBER = "conversations.json"


def sample() -> bytes:
    """Conversations with thoughts, a pasted file, an edited prompt, and content that is JSON within JSON."""
    blocks = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Rye, I think."}]
    pasted = [{"file_name": "paste.txt", "extracted_content": "A recipe of somebody's."}]
    turns = [
        exports.claude_message("human", "Which flour?", 0, attachments=pasted),
        exports.claude_message("assistant", "Rye, I think.", 1, content=blocks),
    ]
    root = "00000000-0000-4000-8000-000000000000"
    edited = [
        exports.claude_message("human", "Old", 0, uuid="a", parent_message_uuid=root),
        exports.claude_message("human", "New", 1, uuid="b", parent_message_uuid=root),
        exports.claude_message("assistant", "Well.", 2, uuid="c", parent_message_uuid="b", content=json.dumps(blocks)),
    ]
    talks = [
        exports.claude_conversation("Bread", turns),
        exports.claude_conversation("Edited", edited),
        exports.claude_conversation("Ein Gespräch", [("human", "„Hallo“ 🍞"), ("assistant", "Guten Tag")]),
    ]
    return json.dumps(talks, ensure_ascii=False).encode()
