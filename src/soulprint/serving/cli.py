"""The command line: parse, one call into a room, render. Exit codes: 0 done, 1 failed, 2 wrong use."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
import uuid
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from soulprint import accounts, chat, database, errors, llm, pipeline, sections
from soulprint.database import Database
from soulprint.serving import doctor as examination
from soulprint.serving import faults, logs, terminal
from soulprint.settings import Settings

app = typer.Typer(
    name="soulprint",
    help="Hand over the export of your AI chats; get back a profile you own and an assistant that knows you.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
passes = typer.Typer(help="Read the imported history again.", no_args_is_help=True)
app.add_typer(passes, name="pass")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]


@app.command()
def up(
    host: Annotated[str, typer.Option(help="The address to serve.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to serve.", min=1, max=65535)] = 8765,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
) -> None:
    """Serve the pages until Ctrl-C; the built-in database stops with them."""
    from soulprint.serving import server  # what serves pages takes a second to load

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        with server.listen(settings, host, port) as listening:
            await server.serve(db, account, settings, listening, open_page=open_page)

    run(work)


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Exports: zip files, folders or single JSON files.")],
    as_json: Json = False,
    no_pass: Annotated[bool, typer.Option("--no-pass", help="Import only; leave the profile as it is.")] = False,
) -> None:
    """Import chat exports and make the profile."""
    for path in paths:
        if not path.exists():
            raise typer.BadParameter(f"{path} does not exist.", param_hint="PATHS")

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        names = ", ".join(path.name for path in paths)
        with terminal.import_progress() as progress:
            outcome = await pipeline.import_export(
                db, account, settings, paths, names=names, profile=not no_pass, progress=progress
            )
        terminal.show_import(outcome, as_json=as_json)

    run(work)


@app.command()
def status(as_json: Json = False) -> None:
    """Say what is imported and what is at work."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        terminal.show_status(await pipeline.status(db, account, settings), as_json=as_json)

    run(work)


@app.command()
def profile(
    as_json: Json = False,
    sources: Annotated[bool, typer.Option("--sources", help="Show under each line what it rests on.")] = False,
) -> None:
    """Print the profile."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        async with db.session(account) as session:
            version = await sections.current(session)
        terminal.show_profile(version, as_json=as_json, sources=sources)

    run(work)


@app.command("chat")
def chat_(
    question: Annotated[str | None, typer.Argument(help="One question; without it, a talk.")] = None,
    as_json: Json = False,
) -> None:
    """Talk with an assistant that knows you."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        async with db.session(account) as session:
            thread = await chat.start(session, account)
        asked = [question] if question is not None else terminal.questions()
        for text in asked:
            await terminal.show_answer(chat.answer(db, account, settings, thread.id, text), thread.id, as_json=as_json)

    run(work)


@passes.command("quick")
def pass_quick() -> None:
    """Make the profile again from a sample of everything imported."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        terminal.show_pass(*await pipeline.quick_profile(db, account, settings))

    run(work)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this installation uses: database, models, folders, disk."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        terminal.show_doctor(await examination.examine(db, settings), as_json=as_json)

    run(work)


Work = Callable[[Database, uuid.UUID, Settings], Coroutine[Any, Any, None]]


def run(work: Work) -> None:
    """Open the database, do `work` for the local account, and turn any error into one line and exit code 1."""
    gc.freeze()  # what is loaded by now stays; the collector need not go through it again and again
    logs.configure()
    settings = _settings()
    try:
        asyncio.run(_run(work, settings))
    except (KeyboardInterrupt, asyncio.CancelledError):
        terminal.say("Stopped.")
        sys.exit(130)
    except Exception as error:
        explained = faults.explained(error, settings)
        if explained is None:
            raise
        terminal.complain(explained)
        sys.exit(1)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = f"SOULPRINT_{'_'.join(str(part) for part in first['loc']).upper()}"
        terminal.complain(errors.SettingWrong(name=name, reason=first["msg"]))
        sys.exit(2)


async def _run(work: Work, settings: Settings) -> None:
    async with database.opened(settings) as db:
        try:
            await work(db, await accounts.local(db), settings)
        finally:
            await llm.close()


def main() -> None:
    # A polite kill ends like Ctrl-C: the work is stopped, the rows say so, the database stops.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    app()
