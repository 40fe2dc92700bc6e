"""What the command line shows of imports: what files are, what became of them, what they lack of earlier ones, and what
they say of the person."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from soulprint import errors, importing, pipeline
from soulprint.kinds import ClaimKind
from soulprint.records import Claim
from soulprint.sections import counted
from soulprint.serving import reconciliation, sizes
from soulprint.serving.terminal import complain, err, escape, out, say, show_json

# Before

MANY = 12
"""Of more files than this those that are told alike are told together."""
EXAMPLES = 3
NAMED = 10
"""So many of a kind are named; the page and `--json` name more."""


def show_explained(files: Sequence[importing.Explained], *, as_json: bool) -> None:
    """What each file is taken for, and what an import would take of all of them."""
    if as_json:
        show_json([{name: getattr(file, name) for name in file.__struct_fields__} for file in files])
        return
    for alike in _alike(files):
        file = importing.Explained.of_all(alike)
        size = f" [dim]{sizes.readable(file.size)}[/dim]" if file.size is not None else ""
        taken = f"[green]{escape(file.title)}[/green]" if file.title else "[yellow]not read[/yellow]"
        name = counted(len(alike), "file") if len(alike) > 1 else file.where
        out.print(f"[bold]{escape(name)}[/bold]{size}  {taken}: {escape(file.reason)}")
        if len(alike) > 1:
            out.print(f"    [dim]{escape(_some(alike))}[/dim]")
        for line in _inside(file):
            out.print(f"    {escape(line)}")
    out.print(_would_be(files))
    say("Pictures, recordings, account data and other files that hold no conversation are not listed.")


def _alike(files: Sequence[importing.Explained]) -> list[list[importing.Explained]]:
    """Of many files those of one kind together, but for those in which something is wrong."""
    found: dict[object, list[importing.Explained]] = {}
    for number, file in enumerate(files):
        alone = len(files) <= MANY or file.failed or file.repaired
        found.setdefault(number if alone else (file.title, file.reason), []).append(file)
    return [*found.values()]


def _some(files: Sequence[importing.Explained]) -> str:
    others = f" and {len(files) - EXAMPLES:,} more" if len(files) > EXAMPLES else ""
    return ", ".join(file.where for file in files[:EXAMPLES]) + others


def _inside(file: importing.Explained) -> Iterator[str]:
    if not file.format:
        return
    yield f"{counted(file.elements, 'element')}: {', '.join(_counts(file)) or 'nothing to import'}"
    told = reconciliation.told({"left_out": file.left_out})
    if told.left_out:
        yield f"left out: {'; '.join(told.left_out)}"
    for name, number in file.unknown_content.items():
        yield f"unknown to us: {number:,} of “{name}”"
    if file.repaired:
        yield "some of its bytes are not UTF-8 text, and will be read as �"


def _counts(file: importing.Explained) -> Iterator[str]:
    if file.conversations:
        said = f"{counted(file.messages, 'message')} of yours, {counted(file.answers, 'answer')}"
        yield f"{counted(file.conversations, 'conversation')} ({said})"
    if file.again:
        yield f"{file.again:,} seen before"
    if file.empty:
        yield f"{file.empty:,} empty"
    for reasons, what in ((file.skipped, "left out"), (file.failed, "not readable")):
        for reason, number in reasons.items():
            yield f"{number:,} {what} ({importing.explained(reason)})"
    if file.claims:
        yield f"{counted(file.claims, 'text')} about you"


def _would_be(files: Sequence[importing.Explained]) -> str:
    read = [file for file in files if file.format]
    if not read:
        return "[yellow]Nothing would be imported.[/yellow]"
    conversations = counted(sum(file.conversations for file in read), "conversation")
    messages = counted(sum(file.messages for file in read), "message")
    texts = sum(file.claims for file in read)
    claims = f", and {counted(texts, 'text')} about you," if texts else ""
    missed = sum(file.missed for file in files if not file.format)
    not_read = f" {counted(missed, 'file')} would not be read." if missed else ""
    return (
        f"An import would take {conversations} with {messages} of yours{claims} from {escape(_titles(read))}; "
        f"what is stored already isn’t stored twice.{not_read} Nothing was imported now."
    )


def _titles(files: Sequence[importing.Explained]) -> str:
    """The providers, those of most conversations first."""
    held: Counter[str] = Counter()
    for file in files:
        held[file.title or ""] += file.conversations
    return ", ".join(sorted(held, key=lambda title: (-held[title], title)))


def show_refused(error: errors.SoulprintError, files: Sequence[importing.Explained]) -> None:
    """Why nothing could be imported, of one file by its error and of all others that were handed over with it."""
    complain(error)
    others = [file for file in files if file.where != str(error.details.get("name"))]
    if others:
        say("Nor could this be imported:")
    reasons: dict[str, list[importing.Explained]] = {}
    for file in others:
        reasons.setdefault(file.reason, []).append(file)
    for reason in [*reasons][:NAMED]:
        say(f"  {_some(reasons.pop(reason))}: {reason}")
    if reasons:
        more = counted(sum(map(len, reasons.values())), "other file")
        say(f"  and {more}, as `soulprint import --explain` tells.")


# Afterwards

KEPT = "What was read is kept; the same command goes on from there."


def show_import(outcome: pipeline.Outcome, missing: importing.Missing) -> None:
    _show_report(reconciliation.told(outcome.report.as_json()), outcome.report.seconds)
    if any(each.provider in outcome.report.providers for each in missing.conversations):
        show_missing(missing)
    if outcome.note:
        say(outcome.note)
    if outcome.version:
        out.print(f"Your profile is version {outcome.version}: `soulprint profile` prints it, `soulprint up` shows it.")
    if outcome.follows:
        say("Now every conversation is read, for the next version (Ctrl-C stops; what is read is kept).")
    if outcome.why_not:
        say(outcome.why_not)


def import_json(outcome: pipeline.Outcome, status: pipeline.Status, missing: importing.Missing) -> dict[str, object]:
    """What an import came to, with the full pass that followed, as JSON has it."""
    return outcome.report.as_json() | {
        "gone": len(missing.conversations),
        "profile_version": status.version,
        "note": outcome.note,
        "full_pass": dataclasses.asdict(status.full_pass) if outcome.follows and status.full_pass else None,
        "why_no_full_pass": outcome.why_not,
    }


def _show_report(told: reconciliation.Told, seconds: float) -> None:
    out.print(f"[bold]{told.outcome}[/bold]" + (f" {escape(told.providers)}" if told.providers else ""))
    if told.held:
        out.print(f"{told.held} Read in {seconds:.1f} s.")
    _show_list("Left out on purpose:", told.left_out)
    _show_named(told.left_out_named, are_all=not told.more)
    _show_list("Of kinds that are not known here, and so left out:", told.unknown)
    if told.failed:
        out.print("[yellow]Could not be read:[/yellow]")
        for what, advice in told.failed:
            out.print(f"  {escape(what)}{'. ' if advice else ''}{escape(advice)}")
    _show_named(told.failed_named, are_all=not told.more)
    if told.sum:
        out.print(f"[dim]{told.sum}[/dim]")


def _show_list(heading: str, lines: Iterable[str]) -> None:
    for number, line in enumerate(lines):
        if not number:
            out.print(heading)
        out.print(f"  {escape(line)}")


def _show_named(named: Sequence[tuple[str, str]], *, are_all: bool) -> None:
    for where, why in named[:NAMED]:
        out.print(f"    [dim]{escape(where)}: {escape(why)}[/dim]")
    if len(named) > NAMED:
        out.print(f"    [dim]and {'' if are_all else 'at least '}{len(named) - NAMED} more[/dim]")


# What is gone at the provider


def show_missing(missing: importing.Missing) -> None:
    """That an import lacks conversations, and what can be done about it; nothing where it doesn't."""
    if missing.conversations:
        lists = f"`soulprint gone` lists {_them(missing)}"
        if missing.is_likely_a_part:
            out.print(f"{reconciliation.missing(missing)} {lists}.")
        else:
            out.print(f"{reconciliation.missing(missing)} {lists}, {_choices(missing)}.")


