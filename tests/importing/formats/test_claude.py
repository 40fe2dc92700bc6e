from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from soulprint.importing import shapes
from soulprint.importing.formats import claude
from soulprint.importing.parsing import documents
from soulprint.kinds import ClaimKind, Modality, Role
from tests.importing import exports

ROOT = "00000000-0000-4000-8000-000000000000"


def found(conversation: object) -> shapes.Found:
    outcome = claude.conversation(memoryview(exports.as_written(conversation)))
    assert isinstance(outcome, shapes.Found)
    return outcome


def said(*messages: dict[str, Any], **fields: Any) -> list[str]:
    parsed = found(exports.claude_conversation(turns=messages, **fields)).conversation
    return [message.text for message in parsed.messages if message.on_branch] if parsed else []


def test_a_plain_conversation() -> None:
    parsed = found(exports.claude_conversation("Bread", project_uuid="p")).conversation
    assert parsed is not None
    assert (parsed.title, parsed.project, parsed.model) == ("Bread", "p", None)
    assert parsed.started_at == datetime(2025, 3, 1, 9, 59, tzinfo=UTC)
    assert [(each.role, each.text) for each in parsed.messages] == [(Role.USER, "Hello"), (Role.ASSISTANT, "Hi there")]


def test_blocks_come_before_the_flattened_text() -> None:
    blocks = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert said(exports.claude_message("assistant", "lossy", content=blocks)) == ["a\nb"]


@pytest.mark.parametrize("content", [[], None])
def test_text_is_taken_where_there_are_no_blocks(content: object) -> None:
    assert said(exports.claude_message("human", "old", content=content)) == ["old"]


def test_placeholders_of_other_blocks_are_not_said() -> None:
    text = "```\nThis block is not supported on your current device yet.\n```"
    assert said(exports.claude_message("assistant", text, content=[{"type": "tool_use", "name": "x"}])) == []


def test_content_may_be_json_in_a_string_or_the_text_itself() -> None:
    blocks = json.dumps([{"type": "text", "text": "inside"}])
    assert said(exports.claude_message("human", content=blocks)) == ["inside"]
    assert said(exports.claude_message("human", content="[plain")) == ["[plain"]


def test_injected_blocks_are_dropped_and_unknown_ones_named() -> None:
    blocks = [{"type": "injected_prompt_block", "prompt": "x"}, {"type": "smell"}, {"type": "text", "text": "mine"}]
    outcome = found(exports.claude_conversation(turns=[exports.claude_message("human", content=blocks)]))
    assert outcome.unknown == {"smell": 1}
    assert outcome.conversation is not None
    assert [each.text for each in outcome.conversation.messages] == ["mine"]


def test_voice_notes_are_marked() -> None:
    message = exports.claude_message("human", content=[{"type": "voice_note", "text": "spoken"}])
    parsed = found(exports.claude_conversation(turns=[message])).conversation
    assert parsed is not None
    assert parsed.messages[0].modality is Modality.VOICE


def test_a_turn_of_attachments_alone_is_kept() -> None:
    files = [{"file_name": "paste.txt", "extracted_content": "pasted"}, {"file_name": "b.png"}]
    message = exports.claude_message("human", attachments=files)
    parsed = found(exports.claude_conversation(turns=[message])).conversation
    assert parsed is not None
    assert [(each.text, each.modality) for each in parsed.messages] == [("pasted", Modality.ATTACHMENT)]


def linked(sender: str, text: str, number: int, parent: str) -> dict[str, Any]:
    return exports.claude_message(sender, text, number, uuid=text, parent_message_uuid=parent)


def test_branches_end_at_the_newest_leaf_or_the_current_one() -> None:
    messages = [
        linked("human", "q", 0, ROOT),
        linked("assistant", "a1", 1, "q"),
        linked("assistant", "a2", 2, "q"),
        linked("human", "other", 1, ROOT),
    ]
    assert said(*messages) == ["q", "a2"]
    assert said(*messages, current_leaf_message_uuid="a1") == ["q", "a1"]
    parsed = found(exports.claude_conversation(turns=messages)).conversation
    assert parsed is not None
    assert [each.text for each in parsed.messages if not each.on_branch] == ["other"]


def test_the_old_shape_with_messages() -> None:
    messages = [{"sender": "human", "text": "a"}, {"sender": "assistant", "text": "b"}]
    parsed = found({"uuid": "1", "name": "", "messages": messages}).conversation
    assert parsed is not None
    assert parsed.title is None
    assert [each.text for each in parsed.messages] == ["a", "b"]


def test_repeated_message_ids_lose_nothing() -> None:
    messages = [exports.claude_message("human", text, uuid="same") for text in "ab"]
    assert said(*messages) == ["a", "b"]


