"""Makes the first profile of a real export with a real model and says how well it rests on what was said.

    python -m evals.quick_pass.run EXPORT.zip anthropic:claude-haiku-4-5

The text of the export goes to that model's provider, and costs what it costs. Nothing is kept: the data goes into a
throw-away folder.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from soulprint import accounts, database, llm, pipeline, quick_pass
from soulprint.database import Database
from soulprint.records.sections import Draft, Line, Measure
from soulprint.settings import Settings


async def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="soulprint-eval-") as home:
        settings = Settings().model_copy(update={"home": Path(home), "model": options.model})
        llm.check(settings)
        async with database.opened(settings) as db:
            account = await _imported(db, settings, options.export)
            started = time.monotonic()
            draft = await quick_pass.draft(db, account, settings)
            await llm.close()
            _print(draft, time.monotonic() - started)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("model", help="provider:name, or local")
    return parser.parse_args()


async def _imported(db: Database, settings: Settings, export: Path) -> uuid.UUID:
    account = await accounts.local(db)
    outcome = await pipeline.import_export(db, account, settings, [export], names=export.name, profile=False)
    report = outcome.report
    print(f"{report.conversations} conversations, {report.messages['user']} messages of the person")
    return account


def _print(draft: Draft, seconds: float) -> None:
    for name, field, line in _lines(draft):
        print(f"{name}.{field}: {line.text}")
        for source in line.sources:
            said = f"{source.name}: {source.value}" if isinstance(source, Measure) else source.text
            print(f"    {source.kind}: {' '.join(said.split())[:110]}")
    lines = [line for name, _, line in _lines(draft) if name != "identity"]
    cited = sum(bool(line.sources) for line in lines)
    fields = {(name, field) for name, field, _ in _lines(draft)}
    print(f"\nmodel {draft.model}, {seconds:.1f} s, {draft.cost_usd:.4f} USD")
    print(f"{draft.conversations_read} of {draft.conversations_total} conversations read")
    print(f"{cited} of {len(lines)} lines cite something, {len(fields)} fields filled")
    print(f"note: {draft.note or 'none'}")


def _lines(draft: Draft) -> Iterator[tuple[str, str, Line]]:
    for name, section in draft.sections.each():
        for field, _, lines in section.fields():
            yield from ((name, field, line) for line in lines)


if __name__ == "__main__":
    asyncio.run(main())
