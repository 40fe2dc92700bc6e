"""What the command line says when a person takes along, or deletes, what is kept of them."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from pathlib import Path

import typer

from soulprint import handoff, pipeline, sections
from soulprint.database import Database
from soulprint.records import Erasure
from soulprint.serving import sizes
from soulprint.serving.terminal import out, show_json

WORD = "erase"
"""Typed by whoever means it."""


def archive_name() -> str:
    """The file in which everything is handed over today."""
    return f"soulprint-{datetime.now(UTC):%Y-%m-%d}.zip"


async def export(db: Database, account: uuid.UUID, path: Path) -> None:
    """Write the archive to a file, whole or not at all."""
    partial, size = path.with_name(f".{path.name}.partial"), 0
    try:
        with partial.open("wb") as file:
            async for piece in handoff.archived(db, account):
                size += await asyncio.to_thread(file.write, piece)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    out.print(f"{path}, {sizes.readable(size)}")


def may_forget(conversations: int) -> bool:
    told = sections.counted(conversations, "conversation")
    return typer.confirm(f"Forget {told}, with facts, lines of the profile and answers that rest on them?")


def show_forgotten(gone: pipeline.Forgotten, *, as_json: bool) -> None:
    if as_json:
        show_json(gone)
        return
    conversations = sections.counted(gone.conversations, "conversation")
    out.print(f"{conversations} forgotten, with {sections.counted(gone.facts, 'fact')}.")
    out.print("`soulprint pass full` writes the profile anew.")


def is_meant() -> bool:
    """Whether the person has typed that everything is to be erased."""
    out.print("Everything goes: conversations, facts, every version of the profile, chats, uploads.")
    out.print("`soulprint export FOLDER` writes it all into one file first.")
    if typer.prompt(f"Type {WORD} to go on", default="", show_default=False).strip().lower() == WORD:
        return True
    out.print("Nothing was erased.")
    return False


def show_receipt(receipt: Erasure, *, as_json: bool) -> None:
    if as_json:
        show_json({name: getattr(receipt, name) for name in ("id", "created_at", "rows", "files", "rewritten")})
        return
    rows, files = sum(receipt.rows.values()), sections.counted(receipt.files, "upload")
    out.print(f"Erased: {rows:,} rows and {files}. Counted again, nothing is left.")
    if receipt.rewritten:
        out.print("The files of the database were written anew.")
    out.print(f"[dim]Receipt {receipt.id}[/dim]")
