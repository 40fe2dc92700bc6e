"""The nouns: tables and the shapes that rooms share. In: nothing. Out: one file a noun."""

from soulprint.records.accounts import Account
from soulprint.records.answers import LlmAnswer
from soulprint.records.base import Base
from soulprint.records.conversations import Claim, ClaimKind, Conversation, Message, Modality, Role
from soulprint.records.imports import Import
from soulprint.records.profiles import ProfileVersion, UserProfile, VersionKind
from soulprint.records.runs import Run, Status
from soulprint.records.threads import Thread, ThreadMessage

__all__ = [
    "Account",
    "Base",
    "Claim",
    "ClaimKind",
    "Conversation",
    "Import",
    "LlmAnswer",
    "Message",
    "Modality",
    "ProfileVersion",
    "Role",
    "Run",
    "Status",
    "Thread",
    "ThreadMessage",
    "UserProfile",
    "VersionKind",
]
