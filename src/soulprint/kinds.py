"""Of what kind messages and claims are, for exports and rows alike. Apart from the tables, as the processes that read
exports do without a database."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


class Modality(StrEnum):
    """How a message came to be. Style is measured on `TEXT` alone."""

    TEXT = "text"
    VOICE = "voice"
    """A transcript of speech: the person's words, not their spelling."""
    ATTACHMENT = "attachment"
    """Text of a file or a long paste: nobody knows who wrote it."""
    ROLE_PLAY = "role_play"
    """Said in a part that is played, by either side: true of nobody."""
    COMMAND = "command"
    """What a coding agent is told to do, and its answers: another register than talk, with logs in it."""


OWN = (Modality.TEXT, Modality.VOICE)
"""Of the person's messages, those that are their own words about what is so. Facts and traits rest on these alone."""


class ClaimKind(StrEnum):
    ABOUT_ME = "about_me"
    """Custom instructions: what the person wants assistants to know."""
    HOW_TO_ANSWER = "how_to_answer"
    """Custom instructions: how the person wants assistants to answer."""
    PROVIDER_MEMORY = "provider_memory"
    """What a provider's own memory wrote about the person, in a model's words."""
    PROJECT_INSTRUCTIONS = "project_instructions"
    """What the person wrote at the head of a project."""
