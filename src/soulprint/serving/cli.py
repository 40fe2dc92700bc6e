"""The command line: parse, one call into a room, render. Exit codes: 0 done, 1 failed, 2 wrong use."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import aclosing, contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from soulprint import (
    accounts,
    chat,
    choices,
    database,
    embedding,
    errors,
    facts,
    importing,
    indexing,
    llm,
    pipeline,
    reading,
    recall,
    sections,
)
from soulprint.database import Database
from soulprint.records import FactStatus
from soulprint.records.recalled import Kind
from soulprint.serving import belongings, faults, imports, logs, passes, recalled, terminal
from soulprint.serving import doctor as examination
from soulprint.settings import Settings

app = typer.Typer(
    name="soulprint",
    help="Hand over the export of your AI chats; get back a profile you own and an assistant that knows you.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
pass_commands = typer.Typer(help="Read the imported history again.", no_args_is_help=True)
app.add_typer(pass_commands, name="pass")

BUSY = 5.0
"""Seconds after which an import that had to wait for another one is tried again."""

WAITING = 60.0
"""Seconds that an import waits for vectors: some 4,000 of them. The rest is made later."""

AGAIN = "Read also what another model or an older prompt has read."

DAY = "%Y-%m-%d"

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

    run(work, as_started=True)


@app.command("import")
def import_(
    paths: Annotated[list[Path] | None, typer.Argument(help="Exports: zip files, folders or single files.")] = None,
    as_json: Json = False,
    no_pass: Annotated[bool, typer.Option("--no-pass", help="Import only; leave the profile as it is.")] = False,
    restore: Annotated[bool, typer.Option("--restore", help="Bring back what was deleted here before.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Only say what each file is and why.")] = False,
    watch: Annotated[
        Path | None, typer.Option(help="Import the exports in this folder, and each that comes to it.")
    ] = None,
) -> None:
    """Import chat exports and make the profile."""
    _check_asked(paths, watch, explain=explain)
    given = paths or []
    if explain:
        settings = _settings()
        with _told(settings):
            imports.show_explained(importing.explain(given, settings), as_json=as_json)
        return

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        importer = _Importer(db, account, settings, as_json=as_json, no_pass=no_pass, restore=restore)
        if watch:
            await importer.watch(watch)
            return
        try:
            is_done = await importer.bring(given)
        except (errors.ExportUnknown, errors.ExportUnreadable, errors.ExportDangerous) as error:
            imports.show_refused(error, await asyncio.to_thread(importing.explain, given, settings))
            is_done = False
        if not is_done:
            raise typer.Exit(1)

    run(work)


def _check_asked(paths: list[Path] | None, watch: Path | None, *, explain: bool) -> None:
    if watch and (paths or explain):
        raise typer.BadParameter("It takes a folder, and neither other files nor --explain.", param_hint="--watch")
    if watch and not watch.is_dir():
        raise typer.BadParameter(f"{watch} is no folder.", param_hint="--watch")
    if not watch and not paths:
        raise typer.BadParameter("Name the export, or a folder to --watch.", param_hint="PATHS")
    for path in paths or []:
        if not path.exists():
            raise typer.BadParameter(f"{path} does not exist.", param_hint="PATHS")


class _Importer:
    """Imports for a person who looks on."""

    def __init__(
        self,
        db: Database,
        account: uuid.UUID,
        settings: Settings,
        *,
        as_json: bool,
        no_pass: bool,
        restore: bool,
    ) -> None:
        self._db = db
        self._account = account
        self._settings = settings
        self._as_json = as_json
        self._no_pass = no_pass
        self._restore = restore

    async def bring(self, paths: list[Path]) -> bool:
        """Import, read everything where that follows, and show what it came to. Gives whether all went well."""
        db, account, settings = self._db, self._account, self._settings
        names = ", ".join(path.name for path in paths)
        try:
            with terminal.import_progress() as progress:
                outcome = await pipeline.import_export(
                    db,
                    account,
                    settings,
                    paths,
                    names=names,
                    profile=not self._no_pass,
                    restore=self._restore,
                    progress=progress,
                )
        except asyncio.CancelledError:
            terminal.say(imports.KEPT)
            raise
        async with db.session(account) as session:
            missing = await importing.missing(session)
        if not self._as_json:
            imports.show_import(outcome, missing)
        if outcome.follows:
            ended = await _full_pass(db, account, settings, expected=outcome.expected)
        else:
            ended = await pipeline.status(db, account, settings)
        if self._as_json:
            terminal.show_json(imports.import_json(outcome, ended, missing))
        elif outcome.follows:
            passes.show_ended(ended)
        try:
            await _make_vectors(db, account, settings, within=WAITING)
        except errors.SoulprintError as error:  # the import stands, and words are searched without
            terminal.complain(error)
        return not outcome.follows or passes.came_to_version(ended)

    async def watch(self, folder: Path) -> None:
        """Import what comes to the folder until Ctrl-C. What can't be read is told, and ends nothing."""
        terminal.say(f"Watching {folder} for exports (Ctrl-C ends it)")
        async with aclosing(importing.arrivals(folder, self._settings)) as arrivals:
            async for arrival in arrivals:
                if arrival.problem:
                    terminal.complain(arrival.problem)
                elif not await importing.is_imported(self._db, self._account, arrival.fingerprint):
                    terminal.say(f"{arrival.path.name} is there")
                    await self._bring_when_free(arrival.path)

    async def _bring_when_free(self, path: Path) -> None:
        told = False
        while True:
            try:
                await self.bring([path])
            except (errors.ImportRunning, errors.PassRunning):
                if not told:
                    terminal.say("Another import is at work; this one follows.")
                told = True
                await asyncio.sleep(BUSY)
            except errors.DatabaseUnavailable:
                raise
            except errors.SoulprintError as error:
                terminal.complain(error)
                return
            else:
                return


