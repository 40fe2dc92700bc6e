"""Names of files in an archive or a folder in; those worth reading out. By name alone, as nothing is opened that need
not be: an export also holds mail addresses, phone numbers and bills."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Known: TypeAlias = Callable[[str], bool]
"""Whether a file of this name, with the folders it lies in, is known to hold something to import."""

READABLE = re.compile(r"\.(?:json|jsonl|ndjson|csv|html?|txt|zip)$|(?:^|/)[^/.]+$")
"""What could be an export at all. Some have no ending."""
ACCOUNT_DATA = re.compile(
    r"(?:^|/)(?:users?\.json|user_settings\.json|message_feedback\.json|model_comparisons\.json"
    r"|shared_conversations\.json|library_files\.json|conversation_asset_file_names\.json|shopping\.json|ads\.json"
    r"|sora\.json|group_chats\.json|light_metadata[^/]*|(?:ads|files)__[^/]*|frames-[^/]*|prod-mc-[^/]*"
    r"|package(?:-lock)?\.json|settings(?:\.local)?\.json|sessions-index\.json|[^/]*\.meta\.json|auth\.json"
    r"|\.credentials\.json|(?:todos|statsig)/[^/]+\.json)$"
)
"""Files that hold no conversations, and often a mail address, a phone number, a bill or a key."""
MANIFEST = "export_manifest.json"
PAGE = re.compile(r"(?:^|/)chat\.html$")
"""ChatGPT's page for reading an export. It holds the conversations too, so it is read only where nothing else does."""
MACS = re.compile(r"(?:^|/)(?:\._[^/]*|\.ds_store)$|(?:^|/)__macosx/")
"""What a Mac adds."""


def chosen(found: Iterable[T], name: Callable[[T], str], known: Known) -> tuple[list[T], list[T]]:
    """Of the files in one archive or folder those to read because of their names, and those that may be looked into
    beside them. Where no name is known, all that could be an export are to be read, and ChatGPT's page last."""
    candidates, pages = [], []
    for each in found:
        path = _plain(name(each))
        if PAGE.search(path):
            pages.append(each)
        elif is_candidate(path) or (known(path) and not is_closed(path)):
            candidates.append(each)
    named = [each for each in candidates if known(name(each))]
    if not named:
        return candidates or pages, []
    taken = set(map(name, named))
    return named, [each for each in candidates if name(each) not in taken]


def is_candidate(path: str) -> bool:
    """Whether a file of this name could be an export."""
    return bool(READABLE.search(_plain(path))) and not is_closed(path)


def is_closed(path: str) -> bool:
    """Whether a file of this name is never opened for conversations."""
    path = _plain(path)
    return bool(ACCOUNT_DATA.search(path) or MACS.search(path)) or path.rpartition("/")[2] == MANIFEST


def is_account_data(path: str) -> bool:
    """Whether a file of this name holds no conversations in any export, so that it isn't missed."""
    return bool(ACCOUNT_DATA.search(_plain(path)))


def _plain(path: str) -> str:
    return path.lower().replace("\\", "/")
