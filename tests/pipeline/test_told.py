"""What people, other systems and operators are told of passes, through a real mail server and a real webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from soulprint import pipeline
from soulprint.database import Database
from soulprint.pipeline import full_pass
from soulprint.records import Notice
from soulprint.settings import Settings
from tests.importing import exports
from tests.model_server import Fault, ModelServer, reader
from tests.model_server.fixtures import OPENAI, changed
from tests.notices.receivers import Hook, Mailbox
from tests.pipeline.passes import SAID, add_history, ended, passed, until

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated"),  # apprise looks for it where there is one
]

READY, SMARTER, FAILED = "Your profile is ready", "Your assistant just got smarter", "SoulPrint: a pass failed"
BUILDING = "memory is being built"
WORDS = ("Leeds", "Lyon", "Marta", "hazelnut", "nurse", "marathon")


@pytest.fixture
def telling(
    settings: Settings, post: Mailbox, operator: Mailbox, receiver: Hook, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings in which every channel is set and passes follow imports of any size; attempts follow fast."""
    monkeypatch.setattr(full_pass, "DELIVERY_WAITS", (0.1,) * 100)
    return changed(
        settings,
        notify=SecretStr(post.address),
        alert=SecretStr(operator.address),
        webhook_url=receiver.url,
        webhook_secret=SecretStr("s3cret"),
        full_pass_threshold=1,
    )


def export(folder: Path) -> Path:
    talks = [
        exports.chatgpt_conversation(f"Talk {place}", [turn for said in texts for turn in (("user", said), ANSWER)])
        for place, texts in enumerate(SAID)
    ]
    return exports.written(folder / "export.json", talks)


ANSWER = ("assistant", "That is good to know. Here is what I would suggest, in several steps. " * 3)


async def imported(database: Database, account: uuid.UUID, settings: Settings, folder: Path) -> pipeline.Outcome:
    path = export(folder)
    return await pipeline.import_export(database, account, settings, [path], names=path.name)


async def notices(database: Database, account: uuid.UUID) -> list[Notice]:
    async with database.session(account) as session:
        return list(await session.scalars(select(Notice).order_by(Notice.id)))


async def arrived(database: Database, account: uuid.UUID) -> None:
    """Wait until nothing waits to be sent."""

    async def is_over() -> bool:
        return all(notice.status != "waiting" for notice in await notices(database, account))

    await until(is_over)


def subjects(box: Mailbox) -> list[str]:
    return [str(message["subject"]) for message in box.received]


def bodies(box: Mailbox) -> list[str]:
    return [" ".join(message.get_content().split()) for message in box.received]


def hooked(receiver: Hook) -> list[dict[str, Any]]:
    """What the webhook was told, its signatures checked."""
    for _, headers, body in receiver.received:
        moment, signature = headers["x-soulprint-signature"].removeprefix("t=").split(",v1=")
        assert hmac.new(b"s3cret", f"{moment}.".encode() + body, hashlib.sha256).hexdigest() == signature
    return [json.loads(body) for _, _, body in receiver.received]


async def test_an_import_is_told_at_once_and_its_full_pass_afterwards(
    database: Database,
    account: uuid.UUID,
    telling: Settings,
    post: Mailbox,
    operator: Mailbox,
    receiver: Hook,
    tmp_path: Path,
) -> None:
    assert (await imported(database, account, telling, tmp_path)).follows
    async with pipeline.working(database, telling):
        await pipeline.start(database, account, telling)
        assert (await ended(database, account, telling)).version == 2
        await arrived(database, account)
    assert sorted(subjects(post)) == [SMARTER, READY]
    assert [
        BUILDING in body for subject, body in zip(subjects(post), bodies(post), strict=True) if subject == READY
    ] == [True]
    assert operator.received == []
    first, second = sorted(hooked(receiver), key=lambda told: told["memory_building"], reverse=True)
    keys = {"user_id", "soulprint_ready", "memory_building", "chunks_embedded", "processing_time"}
    assert first.keys() == second.keys() == keys
    assert (first["memory_building"], second["memory_building"]) == (True, False)
    assert (first["soulprint_ready"], second["soulprint_ready"]) == (True, True)
    assert second["user_id"] == str(account)
    assert second["chunks_embedded"] > 0
    told = " ".join([*bodies(post), *(body.decode() for _, _, body in receiver.received)])
    assert not [word for word in WORDS if word in told]


