"""The nouns: tables and the shapes that rooms share. In: nothing. Out: one file a noun."""

from soulprint.records.accounts import Account
from soulprint.records.answers import Expense, LlmAnswer, LlmBatch
from soulprint.records.base import Base
from soulprint.records.choices import Choice
from soulprint.records.chunks import ConversationChunk
from soulprint.records.conversations import Claim, Conversation, ForgottenConversation, Message
from soulprint.records.edits import LineEdit
from soulprint.records.erasures import Erasure
from soulprint.records.facts import CATEGORIES, DONE, Extraction, Fact, FactChange, FactSource, FactStatus, Outcome
from soulprint.records.imports import Import, ImportMember
from soulprint.records.measured import MeasuredStyle
from soulprint.records.notices import Notice
from soulprint.records.passages import Passage, PassageVector, Posting, SearchBlock, SearchTotals
from soulprint.records.profiles import ProfileVersion, UserProfile, VersionKind
from soulprint.records.runs import Run, RunStage, RunTask, Status, TaskStatus, Worker
from soulprint.records.threads import Thread, ThreadMessage

__all__ = [
    "CATEGORIES",
    "DONE",
    "Account",
    "Base",
    "Choice",
    "Claim",
    "Conversation",
    "ConversationChunk",
    "Erasure",
    "Expense",
    "Extraction",
    "Fact",
    "FactChange",
    "FactSource",
    "FactStatus",
    "ForgottenConversation",
    "Import",
    "ImportMember",
    "LineEdit",
    "LlmAnswer",
    "LlmBatch",
    "MeasuredStyle",
    "Message",
    "Notice",
    "Outcome",
    "Passage",
    "PassageVector",
    "Posting",
    "ProfileVersion",
    "Run",
    "RunStage",
    "RunTask",
    "SearchBlock",
    "SearchTotals",
    "Status",
    "TaskStatus",
    "Thread",
    "ThreadMessage",
    "UserProfile",
    "VersionKind",
    "Worker",
]