@app.command()
def gone(
    as_json: Json = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete them here too.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep them, and don't ask again.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask where an export may be only a part.")] = False,
) -> None:
    """List the conversations that the newest export of a provider doesn't carry any more."""
    if delete and keep:
        raise typer.BadParameter("Either --delete or --keep.", param_hint="--delete")

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        async with db.session(account) as session:
            missing = await importing.missing(session)
        if not (delete or keep) or not missing.conversations:
            imports.show_gone(missing, as_json=as_json)
        elif keep:
            await _keep(db, account)
        else:
            await _delete(db, account, settings, missing, yes=yes)

    run(work)


async def _keep(db: Database, account: uuid.UUID) -> None:
    async with db.session(account) as session:
        kept = await importing.keep_gone(session)
    terminal.say(f"{sections.counted(kept, 'conversation')} kept.")


async def _delete(
    db: Database, account: uuid.UUID, settings: Settings, missing: importing.Missing, *, yes: bool
) -> None:
    """Delete what the newest exports lack and bring the profile up to date."""
    if not yes and missing.is_likely_a_part:
        if not sys.stdin.isatty():
            raise typer.BadParameter(
                "The newest export may be only a part, so it needs --yes here.", param_hint="--delete"
            )
        imports.show_gone(missing, as_json=False)
        _confirm("Delete them all the same?")
    deleted = await pipeline.forget_gone(db, account, settings)
    renewed = await pipeline.renew(db, account, settings)
    imports.show_renewed(deleted, renewed)
    if renewed.follows:
        passes.show_ended(await _full_pass(db, account, settings, expected=renewed.expected))
    else:
        await pipeline.tell(db, account, settings)


@app.command()
def forget(
    conversations: Annotated[list[uuid.UUID], typer.Argument(help="The ids, as `/conversations/…` has them.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete conversations with everything that came from them. No import brings them back."""
    if not yes and not belongings.may_forget(len(conversations)):
        raise typer.Exit(1)

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        belongings.show_forgotten(await pipeline.forget(db, account, settings, conversations), as_json=as_json)

    run(work)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="The zip file to write, or a folder for it.")],
) -> None:
    """Write everything that is kept of you into one zip file, in formats that anybody can read."""

    path = target / belongings.archive_name() if target.is_dir() else target

    async def work(db: Database, account: uuid.UUID, _: Settings) -> None:
        await belongings.export(db, account, path)

    run(work)