async def test_an_import_without_a_full_pass_is_told_by_the_process_that_imported(
    database: Database, account: uuid.UUID, telling: Settings, post: Mailbox, receiver: Hook, tmp_path: Path
) -> None:
    small = changed(telling, full_pass_threshold=50)
    assert not (await imported(database, account, small, tmp_path)).follows
    assert subjects(post) == [READY]
    assert BUILDING not in bodies(post)[0]
    assert [told["memory_building"] for told in hooked(receiver)] == [False]


async def test_what_could_not_be_sent_is_left_to_the_next_worker(
    database: Database, account: uuid.UUID, telling: Settings, post: Mailbox, receiver: Hook, tmp_path: Path
) -> None:
    post.refused, receiver.statuses = 1, type(receiver.statuses)([500])
    await imported(database, account, changed(telling, full_pass_threshold=50), tmp_path)
    assert {notice.status for notice in await notices(database, account)} == {"waiting"}
    async with pipeline.working(database, telling):
        await pipeline.resume(database, account)
        await arrived(database, account)
    assert {notice.status for notice in await notices(database, account)} == {"sent"}
    assert (subjects(post), len(receiver.received)) == ([READY], 2)


async def test_sending_goes_on_in_the_next_worker_until_it_has_arrived(
    database: Database, account: uuid.UUID, telling: Settings, post: Mailbox, receiver: Hook
) -> None:
    post.refused = 10_000
    await add_history(database, account)
    async with pipeline.working(database, telling):
        await passed(database, account, telling)
        await pipeline.told(database, account)
    (waiting,) = [notice for notice in await notices(database, account) if notice.kind == "smarter"]
    assert (waiting.status, waiting.attempts >= 1) == ("waiting", True)
    post.refused = 0
    async with pipeline.working(database, telling):
        await arrived(database, account)
    assert subjects(post) == [SMARTER]
    assert len(receiver.received) == 1


async def test_a_failure_is_told_to_the_operator_in_counts_and_to_the_person_as_nothing_new(
    database: Database,
    account: uuid.UUID,
    telling: Settings,
    post: Mailbox,
    operator: Mailbox,
    receiver: Hook,
    tmp_path: Path,
    model_server: ModelServer,
    credentials: Any,
) -> None:
    model_server.script = reader.plausible
    model = changed(telling, model=OPENAI, credentials=credentials, extract_tokens=500)
    assert (await imported(database, account, model, tmp_path)).follows
    model_server.fail(Fault.PROSE, times=500)
    async with pipeline.working(database, model):
        await pipeline.start(database, account, model)
        assert (await ended(database, account, model)).status == "failed"
        await arrived(database, account)
    assert subjects(post) == [READY]
    assert subjects(operator) == [FAILED]
    (alert,) = bodies(operator)
    assert "failed in the stage extract (TooManyFailed)" in alert
    assert "conversations: " in alert
    assert not [word for word in WORDS if word in alert]
    assert sorted(told["memory_building"] for told in hooked(receiver)) == [False, True]


async def test_a_failure_of_a_first_pass_leaves_the_person_with_the_plain_message(
    database: Database,
    account: uuid.UUID,
    telling: Settings,
    post: Mailbox,
    model_server: ModelServer,
    credentials: Any,
) -> None:
    model = changed(telling, model=OPENAI, credentials=credentials)
    await add_history(database, account)
    model_server.fail(Fault.UNAUTHORIZED, times=500)
    async with pipeline.working(database, model):
        assert (await passed(database, account, model)).status == "failed"
        await arrived(database, account)
    assert subjects(post) == [READY]
    assert BUILDING not in bodies(post)[0]