def test_projects_and_memories_are_claims_and_count_for_no_conversation() -> None:
    project = {"uuid": "1", "name": "P", "prompt_template": "Use metric units.", "docs": [{"content": "x"}]}
    memory = {"conversations_memory": "Likes rye.", "project_memories": {"1": "Builds an oven."}, "account_uuid": "2"}
    assert found(project) == shapes.Found(
        claims=[shapes.ParsedClaim(ClaimKind.PROJECT_INSTRUCTIONS, "Use metric units.")],
        left_out={"material": 1},
        counts=False,
    )
    assert [(each.kind, each.text) for each in found(memory).claims] == [
        (ClaimKind.PROVIDER_MEMORY, "Likes rye."),
        (ClaimKind.PROVIDER_MEMORY, "Builds an oven."),
    ]


def test_files_of_memory_are_of_one_time_so_that_none_stands_for_the_others() -> None:
    files = [{"path": "/a.md", "content": "Likes rye.", "updated_at": "2026-03-01T09:00:00Z"}, None]
    files.append({"path": "/b.md", "content": "Has a pond.", "updated_at": "2026-04-01T09:00:00Z"})
    memory = {"account_uuid": "1", "memory_files": files}
    assert claude.recognises(documents.document("x", memoryview(exports.as_written([memory]))))
    claims = found(memory).claims
    assert [(each.text, each.said_at) for each in claims] == [
        ("Likes rye.", datetime(2026, 4, 1, 9, tzinfo=UTC)),
        ("Has a pond.", datetime(2026, 4, 1, 9, tzinfo=UTC)),
    ]


def test_design_chats_have_their_blocks_within() -> None:
    blocks = [
        {"type": "thinking", "text": "hm"},
        {"type": "text", "text": "Here it is."},
        {"type": "tool_call", "toolCall": {"name": "draw"}},
        {"type": "user_interjection", "message": {"content": "Make it blue"}},
    ]
    asked = {"content": "A poster", "attachments": [{"name": "a.txt", "content": "Notes"}], "authorAccountUuid": "1"}
    chat = {
        "uuid": "1",
        "title": "Poster",
        "project": {"uuid": "2", "name": "Fair"},
        "created_at": "2026-05-01T10:00:00Z",
        "messages": [
            {"uuid": "3", "role": "user", "content": asked | {"timestamp": "2026-05-01T10:00:00Z"}},
            {
                "uuid": "4",
                "role": "assistant",
                "created_at": "2026-05-01T10:01:00Z",
                "content": {"contentBlocks": blocks},
            },
        ],
    }
    assert claude.recognises(documents.document("x", memoryview(exports.as_written(chat))))
    assert claude.MEMBERS.search("design_chats/poster.json")
    read = found(chat)
    assert read.conversation is not None
    assert (read.conversation.title, read.conversation.project) == ("Poster", "2")
    assert [(each.role, each.text, each.modality) for each in read.conversation.messages] == [
        ("user", "A poster", "text"),
        ("user", "Notes", "attachment"),
        ("assistant", "Here it is.", "text"),
        ("user", "Make it blue", "text"),
    ]
    assert (read.left_out, read.unknown) == ({"reasoning": 1, "tool": 1}, {})


def test_recognised_by_content() -> None:
    def reason(value: object) -> str | None:
        return claude.recognises(documents.document("x", memoryview(exports.as_written(value))))

    assert reason([exports.claude_conversation()])
    assert reason([{"uuid": "1", "messages": [{"sender": "human", "text": "a"}]}])
    assert reason([{"conversations_memory": "x"}])
    assert reason({"uuid": "1", "prompt_template": "", "docs": []})
    assert not reason([exports.chatgpt_conversation()])
    assert not reason([{"uuid": "1", "full_name": "A", "email_address": "a@example.org"}])


def test_a_teams_export_gives_the_talks_of_one_person() -> None:
    mine, others = {"uuid": "me"}, {"uuid": "them"}
    talks = [exports.claude_conversation(str(n), account=others if n == 1 else mine) for n in range(6)]
    document = documents.document("a.json", memoryview(exports.as_written(talks)))
    read = [*claude.read(document)]
    assert [each.reason for each in read if isinstance(each, shapes.Skipped)] == ["another_person"]
    assert sum(isinstance(each, shapes.Found) for each in read) == 5


def test_what_is_left_out_is_counted() -> None:
    blocks = [{"type": kind} for kind in ("thinking", "tool_use", "tool_result", "injected_prompt_block", "image")]
    turns = [exports.claude_message("human", "Hi", 0, content=[*blocks, {"type": "text", "text": "Hi"}])]
    [found] = claude.read(
        documents.document("a.json", memoryview(exports.as_written([exports.claude_conversation("a", turns)])))
    )
    assert isinstance(found, shapes.Found)
    assert found.left_out == {"reasoning": 1, "tool": 2, "injected": 1, "media": 1}
