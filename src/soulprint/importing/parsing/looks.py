"""What a file looks like that is of no known format, in words that help to find the right one."""

from __future__ import annotations

import re

from soulprint import errors
from soulprint.importing.parsing import documents

SIGNATURES = {
    b"%PDF": "it is a PDF",
    b"\x89PNG": "it is a picture",
    b"\xff\xd8\xff": "it is a picture",
    b"GIF8": "it is a picture",
    b"\x1f\x8b": "it is a gzip archive, which has to be unpacked first",
    b"7z\xbc\xaf": "it is a 7z archive, which has to be unpacked first",
    b"Rar!": "it is a rar archive, which has to be unpacked first",
    b"SQLite": "it is a database file",
    b"\xff\xfe": "it is text in UTF-16, and exports are in UTF-8",
    b"\xfe\xff": "it is text in UTF-16, and exports are in UTF-8",
}
CLAUDE_PARTS = re.compile(rb"(?:conversations|memories|projects|frames|light_metadata)-\d{3}\.zip")
CHATGPT_PARTS = re.compile(rb"conversations-\d{3}\.json")
WEB_PAGE = re.compile(rb"\s*+<(?:!doctype|!--|\?xml|[a-z])", re.IGNORECASE)
FIELDS = 6


def error(document: documents.Document) -> errors.ExportUnknown:
    """What to say of a document that no format recognises."""
    if named := _parts(document.head):
        return errors.ExportElsewhere(name=document.where, reason=named)
    if is_empty_list(document):
        return errors.ExportEmpty(name=document.where, reason="its list is empty")
    return errors.ExportUnknown(name=document.where, reason=_looks_like(document))


def is_empty_list(document: documents.Document) -> bool:
    return bytes(document.content[:64]).split() in ([b"[]"], [b"[", b"]"])


def _looks_like(document: documents.Document) -> str:
    """The end of a sentence that begins with the file's name and a colon."""
    head = document.head
    for signature, description in SIGNATURES.items():
        if head.startswith(signature):
            return description
    if not head.strip():
        return "the file is empty"
    if WEB_PAGE.match(head):
        return "it is a web page; the conversations are in the JSON files of the same export"
    return _json(document)


def _parts(head: bytes) -> str | None:
    if CLAUDE_PARTS.search(head):
        return (
            "it is the list of download links that Claude sends. Download the zip files that it names "
            "(conversations-000.zip and so on) while the links last, and import those"
        )
    if CHATGPT_PARTS.search(head):
        return "it is the table of contents of a ChatGPT export; import conversations-000.json and so on, beside it"
    return None


def _json(document: documents.Document) -> str:
    if not document.sample:
        return "it is not JSON" if document.head.lstrip()[:1] not in b"[{" else "it breaks off before its first element"
    objects = [each for each in document.sample if isinstance(each, dict)]
    if not objects:
        return "it is JSON without any object that could be a conversation"
    fields = [str(name)[:40] for name in objects[0]][:FIELDS]
    return f"its entries have the fields {', '.join(fields) or '(none)'}, which no format that we know has"
