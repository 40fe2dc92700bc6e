"""What the progress panel shows: the steps from an export to the full profile, each with what is counted of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from soulprint import importing, sections
from soulprint.pipeline import ImportState, PassState, StageState, Status
from soulprint.sections import Change
from soulprint.serving import reconciliation, sizes
from soulprint.serving.engines import Engine

CHUNK, EXTRACT, MERGE, MEMORY, SECTIONS = "chunk", "extract", "merge", "memory", "sections"
PROCESSING = "processing"

SOON, TOLD = 3, 0.05
"""Seconds, and the share of an export, after which the time that the rest takes is told."""


class State(StrEnum):
    """Of a step; the value is what is said to those who don't see the mark."""

    DONE = "done"
    NOW = "at work"
    BROKEN = "not finished"
    COMING = "to come"


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    state: State
    figures: tuple[str, ...] = ()
    """What is counted of it, each to be read by itself."""
    done: int | None = None
    """Of `total`; None where there is nothing to count towards."""
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What a version changed over the one before, in lines."""

    added: int
    changed: int
    dropped: int

    @classmethod
    def of(cls, changes: list[Change]) -> Changed:
        kinds = [str(change.kind) for change in changes]
        return cls(kinds.count("added"), kinds.count("changed"), kinds.count("dropped"))

    def __str__(self) -> str:
        """`31 lines added, 4 changed`."""
        told = [(self.added, "added"), (self.changed, "changed"), (self.dropped, "dropped")]
        first, *others = [(number, kind) for number, kind in told if number] or [(0, "changed")]
        lines = f"{first[0]:,} {'line' if first[0] == 1 else 'lines'} {first[1]}"
        return ", ".join([lines, *(f"{number:,} {kind}" for number, kind in others)])


@dataclass(frozen=True, slots=True)
class Progress:
    """How far everything is, for the panel."""

    status: Status
    engine: Engine
    """What writes the first profile."""
    reader: Engine
    """What reads all conversations when they are read next."""
    author: Engine | None
    """What read them in the last full pass; None before the first one."""
    changed: Changed | None
    """What the version in use changed, where a full pass made it and there was one before."""
    missing: importing.Missing
    """What the last import lacks of what earlier ones carried."""
    threshold: int
    """Conversations from which all of them are read without being asked for."""
    ceiling: float
    """US dollars that this may cost at the most."""

    @property
    def report(self) -> reconciliation.Told | None:
        """What became of the last export, where it was read to its end."""
        last = self.status.import_
        return reconciliation.told(last.report) if last and last.report else None

    @property
    def lacking(self) -> str:
        """What is to be said of what the newest exports lack."""
        return reconciliation.missing(self.missing)

    @property
    def importing(self) -> bool:
        return self.status.stage == "importing"

    @property
    def profiling(self) -> bool:
        return self.status.stage == "profiling"

    @property
    def passing(self) -> PassState | None:
        """The full pass that is at work."""
        return self.status.passing

    @property
    def at_work(self) -> bool:
        return self.status.at_work

    @property
    def goes_on(self) -> bool:
        """Whether somebody does what is at work: without a worker a full pass waits."""
        return self.status.is_taking_in or bool(self.status.workers)

    @property
    def ended(self) -> PassState | None:
        """The last full pass, where none is at work and it came to an end."""
        found = self.status.full_pass
        return found if found and found.status != PROCESSING else None

    @property
    def broken(self) -> PassState | None:
        """The last full pass, where it ended without a version."""
        return self.ended if self.ended and self.ended.status != "complete" else None

    @property
    def outdated(self) -> bool:
        """Whether all was read by another model than the one that would read it now."""
        return bool(self.ended and not self.broken and self.author and self.author.model != self.reader.model)

    @property
    def offered(self) -> bool:
        """Whether there is something left to read, and nobody at it."""
        return not self.at_work and bool(self.status.conversations) and (self.status.unread > 0 or self.outdated)

    @property
    def steps(self) -> list[Step]:
        return list(_steps(self))

    @property
    def said(self) -> str:
        """What is said aloud when it changes: stages, no counts."""
        working = [step.name for step in self.steps if step.state == State.NOW]
        if self.at_work:
            return f"At work: {', '.join(working)}." if working else "At work."
        if self.broken:
            return f"{TITLES[self.broken.status]}."
        if self.status.stage == "failed":
            return "The import failed."
        if self.ended and self.ended.version:
            return f"Version {self.ended.version} is in place: every conversation is read."
        return "The profile is ready." if self.status.version else ""


TITLES = {
    "paused": "Paused at its ceiling",
    "failed": "Not every conversation could be read",
    "cancelled": "The full reading was stopped",
}
"""How a full pass ended that made no version -> what the panel is headed by."""


def _steps(progress: Progress) -> Iterator[Step]:
    status = progress.status
    history = ", ".join(
        (sections.counted(status.conversations, "conversation"), sections.counted(status.messages, "message"))
    )
    if progress.importing:
        yield _reading(status)
    else:
        yield Step("Export", State.DONE, (history,))
    yield _first_profile(progress)
    shown = progress.passing or (progress.broken if not progress.at_work else None)
    if shown:
        yield from _pass_steps(shown, (status.version or 0) + 1)
    elif progress.status.is_taking_in:
        yield from _steps_ahead(progress)


def _steps_ahead(progress: Progress) -> Iterator[Step]:
    """What follows an import, and whether it does by itself."""
    cost = "" if progress.reader.local else f", where it stays under {sizes.dollars(progress.ceiling)}"
    yield Step("Facts", State.COMING, (f"by itself from {progress.threshold:,} conversations on{cost}",))
    yield Step("MEMORY", State.COMING)
    yield Step(f"Version {max(2, (progress.status.version or 0) + 2)}", State.COMING)


def _reading(status: Status) -> Step:
    work = status.import_
    if work is None or not work.bytes_total:
        return Step("Export", State.NOW, (sections.counted(status.messages, "message"),))
    read = min(work.bytes_read, work.bytes_total)
    size = f"{sizes.readable(read)} of {sizes.readable(work.bytes_total)}"
    figures = (size, sections.counted(status.messages, "message"), *_reading_left(work, read, work.bytes_total))
    return Step("Export", State.NOW, figures, read, work.bytes_total)


def _reading_left(work: ImportState, read: int, total: int) -> Iterator[str]:
    """At the pace since it began, once that can be told."""
    taken = (datetime.now(UTC) - work.started_at).total_seconds()
    if taken >= SOON and total * TOLD <= read < total:
        yield f"about {sizes.duration(taken / read * (total - read))} left"


def _first_profile(progress: Progress) -> Step:
    name, number = "First profile", progress.status.run and progress.status.run.version
    if progress.profiling:
        return Step(name, State.NOW, (f"with {progress.engine.label}",))
    if progress.importing or number is None:
        return Step(name, State.COMING)
    return Step(name, State.DONE, (f"version {number}, there to be read",))


def _pass_steps(shown: PassState, number: int) -> Iterator[Step]:
    stages = {stage.name: stage for stage in shown.stages}
    broken = shown.status != PROCESSING
    yield _facts_step(stages, broken=broken)
    yield _writing_step("MEMORY", stages.get(MEMORY), broken=broken)
    yield _writing_step(f"Version {number}", stages.get(SECTIONS), broken=broken)


def _facts_step(stages: Mapping[str, StageState], *, broken: bool) -> Step:
    """Finding facts is three stages: conversations are cut for search, read, and what contradicts is settled."""
    last = next((stages[name] for name in (MERGE, EXTRACT, CHUNK) if name in stages), None)
    if last is None:
        return Step("Facts", State.BROKEN if broken else State.NOW)
    if last.name == MERGE and last.finished_at:
        return Step("Facts", State.DONE, tuple(_found(stages[EXTRACT])))
    figures = (*_counted(last), *(_left(last) if not broken else ()), *_remarks(stages.get(EXTRACT)))
    state = State.BROKEN if broken else State.NOW
    return Step("Facts", state, figures, last.done + last.failed, last.total or None)


UNITS = {CHUNK: "batches cut for search", EXTRACT: "parts of the history read", MERGE: "groups of doubts settled"}


def _counted(stage: StageState) -> Iterator[str]:
    if stage.total:
        yield f"{stage.done:,} of {stage.total:,} {UNITS[stage.name]}"
    if stage.failed:
        yield f"{stage.failed:,} failed"


def _left(stage: StageState) -> Iterator[str]:
    if stage.seconds_left:
        yield f"about {sizes.duration(stage.seconds_left)} left"


def _found(stage: StageState) -> Iterator[str]:
    counts = stage.counts
    yield f"{stage.done:,} of {stage.total:,} {UNITS[EXTRACT]}"
    if stage.failed:
        yield f"{stage.failed:,} failed"
    if "kept" in counts:
        yield f"{counts['kept']:,} of {counts['found']:,} findings proved by your words"
    yield from _remarks(stage)


def _remarks(stage: StageState | None) -> Iterator[str]:
    counts = stage.counts if stage else {}
    if counts.get("trivial"):
        yield f"{sections.counted(counts['trivial'], 'conversation')} with nothing to read"
    if counts.get("unreadable"):
        yield f"{sections.counted(counts['unreadable'], 'conversation')} could not be read"


def _writing_step(name: str, stage: StageState | None, *, broken: bool) -> Step:
    if stage is None:
        return Step(name, State.COMING)
    failed = (f"{stage.failed:,} failed",) if stage.failed else ()
    if stage.finished_at and not stage.failed:
        return Step(name, State.DONE)
    return Step(name, State.BROKEN if broken else State.NOW, failed)