def _them(missing: importing.Missing) -> str:
    return "it" if len(missing.conversations) == 1 else "them"


def _choices(missing: importing.Missing) -> str:
    them = _them(missing)
    return (
        f"`soulprint gone --delete` deletes {them} here too, `soulprint gone --keep` keeps {them} and doesn't ask again"
    )


def show_gone(missing: importing.Missing, *, as_json: bool) -> None:
    """The conversations that the newest exports lack, one by one."""
    if as_json:
        show_json([each._asdict() for each in missing.conversations])
        return
    for each in missing.conversations:
        when = f"{each.started_at:%Y-%m-%d}" if each.started_at else "undated"
        told = f"{importing.title(each.provider)} · {counted(each.message_count, 'message')}"
        out.print(f"[dim]{when}[/dim]  {escape(each.title or 'untitled')}  [dim]{escape(told)}[/dim]")
    if missing.conversations:
        out.print(f"{reconciliation.missing(missing)} {_choices(missing)}.")
    else:
        out.print("Nothing is gone: the newest export of each provider carries all that other ones did.")


def show_renewed(deleted: int, renewed: pipeline.Renewed) -> None:
    """What a deletion came to."""
    were = "was" if deleted == 1 else "were"
    out.print(f"{counted(deleted, 'conversation')} {were} deleted here, with the facts that rested on nothing else.")
    if renewed.made:
        out.print(f"Your profile is version {renewed.version}, made without them.")
    elif renewed.follows:
        say("Now the profile is written anew without them (Ctrl-C stops; `soulprint pass full` goes on).")
    elif renewed.why_not:
        say(renewed.why_not)
    elif renewed.version:
        say("Nothing in your profile rests on them. `soulprint pass full` writes it anew all the same.")


