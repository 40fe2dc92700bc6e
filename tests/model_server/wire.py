"""The wire formats: what is asked, read from a body; what is answered, written as the providers write it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from soulprint.llm import tokens

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    text: str
    """Every text of it, the system's first."""
    tool: str | None
    """The tool whose arguments are the answer."""
    schema: Body | None
    """The JSON schema of the answer."""
    stream: bool
    model: str
    tools: list[Body]
    """All that it offers, as they stood."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. `tool` names the tool that is called with `text` as its arguments."""

    text: str
    tool: str | None
    finish: str
    """stop, length or refusal."""
    input_tokens: int
    model: str

    @property
    def output_tokens(self) -> int:
        return tokens.count(self.text)


def texts(value: Any) -> Iterator[str]:
    """Every text under `value`; the names of block types are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name != "type":
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def _pieces(text: str) -> list[str]:
    words = text.split(" ")
    return [" ".join(words[i : i + 4]) + (" " if i + 4 < len(words) else "") for i in range(0, len(words), 4)]


class OpenAI:
    """Chat Completions."""

    path = "/v1/chat/completions"

    @staticmethod
    def asked(body: Body) -> Asked:
        tools = {tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in body.get("tools", [])}
        tool = next(iter(tools), None) if body.get("tool_choice", "auto") != "none" else None
        named = body.get("response_format", {}).get("json_schema", {}).get("schema")
        text = "\n".join(texts([message.get("content") for message in body["messages"]]))
        return Asked(
            text, tool, tools[tool] if tool else named, bool(body.get("stream")), body["model"], body.get("tools", [])
        )

    @staticmethod
    def key(headers: dict[str, str]) -> str:
        return headers.get("authorization", "").removeprefix("Bearer ")

    @staticmethod
    def error(status: int, kind: str, message: str) -> Body:
        return {"error": {"message": message, "type": kind, "code": kind, "param": None}}

    @classmethod
    def whole(cls, reply: Reply) -> Body:
        message: Body = {"role": "assistant", "content": reply.text, "refusal": None}
        if reply.finish == "refusal":
            message |= {"content": None, "refusal": reply.text}
        elif reply.tool:
            call = {"id": "call_1", "type": "function", "function": {"name": reply.tool, "arguments": reply.text}}
            message |= {"content": None, "tool_calls": [call]}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": reply.model,
            "choices": [{"index": 0, "message": message, "finish_reason": cls._finish(reply), "logprobs": None}],
            "usage": cls._usage(reply),
        }

    @classmethod
    def chunks(cls, reply: Reply) -> Iterator[str]:
        base = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": reply.model,
        }
        yield _event(base | {"choices": [{"index": 0, "delta": {"role": "assistant"}, "finish_reason": None}]})
        if reply.tool:
            call: Body = {
                "index": 0,
                "id": "call_1",
                "type": "function",
                "function": {"name": reply.tool, "arguments": ""},
            }
            yield _event(base | {"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}]})
        for piece in _pieces(reply.text):
            delta = (
                {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} if reply.tool else {"content": piece}
            )
            yield _event(base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        yield _event(base | {"choices": [{"index": 0, "delta": {}, "finish_reason": cls._finish(reply)}]})
        yield _event(base | {"choices": [], "usage": cls._usage(reply)})
        yield "data: [DONE]\n\n"

    @staticmethod
    def _finish(reply: Reply) -> str:
        if reply.finish == "length":
            return "length"
        return "tool_calls" if reply.tool else "stop"

    @staticmethod
    def _usage(reply: Reply) -> Body:
        total = reply.input_tokens + reply.output_tokens
        return {"prompt_tokens": reply.input_tokens, "completion_tokens": reply.output_tokens, "total_tokens": total}


class Responses:
    """OpenAI's newer format, as its batches take it."""

    path = "/v1/responses"

    @staticmethod
    def asked(body: Body) -> Asked:
        tools = {tool["name"]: tool.get("parameters", {}) for tool in body.get("tools", []) if "name" in tool}
        tool = next(iter(tools), None) if body.get("tool_choice", "auto") != "none" else None
        named = body.get("text", {}).get("format", {}).get("schema")
        told = body["input"] if isinstance(body["input"], str) else [item.get("content") for item in body["input"]]
        text = "\n".join(texts([body.get("instructions") or "", told]))
        return Asked(
            text, tool, tools[tool] if tool else named, bool(body.get("stream")), body["model"], body.get("tools", [])
        )

    @staticmethod
    def key(headers: dict[str, str]) -> str:
        return OpenAI.key(headers)

    @staticmethod
    def error(status: int, kind: str, message: str) -> Body:
        return OpenAI.error(status, kind, message)

    @classmethod
    def whole(cls, reply: Reply) -> Body:
        total = reply.input_tokens + reply.output_tokens
        is_cut = reply.finish == "length"
        return {
            "id": "resp_1",
            "object": "response",
            "created_at": int(time.time()),
            "model": reply.model,
            "status": "incomplete" if is_cut else "completed",
            "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
            "error": None,
            "output": [cls._item(reply)],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": {
                "input_tokens": reply.input_tokens,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": reply.output_tokens,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": total,
            },
        }

    @staticmethod
    def _item(reply: Reply) -> Body:
        if reply.tool:
            call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "status": "completed"}
            return call | {"name": reply.tool, "arguments": reply.text}
        content: Body = {"type": "output_text", "text": reply.text, "annotations": []}
        if reply.finish == "refusal":
            content = {"type": "refusal", "refusal": reply.text}
        return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [content]}


