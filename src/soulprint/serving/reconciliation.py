"""What became of an export, in words: an import's report in, sentences for the command line and the page out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from soulprint import importing
from soulprint.sections import counted

Report: TypeAlias = Mapping[str, Any]
"""As `importing.Report.as_json` writes it. Those of older releases lack what was counted later."""

ADVICE = {
    "cut_off": "Download the export again and import it once more; what is here already isn’t stored twice.",
    "damaged": "Download the export again and import it once more; what is here already isn’t stored twice.",
    "missing_shard": "Import all files of the export together.",
    "encrypted": "Unpack it with the password, and import the folder.",
    "unusual_packing": "Unpack the archive, and import the folder.",
    "nested_too_deep": "Unpack the inner archive, and import that.",
    "too_many_members": "Import the export in parts.",
}
"""What can be done where something could not be read."""

FILES = (
    *("unknown_file", "missing_shard", "encrypted", "unusual_packing", "damaged", "cut_off", "unreadable", "dangerous"),
    *("nested_too_deep", "too_many_members", "not_a_table", "list_of_prompts"),
)
ONE = dict.fromkeys(FILES, "file") | {"unsafe_name": "name", "not_a_row": "line", "not_an_object": "element"}
"""Reason -> what was left out or failed by it, where that isn't a conversation."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an export, for a person. Every part but the first may be empty."""

    outcome: str
    """What is new, in one or two sentences."""
    providers: str
    """Where the conversations come from, where that is more than one place."""
    held: str
    """How much the conversations hold."""
    left_out: list[str]
    """What was left out on purpose, each with its number."""
    left_out_named: list[tuple[str, str]]
    """Single things that were left out: where it stands, and why."""
    unknown: list[str]
    """Kinds of content that we don't know, each with its number."""
    failed: list[tuple[str, str]]
    """What could not be read and why, with its number, and what can be done about it."""
    failed_named: list[tuple[str, str]]
    """Single things that could not be read: where it stands, and why."""
    more: bool
    """Whether there are more of them than are named."""
    sum: str
    """How the numbers add up."""


def told(report: Report) -> Told:
    """The report in words."""
    problems, skipped = report.get("problems") or [], report.get("skipped") or {}
    return Told(
        outcome=f"{_outcome(report)}{_resumed(report)}{_removed(report)}",
        providers=_providers(report),
        held=_held(report),
        left_out=[*_left_out(report)],
        left_out_named=[*_named(problem for problem in problems if problem["reason"] in skipped)],
        unknown=[f"{number:,} of “{name}”" for name, number in _counts(report, "unknown_content")],
        failed=[*_failed(report)],
        failed_named=[*_named(problem for problem in problems if problem["reason"] not in skipped)],
        more=len(problems) >= importing.PROBLEMS,
        sum=_sum(report),
    )


def missing(found: importing.Missing) -> str:
    """What is to be said of conversations that newer exports don't carry; nothing where there are none."""
    number = len(found.conversations)
    if not number:
        return ""
    if found.is_likely_a_part:
        are = _are(number, "conversation that is", "conversations that are")
        return (
            f"The newest export of {_of(found)} lacks {are} here from others, and carries {found.carried:,} itself: it "
            "is probably a part of your history, and nothing was deleted."
        )
    may = "it may have been deleted there" if number == 1 else "they may have been deleted there"
    return f"{_are(number, 'conversation is', 'conversations are')} not in the newest export of {_of(found)}, so {may}."


def _of(found: importing.Missing) -> str:
    return " and ".join(sorted({importing.title(each.provider) for each in found.conversations}))


def _are(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _number(report: Report, name: str) -> int:
    return int(report.get(name) or 0)


def _counts(report: Report, name: str) -> list[tuple[str, int]]:
    """The most frequent first, those of one number by their names."""
    counts: Mapping[str, int] = report.get(name) or {}
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _outcome(report: Report) -> str:
    new, newer, known = (_number(report, name) for name in ("imported", "updated", "unchanged"))
    were = f"{known:,} {'was' if known == 1 else 'were'} here already."
    if new and newer:
        told = f"{counted(new + newer, 'conversation')} are in: {new:,} new, {newer:,} newer than before."
    elif new:
        told = f"{_are(new, 'new conversation is', 'new conversations are')} in."
    elif newer:
        told = f"{_are(newer, 'conversation is', 'conversations are')} newer than before."
    elif known:
        return f"Nothing new: {_are(known, 'conversation was', 'conversations were')} here already."
    else:
        return "There is no conversation in it." if not _number(report, "seen") else "No conversation came of it."
    return f"{told} {were}" if known else told


def _resumed(report: Report) -> str:
    return " It went on where it was broken off." if report.get("resumed") else ""


def _removed(report: Report) -> str:
    number = _number(report, "removed")
    are = _are(number, "conversation that was here is", "conversations that were here are")
    marked = "it is marked" if number == 1 else "they are marked"
    return f" {are} removed, as {marked} not to be remembered." if number else ""


def _providers(report: Report) -> str:
    counts = _counts(report, "providers")
    if len(counts) < 2:
        return ""
    *first, last = [f"{number:,} from {importing.title(name)}" for name, number in counts]
    return f"{', '.join(first)} and {last}."


def _held(report: Report) -> str:
    said = report.get("messages") or {}
    if not said.get("user") and not said.get("assistant"):
        return ""
    yours = f"{counted(said['user'], 'message')} of yours ({_number(report, 'user_characters'):,} characters)"
    return f"{yours} and {counted(said['assistant'], 'answer')}{_period(report)}."


def _period(report: Report) -> str:
    ends = [report.get(name) for name in ("first_message_at", "last_message_at")]
    months = [f"{datetime.fromisoformat(end):%B %Y}" for end in ends if end]
    if len(months) < 2:
        return ""
    return f", in {months[0]}" if months[0] == months[1] else f", from {months[0]} to {months[1]}"


def _left_out(report: Report) -> Iterator[str]:
    for reason, number in _counts(report, "skipped"):
        yield f"{counted(number, ONE.get(reason, 'conversation'))}: {importing.explained(reason)}"
    if repeated := _number(report, "repeated"):
        yield f"{counted(repeated, 'conversation')}: more than once in it"
    if empty := _number(report, "empty"):
        yield f"{counted(empty, 'conversation')}: without any text by you or the assistant"
    for name, number in _counts(report, "left_out"):
        one, many = importing.LEFT_OUT.get(name, (name.replace("_", " "),) * 2)
        yield _are(number, one, many)


def _named(problems: Iterable[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    return ((problem["where"], importing.explained(problem["reason"])) for problem in problems if problem["where"])


def _failed(report: Report) -> Iterator[tuple[str, str]]:
    for reason, number in _counts(report, "failed"):
        what = counted(number, ONE.get(reason, "conversation"))
        yield f"{what}: {importing.explained(reason)}", ADVICE.get(reason, "")


def _sum(report: Report) -> str:
    terms: Sequence[tuple[int, str]] = [
        (_number(report, "imported"), "new"),
        (_number(report, "updated"), "newer"),
        (_number(report, "unchanged"), "here already"),
        (_number(report, "repeated"), "repeated"),
        (_number(report, "empty"), "empty"),
        (sum(number for _, number in _counts(report, "skipped")), "left out"),
        (sum(number for _, number in _counts(report, "failed")), "not readable"),
    ]
    summed = " + ".join(f"{number:,} {name}" for number, name in terms if number)
    return f"{_number(report, 'seen'):,} seen = {summed}" if summed else ""