# Claims

KINDS = {
    ClaimKind.ABOUT_ME: "Custom instructions: what assistants should know about you",
    ClaimKind.HOW_TO_ANSWER: "Custom instructions: how assistants should answer",
    ClaimKind.PROJECT_INSTRUCTIONS: "Instructions of projects",
    ClaimKind.PROVIDER_MEMORY: "Written by {provider}’s memory, to be checked",
}
"""Kind of claim -> who says it, of one provider."""


def claims_by_kind(claims: Iterable[Claim]) -> list[tuple[str, list[tuple[ClaimKind, list[Claim]]]]]:
    """Claims, which come the newest first, by provider and kind."""
    order = [*KINDS]
    known = [claim for claim in claims if claim.kind in order]
    known.sort(key=lambda claim: (importing.title(claim.provider).casefold(), order.index(ClaimKind(claim.kind))))
    return [
        (provider, [(ClaimKind(kind), [*found]) for kind, found in groupby(of, lambda claim: claim.kind)])
        for provider, of in groupby(known, lambda claim: claim.provider)
    ]


def claims_heading(kind: ClaimKind, provider: str) -> str:
    """Who says claims of this kind."""
    return KINDS[kind].format(provider=importing.title(provider))


def show_claims(claims: Sequence[Claim], *, as_json: bool) -> None:
    if as_json:
        told = ("id", "provider", "kind", "text", "said_at")
        show_json([{name: getattr(claim, name) for name in told} for claim in claims])
        return
    for provider, kinds in claims_by_kind(claims):
        for kind, found in kinds:
            out.print(f"\n[bold]{escape(importing.title(provider))}[/bold] · {escape(claims_heading(kind, provider))}")
            for claim in found:
                when = f"{claim.said_at:%Y-%m-%d}" if claim.said_at else "undated"
                out.print(f"  [dim]{when}[/dim]")
                out.print("\n".join(f"    {line}" for line in escape(claim.text).splitlines()))
    if not claims:
        out.print("No export said anything about you beside the conversations.")
    elif not as_json:
        err.print("[dim]The profile is written with these in mind; facts rest on your own messages alone.[/dim]")
