from __future__ import annotations

import asyncio

import pytest

from soulprint.facts.finding.getting_ready import PLACES, getting_ready


async def held(entered: list[int], number: int, go_on: asyncio.Event) -> None:
    async with getting_ready():
        entered.append(number)
        await go_on.wait()


@pytest.mark.anyio
async def test_few_are_made_ready_at_a_time_and_in_order() -> None:
    entered: list[int] = []
    go_on = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for number in range(PLACES + 2):
            tasks.create_task(held(entered, number, go_on))
        await asyncio.sleep(0.01)
        assert entered == [*range(PLACES)]
        go_on.set()
    assert entered == [*range(PLACES + 2)]


@pytest.mark.anyio
async def test_who_is_ready_makes_room_for_one_and_no_more() -> None:
    entered: list[int] = []
    go_on = asyncio.Event()
    async with asyncio.TaskGroup() as tasks, getting_ready() as ready:
        for number in range(PLACES + 1):
            tasks.create_task(held(entered, number, go_on))
        ready()
        ready()
        await asyncio.sleep(0.01)
        assert len(entered) == PLACES
        go_on.set()


@pytest.mark.anyio
async def test_an_error_gives_the_place_back() -> None:
    for _ in range(PLACES + 1):
        with pytest.raises(ValueError, match="broken"):
            async with getting_ready():
                raise ValueError("broken")