class Anthropic:
    """Messages."""

    path = "/v1/messages"

    @staticmethod
    def asked(body: Body) -> Asked:
        tools = {tool["name"]: tool.get("input_schema", {}) for tool in body.get("tools", [])}
        choice = body.get("tool_choice", {"type": "auto"}).get("type")
        tool = next(iter(tools), None) if choice != "none" else None
        named = body.get("output_config", {}).get("format", {}).get("schema")
        contents = [body.get("system", ""), *(message["content"] for message in body["messages"])]
        text = "\n".join(texts(contents))
        return Asked(
            text, tool, tools[tool] if tool else named, bool(body.get("stream")), body["model"], body.get("tools", [])
        )

    @staticmethod
    def key(headers: dict[str, str]) -> str:
        return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")

    @staticmethod
    def error(status: int, kind: str, message: str) -> Body:
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}

    @classmethod
    def whole(cls, reply: Reply) -> Body:
        return cls._message(reply) | {"content": [cls._block(reply)], "stop_reason": cls._finish(reply)}

    @classmethod
    def chunks(cls, reply: Reply) -> Iterator[str]:
        start = cls._message(reply) | {"content": [], "stop_reason": None}
        start["usage"] = {"input_tokens": reply.input_tokens, "output_tokens": 1}
        yield _event({"type": "message_start", "message": start})
        empty: Body = {"type": "tool_use", "id": "toolu_1", "name": reply.tool, "input": {}}
        block = empty if reply.tool else {"type": "text", "text": ""}
        yield _event({"type": "content_block_start", "index": 0, "content_block": block})
        for piece in _pieces(reply.text):
            delta = {"type": "text_delta", "text": piece}
            if reply.tool:
                delta = {"type": "input_json_delta", "partial_json": piece}
            yield _event({"type": "content_block_delta", "index": 0, "delta": delta})
        yield _event({"type": "content_block_stop", "index": 0})
        end = {"stop_reason": cls._finish(reply), "stop_sequence": None}
        yield _event({"type": "message_delta", "delta": end, "usage": {"output_tokens": reply.output_tokens}})
        yield _event({"type": "message_stop"})

    @staticmethod
    def _message(reply: Reply) -> Body:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": reply.model,
            "stop_sequence": None,
            "usage": {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens},
        }

    @staticmethod
    def _block(reply: Reply) -> Body:
        if not reply.tool:
            return {"type": "text", "text": reply.text}
        try:
            arguments = json.loads(reply.text)
        except ValueError:
            arguments = {"broken": reply.text}  # the API parses arguments itself: what is cut arrives in another shape
        return {"type": "tool_use", "id": "toolu_1", "name": reply.tool, "input": arguments}

    @staticmethod
    def _finish(reply: Reply) -> str:
        if reply.finish in ("length", "refusal"):
            return {"length": "max_tokens", "refusal": "refusal"}[reply.finish]
        return "tool_use" if reply.tool else "end_turn"


def _event(data: Body) -> str:
    head = f"event: {data['type']}\n" if "type" in data else ""
    return f"{head}data: {json.dumps(data)}\n\n"


Format = type[OpenAI] | type[Responses] | type[Anthropic]

LIVE: tuple[type[OpenAI] | type[Anthropic], ...] = (OpenAI, Anthropic)
"""Those that are answered at once."""
