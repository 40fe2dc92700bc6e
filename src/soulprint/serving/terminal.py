"""What the command line shows: progress on standard error, results on standard output, as text or as JSON."""

from __future__ import annotations

import dataclasses
import re
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from pydantic_core import to_json
from rich import markup
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from soulprint import chat, errors, importing, llm, pipeline, sections
from soulprint.llm.offers import Offer
from soulprint.records.recalled import Recalled
from soulprint.records.sections import ClaimText, Line, Measure, Quote, Source
from soulprint.serving import sizes
from soulprint.serving.doctor import Report

# On a terminal lines break between words; in a pipe they don't break at all.
out = Console(soft_wrap=not sys.stdout.isatty(), highlight=False)
err = Console(stderr=True, soft_wrap=not sys.stderr.isatty(), highlight=False)

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def harmless(text: str) -> str:
    """`text` of anybody without the characters that command a terminal."""
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def escape(text: str) -> str:
    """`text` of anybody as it stands: nothing in it commands the terminal, or is taken for markup."""
    return markup.escape(harmless(text))


def say(text: str) -> None:
    err.print(escape(text))


def complain(error: errors.SoulprintError) -> None:
    """One line that says what happened, what was kept and what to do."""
    err.print(f"[red]error:[/red] {escape(str(error))}")


def show_json(value: object) -> None:
    sys.stdout.write(to_json(value, indent=2, inf_nan_mode="null").decode() + "\n")