@app.command()
def erase(
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete everything that is kept of you, and show the receipt. It can't be undone."""
    if not yes and not belongings.is_meant():
        raise typer.Exit(1)

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        belongings.show_receipt(await pipeline.erase(db, account, settings), as_json=as_json)

    run(work)


@app.command()
def claims(as_json: Json = False) -> None:
    """Print what providers and your own instructions say about you, beside the conversations."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        imports.show_claims(await reading.claims(db, account), as_json=as_json)

    run(work)


@app.command()
def status(
    as_json: Json = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Show the stages move until they are done.")] = False,
) -> None:
    """Say what is imported and what is at work."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        if watch:
            await passes.follow(pipeline.watch(db, account, settings))
        found = await pipeline.status(db, account, settings)
        terminal.show_status(found, as_json=as_json)
        if not as_json:
            passes.show_pass(found)

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
        async with chat.Answers() as answers:
            for text in [question] if question is not None else terminal.questions():
                asked = await answers.ask(db, account, settings, thread.id, text)
                events = await answers.follow(db, account, thread.id, asked.answer_id)
                await terminal.show_answer(events, thread.id, as_json=as_json)

    run(work)


@app.command()
def estimate(
    as_json: Json = False,
    again: Annotated[bool, typer.Option("--again", help=AGAIN)] = False,
) -> None:
    """Say what a full pass would read and cost. Sends nothing."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        expected = await pipeline.estimate(db, account, settings, again=again)
        passes.show_estimate(expected, settings.ceiling, as_json=as_json)

    run(work)


@app.command("facts")
def facts_(
    as_json: Json = False,
    category: Annotated[str | None, typer.Option(help="Only those of a category.")] = None,
    status: Annotated[FactStatus | None, typer.Option(help="Only those of a status.")] = None,
    search: Annotated[str, typer.Option(help="Only those that hold all these words, or quote them.")] = "",
    limit: Annotated[int | None, typer.Option(help="At most so many, the surest first.", min=1)] = None,
) -> None:
    """Print what is known of you, each fact with your own words, conversation and date."""
    wanted = facts.Wanted(
        category=category, statuses=(status,) if status is not None else (), words=tuple(search.split())
    )

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        async with db.session(account) as session:
            found = await facts.listed(session, wanted, limit=limit)
        passes.show_facts(found, every=wanted == facts.Wanted(), as_json=as_json)

    run(work)


async def _make_vectors(db: Database, account: uuid.UUID, settings: Settings, *, within: float | None = None) -> None:
    """Make the vectors that search by meaning lacks, those that take no more than `within` seconds; tells what is
    left."""
    done, total = await embedding.progress(db, account, settings)
    began = time.monotonic()
    with terminal.counted_progress("Search by meaning", total - done) as moved:

        async def may_go_on(made: int) -> bool:
            moved(made)
            return within is None or time.monotonic() - began < within

        left = (await embedding.drain(db, account, settings, may_go_on)).left
    if left:
        terminal.say(
            f"Everything can be searched by words, and {total - left:,} of {total:,} passages by meaning: "
            "`soulprint up` makes the rest ready in the background, `soulprint index` at once."
        )


@app.command()
def index() -> None:
    """Bring the search index up to date, by words and by meaning. Goes on where it was interrupted."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        await indexing.index_all(db, account)
        await _make_vectors(db, account, settings)
        done, total = await embedding.progress(db, account, settings)
        words = (await indexing.progress(db, account))[0]
        terminal.say(f"{words:,} conversations can be searched by words, {done:,} of {total:,} passages by meaning.")

    run(work)


@app.command("recall")
def recall_(
    query: Annotated[str, typer.Argument(help="A question, or a few words.")],
    as_json: Json = False,
    most: Annotated[int, typer.Option("-k", "--most", help="At most so many.", min=1, max=200)] = 10,
    kind: Annotated[list[Kind] | None, typer.Option(help="Only of this kind; may be named again.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Nothing said before this day.", formats=[DAY])] = None,
    until: Annotated[datetime | None, typer.Option(help="Nothing said after this day.", formats=[DAY])] = None,
) -> None:
    """Find what bears on a question: passages of your history, facts and lines of your profile."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        await indexing.index_all(db, account)
        first, last = (day.date() if day else None for day in (since, until))
        kinds = tuple(kind or Kind)
        found = await recall.recall(db, account, settings, query, most=most, kinds=kinds, since=first, until=last)
        recalled.show(found.best[:most], as_json=as_json)

    run(work)


@app.command()
def memory(as_json: Json = False) -> None:
    """Print MEMORY."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        async with db.session(account) as session:
            version = await sections.current(session)
        passes.show_memory(version.memory if version else None, as_json=as_json)

    run(work)


@app.command()
def diff(
    older: Annotated[int | None, typer.Argument(help="A version; without it, the one before.", min=1)] = None,
    newer: Annotated[int | None, typer.Argument(help="A later one; without it, the one in use.", min=1)] = None,
    as_json: Json = False,
) -> None:
    """Say what a version of the profile changed over an earlier one, and why."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        async with db.session(account) as session:
            before, after = await sections.compared(session, older, newer)
        passes.show_diff(sections.diff(before, after), before.number, after.number, as_json=as_json)

    run(work)


@app.command()
def worker() -> None:
    """Work on passes until Ctrl-C: any number of these may share one database."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        logs.configure(logging.INFO)
        async with pipeline.working(db, settings):
            await pipeline.resume(db, account)
            terminal.say("Working on passes (Ctrl-C stops; what is at work then goes on elsewhere or later)")
            await asyncio.Event().wait()

    run(work, as_started=True)


@pass_commands.command("full")
def pass_full(
    again: Annotated[bool, typer.Option("--again", help=AGAIN)] = False,
    ceiling: Annotated[float | None, typer.Option(help="What it may cost from now on, in US dollars.", min=0)] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before --again spends money.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Begin anew where the last one failed or is stuck.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait here until it is done.")] = True,
) -> None:
    """Read every conversation not read yet, and make the profile from all that is known."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        passing = (await pipeline.status(db, account, settings)).passing
        options: dict[str, Any] = {"retry": retry}
        if passing and not retry:
            terminal.say("A full pass is under way: going on with it as it was begun (--retry begins anew).")
        else:
            expected = await pipeline.estimate(db, account, settings, again=again)
            if again and ceiling is None and not yes:
                _ask(expected, settings)
            most = None if ceiling is None else Decimal(str(ceiling))
            options |= {"again": again, "ceiling": most, "expected": expected}
            if outdated := passes.stale(expected):
                terminal.say(outdated)
        if not wait:
            await _begin(db, account, settings, **options)
        elif not passes.show_ended(await _full_pass(db, account, settings, **options)):
            raise typer.Exit(1)

    run(work)


def _ask(expected: pipeline.Estimate, settings: Settings) -> None:
    """Let the person agree to what reading again costs. Where nobody can be asked, that is wrong use."""
    if not expected.conversations or expected.cost_usd == 0:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("It costs money, so it needs --yes or --ceiling here.", param_hint="--again")
    passes.show_estimate(expected, settings.ceiling, as_json=False)
    _confirm("Read again?")


def _confirm(question: str) -> None:
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio's would wait for the answer
    try:
        typer.confirm(question, abort=True)
    finally:
        signal.signal(signal.SIGINT, handler)


@pass_commands.command("stop")
def pass_stop() -> None:
    """Stop the full pass that is at work; what was read and paid for is kept."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        stopped = await pipeline.stop(db, account, settings)
        terminal.say("Stopped." if stopped else "No full pass is at work.")

    run(work)


async def _full_pass(db: Database, account: uuid.UUID, settings: Settings, **options: Any) -> pipeline.Status:
    """Start a full pass and be a worker of it until it has ended; gives the status then."""
    async with pipeline.working(db, settings):
        await pipeline.start(db, account, settings, **options)
        try:
            ended = await passes.follow(pipeline.watch(db, account, settings))
        except asyncio.CancelledError:
            terminal.say(passes.KEPT)
            raise
        await pipeline.told(db, account)
    return ended


async def _begin(db: Database, account: uuid.UUID, settings: Settings, **options: Any) -> None:
    """Start a full pass for others to work on."""
    async with pipeline.working(db, settings):
        await pipeline.start(db, account, settings, **options)
    terminal.say("Started: `soulprint worker` or `soulprint up` works on it, `soulprint status` says how far it is.")


@pass_commands.command("quick")
def pass_quick() -> None:
    """Make the profile again from a sample of everything imported."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        terminal.show_pass(*await pipeline.quick_profile(db, account, settings))
        await pipeline.tell(db, account, settings)

    run(work)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this installation uses: database, models, folders, disk."""

    async def work(db: Database, account: uuid.UUID, settings: Settings) -> None:
        terminal.show_doctor(await examination.examine(db, account, settings), as_json=as_json)

    run(work)


Work = Callable[[Database, uuid.UUID, Settings], Coroutine[Any, Any, None]]


def run(work: Work, *, as_started: bool = False) -> None:
    """Open the database, do `work` for the local account, and turn any error into one line and exit code 1.

    It is done with what the person has chosen. `as_started`: with the environment's settings alone, for work that goes
    on and asks each time what is chosen.
    """
    gc.freeze()  # what is loaded by now stays; the collector need not go through it again and again
    logs.configure()
    settings = _settings()
    with _told(settings):
        asyncio.run(_run(work, settings, as_started=as_started))


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """Any error in the block as one line and exit code 1."""
    try:
        yield
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
    except SettingsError:  # what is structured is parsed before it is checked
        terminal.complain(errors.SettingWrong(name="SOULPRINT_CATEGORIES or SOULPRINT_CHUNK_TIERS", reason="not JSON"))
        sys.exit(2)


async def _run(work: Work, settings: Settings, *, as_started: bool) -> None:
    async with database.opened(settings) as db:
        try:
            account = await accounts.local(db)
            await work(db, account, settings if as_started else await choices.settings(db, account, settings))
        finally:
            await llm.close()


def main() -> None:
    # A polite kill ends like Ctrl-C: the work is stopped, the rows say so, the database stops.
    # What a script starts in the background ignores Ctrl-C, and would so ignore that too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    app()
