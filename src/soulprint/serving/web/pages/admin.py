"""What operators see: how passes go, what waits, what fails and what it costs. Never what anybody wrote."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from soulprint import operating
from soulprint.operating import AccountRow, Overview, RunDetail, RunRow
from soulprint.serving.door import At
from soulprint.serving.parameters import Given, Text
from soulprint.serving.web import plots, rendering
from soulprint.serving.web.contexts import Page
from soulprint.serving.web.plots import Mark, Plot, Word

router = APIRouter(prefix="/admin")

RUNS = 50
ACCOUNTS = 25
WIDTH = 640
STATUSES = ("processing", "complete", "failed", "paused", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operators(Page):
    title: str = "Operators"
    style: str = "admin"
    tab: str
    """The address of the one of the pages that this is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin(Operators):
    tab: str = "/admin"
    now: Overview
    plot: Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs(Operators):
    """Passes of all accounts, the latest first."""

    title: str = "Passes"
    tab: str = "/admin/runs"
    asked: Asked
    runs: Sequence[RunRow]
    next: str | None
    """The address of the next page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Operators):
    title: str = "Pass"
    tab: str = "/admin/runs"
    run: RunDetail


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts(Operators):
    title: str = "Accounts"
    tab: str = "/admin/accounts"
    accounts: Sequence[AccountRow]
    next: str | None


class Asked(BaseModel):
    """Which passes are listed, as the address says."""

    kind: Text = ""
    status: Text = ""
    reason: Text = ""
    account: Given[uuid.UUID] = None
    day: Given[date] = None
    before: Given[uuid.UUID] = None

    @property
    def narrows(self) -> bool:
        return any((self.kind, self.status, self.reason, self.account, self.day))

    def wanted(self) -> operating.Wanted:
        return operating.Wanted(self.kind, self.status, self.reason, self.account, self.day)

    def address(self, before: uuid.UUID) -> str:
        asked = self.model_dump(mode="json", exclude_defaults=True) | {"before": str(before)}
        return f"/admin/runs?{urlencode(asked)}"


@router.get("")
async def overview(door: At) -> HTMLResponse:
    return rendering.page("admin/overview.html", await _overview(door))


@router.get("/live")
async def overview_again(door: At) -> HTMLResponse:
    """What of the page changes by itself."""
    return rendering.page("admin/_overview.html", await _overview(door))


@router.get("/runs")
async def runs(door: At, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    found = await operating.runs(door.database, asked.wanted(), before=asked.before, most=RUNS + 1)
    page, more = found[:RUNS], len(found) > RUNS
    context = Runs(asked=asked, runs=page, next=asked.address(page[-1].id) if more else None)
    return rendering.page("admin/runs.html", context)


@router.get("/runs/{run_id}")
async def run(door: At, run_id: uuid.UUID) -> HTMLResponse:
    return rendering.page("admin/run.html", Run(run=await operating.run(door.database, run_id)))


@router.get("/runs/{run_id}/live")
async def run_again(door: At, run_id: uuid.UUID) -> HTMLResponse:
    return rendering.page("admin/_run.html", Run(run=await operating.run(door.database, run_id)))


@router.get("/accounts")
async def accounts(door: At, after: Given[uuid.UUID] = None) -> HTMLResponse:
    found = await operating.accounts(door.database, after=after, most=ACCOUNTS + 1)
    page, more = found[:ACCOUNTS], len(found) > ACCOUNTS
    context = Accounts(accounts=page, next=f"/admin/accounts?after={page[-1].id}" if more else None)
    return rendering.page("admin/accounts.html", context)


async def _overview(door: At) -> Admin:
    now = await operating.overview(door.database)
    return Admin(now=now, plot=_plot(now))


def _plot(now: Overview) -> Plot:
    """A bar for each day: what was completed, and on it what was not."""
    days = [now.since.date() + timedelta(days=place) for place in range(operating.DAYS)]
    counts: Counter[tuple[date, bool]] = Counter()
    for row in now.days:
        counts[row.day, row.status in ("complete", "processing")] += row.passes
    totals = [counts[day, True] + counts[day, False] for day in days]
    top = max(1, *totals)
    across = (WIDTH - plots.LEFT) / len(days)
    floor, tall = plots.HEIGHT - plots.FOOT, plots.HEIGHT - plots.FOOT - 8
    marks: list[Mark] = []
    for place, day in enumerate(days):
        x, foot = plots.LEFT + place * across + 1, float(floor)
        for went_well, kind in ((True, ""), (False, "soft")):
            height = tall * counts[day, went_well] / top
            if height:
                foot -= height
                words = "completed or at work" if went_well else "failed, paused or stopped"
                marks.append(Mark(x, foot, across - 2, height, kind, f"{day:%d %B}: {counts[day, went_well]} {words}"))
    lost = sum(counts[day, False] for day in days)
    return Plot(
        name="days",
        title="Passes a day",
        says=f"{sum(totals):,} in {operating.DAYS} days, {lost:,} of them failed, paused or stopped (the paler part).",
        columns=("Day (UTC)", "Completed or at work", "Failed, paused or stopped"),
        rows=[[f"{day:%Y-%m-%d}", f"{counts[day, True]:,}", f"{counts[day, False]:,}"] for day in reversed(days)],
        marks=marks,
        words=[
            *(Word(plots.LEFT + (place + 0.5) * across, plots.HEIGHT - 4, f"{day.day} {day:%b}")
              for place, day in enumerate(days) if place % 7 == len(days) % 7),
            Word(plots.LEFT - 4, 12, f"{top:,}", "end"),
            Word(plots.LEFT - 4, floor, "0", "end"),
        ],
        width=WIDTH,
    )  # fmt: skip