@contextmanager
def import_progress() -> Iterator[Callable[[importing.Progress], None]]:
    """A bar by bytes read, on a terminal only; gives the function that moves it."""
    columns = (TextColumn("Reading"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("read", total=None)

        def moved(progress: importing.Progress) -> None:
            bar.update(task, completed=progress.bytes_read, total=progress.bytes_total)

        yield moved


@contextmanager
def counted_progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar by things done, on a terminal only and where there is anything to do; gives the function that moves it."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not (err.is_terminal and total)) as bar:
        task = bar.add_task("counted", total=total)
        yield lambda done: bar.update(task, completed=done)


def _words(reason: str) -> str:
    return reason.replace("_", " ")


def show_pass(version: int | None, note: str | None) -> None:
    if note:
        say(note)
    out.print(f"Your profile is version {version}.")


def show_status(status: pipeline.Status, *, as_json: bool) -> None:
    if as_json:
        state = dataclasses.asdict(status)
        show_json({name.rstrip("_"): value for name, value in state.items()})
        return
    for name, value in _status_rows(status):
        out.print(f"[dim]{name:<14}[/dim]{value}")


def _status_rows(status: pipeline.Status) -> Iterator[tuple[str, str]]:
    yield "stage", f"{status.stage}: `soulprint up` goes on with it" if status.stage == "interrupted" else status.stage
    if found := status.import_:
        yield "last import", " · ".join((escape(found.names), found.status, *_size(found)))
        if found.error:
            yield "", f"[yellow]{escape(found.error)}[/yellow]"
    if run := status.run:
        cost = f" · ${run.cost_usd:.4f}" if run.model != llm.LOCAL or run.cost_usd else ""
        yield "first profile", f"{run.status} · {run.model}{cost}"
        for remark in filter(None, (run.note, run.error)):
            yield "", f"[yellow]{escape(remark)}[/yellow]"
    yield "profile", f"version {status.version}" if status.version else "none yet"
    if status.facts:
        yield "facts", f"{status.facts:,}"
    if status.unread and status.version:
        unread = sections.counted(status.unread, "conversation")
        yield "unread", unread + ("" if status.passing else ": `soulprint pass full` reads them")
    if status.conversations:
        years = f" · {status.first_at:%b %Y} – {status.last_at:%b %Y}" if status.first_at and status.last_at else ""
        talks, said = (
            sections.counted(status.conversations, "conversation"),
            sections.counted(status.messages, "message"),
        )
        yield "history", f"{talks}, {said}{years}"
    yield "model", engine(status.model)


def _size(found: pipeline.ImportState) -> Iterator[str]:
    if found.bytes_total:
        whole = sizes.readable(found.bytes_total)
        yield whole if found.bytes_read >= found.bytes_total else f"{sizes.readable(found.bytes_read)} of {whole}"


def engine(model: str) -> str:
    """Which engine works and where the text goes."""
    return "local engine: nothing leaves this machine" if model == llm.LOCAL else model


def show_profile(version: sections.Version | None, *, as_json: bool, sources: bool) -> None:
    if as_json:
        show_json(version)
        return
    if version is None:
        out.print("There is no profile yet. Import an export first: soulprint import PATH")
        return
    how = "extracted quotes, no language model" if version.model == llm.LOCAL else f"written by {version.model}"
    out.print(
        f"[dim]Version {version.number} · {how} · read {version.conversations_read} of "
        f"{version.conversations_total} conversations[/dim]"
    )
    if version.note:
        out.print(f"[yellow]{escape(version.note)}[/yellow]")
    if sources:
        _print_with_sources(version)
    else:
        out.print(Markdown(harmless(sections.markdown(version.sections, version.memory))), soft_wrap=False)


def _print_with_sources(version: sections.Version) -> None:
    for name, section in version.sections.each():
        out.print(f"\n[bold]{name.upper()}[/bold]")
        for field, _, lines in section.fields():
            _print_lines(sections.title(field), lines)
    out.print("\n[bold]MEMORY[/bold]")
    for part in version.memory:
        _print_lines(part.title, part.lines)


def _print_lines(title: str, lines: list[Line]) -> None:
    if not lines:
        return
    out.print(f"  [underline]{title}[/underline]")
    for line in lines:
        out.print(f"  {escape(sections.shown(line))}")
        for source in line.sources:
            out.print(f"      [dim]{escape(_source(source))}[/dim]")


def _source(source: Source) -> str:
    match source:
        case Quote():
            when = f"{source.said_at:%Y-%m-%d}" if source.said_at else "undated"
            return f"{when} · {source.title or 'untitled'} · m{source.message_id}: “{' '.join(source.text.split())}”"
        case Measure():
            return f"measured: {source.name} = {source.value}, over {source.over} messages"
        case ClaimText():
            return f"{_words(source.claim_kind)}: “{' '.join(source.text.split())[:200]}”"


def questions() -> Iterator[str]:
    """What the person types, line by line, until Ctrl-D or an empty line."""
    while True:
        try:
            question = err.input("[bold]> [/bold]").strip()
        except EOFError:
            return
        if not question:
            return
        yield question


async def show_answer(events: AsyncIterator[chat.Event], thread_id: uuid.UUID, *, as_json: bool) -> None:
    """Print an answer as it comes, then the sources it could cite. Raises `errors.AnswerBroken` when it broke off."""
    sources: list[Recalled] = []
    pieces: list[str] = []
    async for event in events:
        match event:
            case chat.Sources(found):
                sources = found
            case chat.Delta(text):
                pieces.append(text)
                if not as_json:
                    sys.stdout.write(harmless(text))
                    sys.stdout.flush()
            case chat.Failed(message):
                raise errors.AnswerBroken(reason=message)
            case chat.Asked() | chat.Done() | chat.Stopped():
                pass
    if as_json:
        show_json({"thread_id": thread_id, "answer": "".join(pieces), "sources": sources})
    else:
        sys.stdout.write("\n")


def show_doctor(report: Report, *, as_json: bool) -> None:
    if as_json:
        show_json(report)
        return
    table = Table.grid(padding=(0, 2))
    for name, value in _doctor_rows(report):
        table.add_row(f"[dim]{name}[/dim]", escape(value))
    out.print(table)
    for warning in report.warnings:
        out.print(f"[yellow]{escape(warning)}[/yellow]")


def _doctor_rows(report: Report) -> Iterator[tuple[str, str]]:
    yield "soulprint", f"{report.soulprint} · Python {report.python} · {report.platform}"
    yield "home", f"{report.home} · {report.free_gb} GB free"
    facts = report.database
    kind = "built-in" if report.embedded else "by SOULPRINT_DATABASE_URL"
    yield "database", f"Postgres {facts.version}, {kind} · {facts.name} as {facts.user} · {facts.size_mb} MB"
    if report.embedded:
        yield "cluster", str(report.embedded.data)
        yield "binaries", str(report.embedded.binaries)
        yield "log", str(report.embedded.log)
    yield "extensions", ", ".join(f"{name} {version}" for name, version in sorted(facts.extensions.items()))
    for role, model in report.models.items():
        yield f"model {role}", engine(model)
    yield "workers", ", ".join(f"{one.id} (process {one.pid})" for one in report.workers) or "none at work"
    yield "queue", "; ".join(_queue(report.queue)) or "empty"
    yield "embedder", "MiniLM, in process" if report.embedder else "not installed (pip install 'soulprint[local]')"
    for offer in report.offers:
        yield "found", f"{offer.name}: the text would go to {offer.destination} · {_price(offer)}"
        yield "", offer.environment


def _queue(queue: pipeline.Queue) -> Iterator[str]:
    if queue.passes:
        tasks = f"{queue.done:,} of {sections.counted(queue.tasks, 'task')} done"
        yield f"{sections.counted(queue.passes, 'full pass', 'full passes')}, {tasks}"
    if queue.notices:
        yield sections.counted(queue.notices, "notice to be sent", "notices to be sent")


def _price(offer: Offer) -> str:
    if offer.input_price is None or offer.output_price is None:
        return "price not known"
    return f"{offer.input_price} USD in, {offer.output_price} USD out for a million tokens"
