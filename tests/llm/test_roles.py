from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from soulprint import errors, llm
from soulprint.llm import minilm, roles
from soulprint.settings import Settings


def configured(**values: Any) -> Settings:
    return Settings.model_validate(values)


def test_nothing_set_is_the_local_engine() -> None:
    spoken = set(llm.Role) - {llm.Role.EMBED}
    assert {llm.model_name(configured(), role) for role in spoken} == {llm.LOCAL}
    llm.check(configured())


def test_no_embedder_is_the_model_of_the_other_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    configured_model = configured(model="openai:gpt-5-mini")
    monkeypatch.setattr(minilm, "available", lambda: True)
    assert llm.model_name(configured_model, llm.Role.EMBED) == llm.LOCAL
    monkeypatch.setattr(minilm, "available", lambda: False)
    assert llm.model_name(configured_model, llm.Role.EMBED) == roles.OFF


@pytest.mark.parametrize("name", ["letters", "anthropic:letters", "openai:"])
def test_a_wrong_embedder_is_found_early(name: str) -> None:
    with pytest.raises(errors.ModelUnknown, match="SOULPRINT_MODEL_EMBED"):
        llm.check(configured(model_embed=name))


def test_a_role_can_have_its_own_model() -> None:
    settings = configured(model="openai:gpt-5-mini", model_chat="anthropic:claude-haiku-4-5")
    assert llm.model_name(settings, llm.Role.QUICK) == "openai:gpt-5-mini"
    assert llm.model_name(settings, llm.Role.CHAT) == "anthropic:claude-haiku-4-5"
    llm.check(settings)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("gpt-5-mini", "names no provider"), ("openai:", "names no provider"), ("klingon:x", "no provider 'klingon'")],
)
def test_a_wrong_name_is_found_early(name: str, reason: str) -> None:
    with pytest.raises(errors.ModelUnknown, match=reason):
        llm.check(configured(model=name))


def test_the_variable_is_named() -> None:
    with pytest.raises(errors.ModelUnknown, match=r"The model 'nope' \(SOULPRINT_MODEL_CHAT\) can't be used"):
        llm.check(configured(model_chat="nope"))


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "boto3" else found(name))
    with pytest.raises(errors.ModelUnknown, match=r"pip install 'soulprint\[bedrock\]'"):
        llm.check(configured(model="bedrock:us.anthropic.claude-haiku-4-5-20251001-v1:0"))


def test_an_ollama_name_may_have_a_colon() -> None:
    assert roles.parts(configured(model="ollama:qwen3:8b"), llm.Role.QUICK) == ("ollama", "qwen3:8b")
