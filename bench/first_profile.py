"""Time from a finished import to the first profile, by the number of conversations: our own time, no model beside it.

python -m bench.first_profile --conversations 100 1000 5000
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

from bench import exports, homes
from soulprint import accounts, database, pipeline
from soulprint.settings import Settings


async def measure(conversations: int, folder: Path) -> tuple[float, float]:
    """Seconds to import that many conversations, and seconds from there to the profile."""
    export = folder / f"{conversations}.zip"
    exports.write(export, conversations=conversations)
    settings = Settings.model_validate({"home": folder / f"home-{conversations}"})
    async with database.opened(settings) as db:
        account = await accounts.local(db)
        started = time.perf_counter()
        await pipeline.import_export(db, account, settings, [export], names=export.name, profile=False)
        imported = time.perf_counter()
        await pipeline.quick_profile(db, account, settings)
        return imported - started, time.perf_counter() - imported


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, nargs="+", default=[100, 1_000, 5_000])
    wanted = parser.parse_args().conversations
    print("| conversations | import s | first profile s | ms a conversation |")
    print("|---|---|---|---|")
    with homes.home() as folder:
        for conversations in wanted:
            imported, profiled = asyncio.run(measure(conversations, folder))
            each = 1000 * profiled / conversations
            print(f"| {conversations:,} | {imported:.2f} | {profiled:.2f} | {each:.2f} |", flush=True)


if __name__ == "__main__":
    main()
