"""What one call of a model costs this process: CPU time of a pydantic-ai run by itself, and of what we put around it.

    python -m bench.calls --calls 200

A prompt of 16 KB, an answer of 15 facts, the model server in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel, Field
from pydantic_ai import Agent
from pydantic_ai.models import Model
from pydantic_ai.models.wrapper import WrapperModel
from sqlalchemy import insert

from bench import homes
from bench.exports import Writer
from soulprint import llm
from soulprint.database import Database, opened
from soulprint.records import Run
from soulprint.settings import Credentials, Settings
from tests.rows import add_account

PROMPT = 16_000
FACTS = 15


class Fact(BaseModel):
    category: str
    statement: str
    quote: str
    message: str


class Facts(BaseModel):
    facts: list[Fact] = Field(min_length=FACTS)


@contextmanager
def server(latency: float) -> Iterator[Settings]:
    """The model server in a process of its own, and settings that lead to it."""
    command = [sys.executable, "-m", "tests.model_server", "--latency", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, homes.home() as home:
        assert process.stdout
        address = process.stdout.readline().split()[0].partition("=")[2]
        credentials = Credentials.model_validate({"openai_base_url": address, "openai_api_key": "test-key"})
        values = {"home": home, "model": "openai:gpt-5-mini", "credentials": credentials, "concurrency": 50}
        try:
            yield Settings.model_validate(values)
        finally:
            process.terminate()


async def measure(settings: Settings, database: Database, calls: int) -> None:
    account, run = await add_account(database), uuid.uuid4()
    async with database.session(account) as session:
        await session.execute(insert(Run).values(id=run, user_id=account, kind="full", model=settings.model))
    writer = Writer()
    prompts = [f"[m{number} 2024] {writer.text(PROMPT // 70)}"[:PROMPT] for number in range(calls)]
    ours = llm.model(settings, llm.Role.EXTRACT, database, account, run=run)
    await Agent(ours, output_type=Facts).run("warm up")
    bare = await cost(unwrapped(ours), prompts)
    print(f"pydantic-ai alone     {bare:6.2f} ms of CPU a call")
    for name, model in (("with all of ours", ours), ("from the journal", ours)):
        taken = await cost(model, prompts)
        print(f"{name}      {taken:6.2f} ms of CPU a call, {taken - bare:+.2f}")


def unwrapped(model: Model) -> Model:
    while isinstance(model, WrapperModel):
        model = model.wrapped
    return model


async def cost(model: Model, prompts: list[str]) -> float:
    """Milliseconds of this process's CPU for each prompt, ten in flight."""
    agent = Agent(model, output_type=Facts)
    places = asyncio.Semaphore(10)

    async def ask(prompt: str) -> None:
        async with places:
            await agent.run(prompt)

    began = time.process_time()
    await asyncio.gather(*map(ask, prompts))
    return (time.process_time() - began) / len(prompts) * 1000


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.calls")
    parser.add_argument("--calls", type=int, default=200)
    options = parser.parse_args()
    with server(latency=0.02) as settings:
        async with opened(settings) as database:
            await measure(settings, database, options.calls)
        await llm.close()


if __name__ == "__main__":
    asyncio.run(main())
