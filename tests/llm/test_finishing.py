from __future__ import annotations

import asyncio

import pytest

from soulprint.llm.finishing import to_its_end

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("times", [1, 3])
async def test_work_ends_although_its_caller_is_cancelled(times: int) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    done = []

    async def work() -> None:
        begun.set()
        await go_on.wait()
        done.append(True)

    caller = asyncio.create_task(to_its_end(work()))
    await begun.wait()
    for _ in range(times):
        caller.cancel()
        await asyncio.sleep(0)
    assert not caller.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert done == [True]


async def test_what_it_gives_or_raises_is_passed_on() -> None:
    async def answer() -> int:
        return 42

    async def fail() -> int:
        raise ValueError

    assert await to_its_end(answer()) == 42
    with pytest.raises(ValueError):
        await to_its_end(fail())
