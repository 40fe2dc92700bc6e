"""What the command line shows of full passes: the price beforehand, the stages at work, and what they came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from decimal import ROUND_CEILING, Decimal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Column

from soulprint import facts, llm, pipeline, sections
from soulprint.records.sections import Line, MemoryPart
from soulprint.serving import sizes
from soulprint.serving.terminal import err, escape, out, say, show_json

NAMES = {
    "chunk": "Cutting for search",
    "extract": "Finding facts",
    "merge": "Settling conflicts",
    "memory": "Writing MEMORY",
    "sections": "Writing the profile",
}
"""Stage -> what it does, for people."""


# Before


def show_estimate(expected: pipeline.Estimate, ceiling: float, *, as_json: bool) -> None:
    if as_json:
        show_json(estimate_json(expected))
        return
    for line in _estimate(expected, ceiling):
        out.print(line)


def estimate_json(expected: pipeline.Estimate) -> dict[str, object]:
    """The estimate with its sums, as JSON has it."""
    return {
        "conversations": expected.conversations,
        "trivial": expected.trivial,
        "up_to_date": expected.up_to_date,
        "stale": expected.stale,
        "windows": expected.windows,
        "chat_tokens": expected.chat_tokens,
        "calls": expected.calls,
        "input_tokens": expected.input_tokens,
        "output_tokens": expected.output_tokens,
        "cost_usd": expected.cost_usd,
        "cost_range_usd": expected.range(expected.cost_usd) if expected.cost_usd is not None else None,
        "batch_usd": expected.batch_usd,
        "stages": expected.stages,
    }


def _estimate(expected: pipeline.Estimate, ceiling: float) -> Iterator[str]:
    yield f"{'; '.join(_counted(expected))}."
    if outdated := stale(expected):
        yield outdated
    if all(stage.model == llm.LOCAL for stage in expected.stages):
        yield "The local engine reads them: free, and nothing leaves this machine."
        return
    at_most = "" if expected.conversations else "At most "
    calls = sections.counted(expected.calls, "call")
    yield f"{at_most}{calls}, about {expected.input_tokens:,} tokens in and {expected.output_tokens:,} out."
    yield _price(expected)
    if (cost := expected.cost_usd) is not None and cost > Decimal(str(ceiling)):
        allowed = (expected.range(cost)[1] * 10).to_integral_value(ROUND_CEILING) / 10
        yield f"That is over the ceiling of ${ceiling:.2f}: `soulprint pass full --ceiling {allowed:.2f}` allows it."


def _counted(expected: pipeline.Estimate) -> Iterator[str]:
    if expected.conversations:
        conversations = sections.counted(expected.conversations, "conversation")
        yield f"{conversations} to read in {sections.counted(expected.windows, 'window')}"
    else:
        yield "Nothing new to read"
    if expected.trivial:
        yield f"{expected.trivial:,} with nothing of yours in them to read"
    if expected.up_to_date:
        yield f"{expected.up_to_date:,} read already"


def stale(expected: pipeline.Estimate) -> str | None:
    """What is to be said of conversations that were read otherwise than they would be now."""
    if not expected.stale or expected.again:
        return None
    were = sections.counted(expected.stale, "conversation was", "conversations were")
    return (
        f"{were} read by another model, for other categories or with an older prompt: "
        "`soulprint pass full --again` reads again, `soulprint estimate --again` says for how much."
    )


def _price(expected: pipeline.Estimate) -> str:
    if expected.cost_usd is None:
        return "The price of the model is not known here."
    if not expected.cost_usd:
        return "Free: the model runs on this machine."
    price = _range(expected, expected.cost_usd)
    if expected.batch_usd is not None:
        half = _range(expected, expected.batch_usd)
        price += f"; {half} and up to a day of waiting through the provider's batch API"
    return f"{price[0].upper()}{price[1:]}."


def _range(expected: pipeline.Estimate, cost: Decimal) -> str:
    low, high = expected.range(cost)
    return sizes.dollars(high) if high < Decimal("0.01") else f"${low:.2f} to ${high:.2f}"


# While it is at work


async def follow(statuses: AsyncIterator[pipeline.Status]) -> pipeline.Status:
    """Show the stages as they move, on a terminal only, until nothing is at work; gives the last status."""
    with stage_bars(err) as bars:
        shown: dict[str, TaskID] = {}
        async for status in statuses:
            if status.full_pass:
                _move(bars, shown, status.full_pass)
            if not status.at_work:
                return status
    raise AssertionError("a watched status has no end")


def stage_bars(console: Console) -> Progress:
    """On a narrow terminal what is told beside the counts is cut short, not the names of the stages."""
    columns = (
        TextColumn("{task.description:<20}"),
        BarColumn(20),
        MofNCompleteColumn(),
        TextColumn("[dim]{task.fields[told]}[/dim]", table_column=Column(ratio=1, no_wrap=True)),
    )
    return Progress(*columns, console=console, disable=not console.is_terminal, expand=True)


def _move(bars: Progress, shown: dict[str, TaskID], current: pipeline.PassState) -> None:
    for stage in current.stages:
        if stage.name not in shown:
            shown[stage.name] = bars.add_task(NAMES[stage.name], total=stage.total, told="")
        total = stage.total or 1
        done = total if stage.finished_at else stage.done + stage.failed
        bars.update(shown[stage.name], completed=done, total=total, told=" · ".join(remarks(stage)))


def remarks(stage: pipeline.StageState) -> list[str]:
    """What is to be told of a stage beside its count of tasks."""
    counts = stage.counts
    told = [f"{stage.failed} failed"] if stage.failed else []
    if stage.calls:
        told.append(f"{sections.counted(stage.calls, 'call')}, ${stage.cost_usd:.4f}")
    if stage.seconds_left:
        told.append(f"about {sizes.duration(stage.seconds_left)} left")
    if "kept" in counts:
        told.append(f"{counts['kept']:,} of {counts['found']:,} findings proved")
    if counts.get("trivial"):
        told.append(f"{counts['trivial']:,} conversations with nothing to read")
    if counts.get("unreadable"):
        told.append(f"{counts['unreadable']:,} could not be read")
    return told


# Afterwards


def came_to_version(status: pipeline.Status) -> bool:
    """Whether the last full pass came to its end."""
    return bool(status.full_pass and status.full_pass.version is not None)


def show_ended(status: pipeline.Status) -> bool:
    """What a full pass came to; gives whether it came to a version."""
    ended = status.full_pass
    if ended is None:
        return False
    if ended.note:
        say(ended.note)
    if ended.version is None:
        err.print(f"[yellow]{ended.status}:[/yellow] {escape(ended.error or '')}")
        return False
    cost = f", for ${ended.cost_usd:.4f}" if ended.cost_usd else ""
    out.print(f"{_read(ended, status)}: {status.facts:,} facts, profile version {ended.version}{cost}.")
    return True


def _read(ended: pipeline.PassState, status: pipeline.Status) -> str:
    """How much of the history the facts rest on."""
    unreadable = sum(stage.counts.get("unreadable", 0) for stage in ended.stages)
    if not (missing := status.unread + unreadable):
        return "Every conversation is read"
    read = f"{status.conversations - missing:,} of {sections.counted(status.conversations, 'conversation')} are read"
    return f"{read} ({missing:,} could not be or came later; `soulprint pass full` tries again)"


def show_pass(status: pipeline.Status) -> None:
    """The last full pass below the rest of the status."""
    for name, value in _pass_rows(status.full_pass, status.workers) if status.full_pass else ():
        out.print(f"[dim]{name:<14}[/dim]{value}")


def _pass_rows(ended: pipeline.PassState, workers: Sequence[pipeline.WorkerState]) -> Iterator[tuple[str, str]]:
    yield "full pass", " · ".join((ended.status, *_manner(ended)))
    if ended.status == "processing" and not workers:
        yield "", f"[yellow]{WAITING}[/yellow]"
    for stage in ended.stages:
        told = " · ".join([f"{stage.done} of {stage.total}", *remarks(stage)])
        yield "", f"{NAMES[stage.name]}: {told if stage.total else 'nothing to do'}"
    for remark in filter(None, (ended.note, ended.error)):
        yield "", f"[yellow]{escape(remark)}[/yellow]"


KEPT = "What is read is kept: `soulprint pass full`, `soulprint up` or `soulprint worker` goes on with it."
WAITING = (
    "Nobody is working on it just now: `soulprint pass full`, `soulprint up` or `soulprint worker` goes on with it."
)


def _manner(ended: pipeline.PassState) -> Iterator[str]:
    yield ended.model
    if ended.model != llm.LOCAL or ended.cost_usd:
        yield f"${ended.cost_usd:.4f}" + (f" of ${ended.ceiling_usd:.2f}" if ended.ceiling_usd else "")
    if ended.in_batches:
        yield "through the provider's batch API"


def show_facts(found: Sequence[facts.FactView], *, every: bool, as_json: bool) -> None:
    """`every` says whether these are all there are, or those of a kind that was asked for."""
    if as_json:
        show_json(found)
        return
    for fact in found:
        since = " – ".join(f"{day}" for day in (fact.true_from, fact.true_to) if day)
        told = " · ".join(filter(None, (fact.category, fact.about, fact.status, f"{fact.confidence:.2f}", since)))
        out.print(f"[bold]{escape(sections.flat(fact.statement))}[/bold]  [dim]f{fact.id} · {escape(told)}[/dim]")
        for quote in fact.sources:
            when = f"{quote.said_at:%Y-%m-%d}" if quote.said_at else "undated"
            title = escape(quote.title or "untitled")
            out.print(f"    “{escape(sections.flat(quote.text))}” [dim]{when} · {title}[/dim]")
    if found:
        states = Counter(fact.status for fact in found)
        told = ", ".join(f"{number:,} {state}" for state, number in states.most_common())
        say(f"{sections.counted(len(found), 'fact')}: {told}.")
    elif every:
        out.print("There are no facts yet: `soulprint pass full` reads every conversation for them.")
    else:
        out.print("There are no such facts.")


def show_memory(memory: Sequence[MemoryPart] | None, *, as_json: bool) -> None:
    if as_json:
        show_json(memory)
    elif memory is None:
        out.print("There is no profile yet. Import an export first: soulprint import PATH")
    else:
        out.print(escape(sections.memory_markdown(memory)))


def show_diff(changes: Sequence[sections.Change], older: int, newer: int, *, as_json: bool) -> None:
    if as_json:
        show_json({"older": older, "newer": newer, "changes": changes})
        return
    counted = {kind: sum(change.kind == kind for change in changes) for kind in ("added", "changed", "dropped")}
    out.print(f"Version {older} → {newer}: " + ", ".join(f"{number} {kind}" for kind, number in counted.items()))
    place = ""
    for change in changes:
        here = f"{change.section.upper()} · {sections.title(change.field)}"
        if here != place:
            out.print(f"\n[bold]{escape(here)}[/bold]")
            place = here
        for mark, line in (("[red]-", change.before), ("[green]+", change.after)):
            if line:
                out.print(f"  {mark} {_line(line)}[/]")
        out.print(f"      [dim]{escape(change.why)}[/dim]")


def _line(line: Line) -> str:
    return escape(sections.shown(line))
