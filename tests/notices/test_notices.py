from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import uuid
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from soulprint import errors, notices
from soulprint.database import Database
from soulprint.notices import webhook
from soulprint.records import Import, Notice, Run
from soulprint.settings import Settings
from tests.notices.receivers import Hook, Mailbox

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated"),  # apprise looks for it where there is one
]

COUNTS = {
    "soulprint_ready": True,
    "memory_building": False,
    "chunks_embedded": 812,
    "processing_time": 61.5,
    "facts": 1_234,
    "conversations": 1,
    "user_id": "someone else",
    "version": 2,
}


@pytest.fixture
def told(settings: Settings, post: Mailbox, receiver: Hook) -> Settings:
    """Settings in which every channel is set."""
    return settings.model_copy(
        update={
            "notify": SecretStr(post.address),
            "alert": SecretStr(post.address),
            "webhook_url": receiver.url,
            "webhook_secret": SecretStr("s3cret"),
        }
    )


async def add_run(
    database: Database, account: uuid.UUID, kind: str = "full", import_id: uuid.UUID | None = None
) -> uuid.UUID:
    run = uuid.uuid4()
    async with database.session(account) as session:
        session.add(Run(id=run, user_id=account, kind=kind, model="local", status="complete", import_id=import_id))
    return run


async def add_import(database: Database, account: uuid.UUID) -> uuid.UUID:
    made = uuid.uuid4()
    async with database.session(account) as session:
        session.add(Import(id=made, user_id=account, names="export.zip", status="complete"))
    return made


async def announce(
    database: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID, kind: str, **payload: object
) -> list[int]:
    async with database.session(account) as session:
        return await notices.announce(session, settings, account, run, kind, COUNTS | payload)


async def row(database: Database, account: uuid.UUID, notice: int) -> Notice:
    async with database.session(account) as session:
        return (await session.scalars(select(Notice).where(Notice.id == notice))).one()


async def test_the_person_is_told_that_the_profile_is_ready(
    database: Database, account: uuid.UUID, told: Settings, post: Mailbox
) -> None:
    run = await add_run(database, account, "quick")
    (notice,) = await announce(database, account, told, run, "ready", memory_building=True)
    await notices.deliver(database, account, told, notice)
    (message,) = post.received
    assert message["subject"] == "Your profile is ready"
    assert "memory is being built" in text(message)
    sent = await row(database, account, notice)
    assert (sent.status, sent.attempts, sent.error, sent.payload) == ("sent", 1, None, {"memory_building": True})
    assert sent.sent_at is not None


async def test_the_person_is_told_what_version_two_rests_on(
    database: Database, account: uuid.UUID, told: Settings, post: Mailbox
) -> None:
    (notice,) = await announce(database, account, told, await add_run(database, account), "smarter")
    await notices.deliver(database, account, told, notice)
    (message,) = post.received
    assert message["subject"] == "Your assistant just got smarter"
    assert "1 conversation read, 1,234 facts found" in text(message)


async def test_sending_again_sends_nothing(
    database: Database, account: uuid.UUID, told: Settings, post: Mailbox, receiver: Hook
) -> None:
    run = await add_run(database, account)
    ids = [
        *await announce(database, account, told, run, "smarter"),
        *await announce(database, account, told, run, "complete"),
    ]
    for _ in range(2):
        for notice in ids:
            await notices.deliver(database, account, told, notice)
    assert (len(post.received), len(receiver.received)) == (1, 1)


async def test_announcing_again_adds_nothing(database: Database, account: uuid.UUID, told: Settings) -> None:
    run = await add_run(database, account)
    for kind in ("ready", "smarter", "complete", "alert"):
        payload = {"stage": "extract", "error": "TooManyFailed"}
        assert len(await announce(database, account, told, run, kind, **payload)) == 1
        assert await announce(database, account, told, run, kind, **payload) == []


async def test_nothing_is_announced_where_nobody_listens(
    database: Database, account: uuid.UUID, settings: Settings, receiver: Hook
) -> None:
    run = await add_run(database, account)
    unsigned = settings.model_copy(update={"webhook_url": receiver.url})
    for kind in ("ready", "smarter", "complete", "alert"):
        assert await announce(database, account, unsigned, run, kind, stage="extract", error="X") == []


async def test_a_failed_full_pass_says_ready_only_to_who_has_not_heard_it(
    database: Database, account: uuid.UUID, told: Settings
) -> None:
    first, second = await add_import(database, account), await add_import(database, account)
    quick = await add_run(database, account, "quick", first)
    assert await announce(database, account, told, quick, "ready", memory_building=True)
    assert await announce(database, account, told, await add_run(database, account, "full", first), "ready") == []
    assert await announce(database, account, told, await add_run(database, account, "full"), "ready") == []
    (notice,) = await announce(database, account, told, await add_run(database, account, "full", second), "ready")
    await notices.give_up(database, account, notice)
    assert await announce(database, account, told, await add_run(database, account, "full", second), "ready")


async def test_the_operator_gets_counts_and_nothing_that_was_written(
    database: Database, account: uuid.UUID, told: Settings, post: Mailbox
) -> None:
    run = await add_run(database, account)
    payload = {"stage": "extract", "error": "the answer was: I live in Lyon", "note": "I live in Lyon", "failed": 7}
    (notice,) = await announce(database, account, told, run, "alert", **payload)
    await notices.deliver(database, account, told, notice)
    (message,) = post.received
    said = text(message)
    assert f"Run {run} failed in the stage extract (unknown)." in said
    assert "failed: 7" in said
    assert "facts: 1234" in said
    assert "Lyon" not in said + json.dumps((await row(database, account, notice)).payload)


async def test_the_webhook_carries_five_keys_and_a_signature(
    database: Database, account: uuid.UUID, told: Settings, receiver: Hook
) -> None:
    run = await add_run(database, account)
    (notice,) = await announce(database, account, told, run, "complete")
    await notices.deliver(database, account, told, notice)
    ((path, headers, body),) = receiver.received
    assert path == "/hook"
    assert json.loads(body) == {
        "user_id": str(account),
        "soulprint_ready": True,
        "memory_building": False,
        "chunks_embedded": 812,
        "processing_time": 61.5,
    }
    moment, signature = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["x-soulprint-signature"]).groups()  # type: ignore[union-attr]
    assert hmac.new(b"s3cret", f"{moment}.".encode() + body, hashlib.sha256).hexdigest() == signature
    assert (headers["x-soulprint-event"], headers["x-soulprint-timestamp"]) == ("import/complete", moment)
    assert headers["content-type"] == "application/json"


def test_the_documented_check_takes_a_real_signature_and_no_other() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "notices.md").read_text()
    code = docs.partition("```python\n")[2].partition("```")[0]
    names: dict[str, object] = {}
    exec(code, names)
    verify = names["verified"]
    assert callable(verify)
    signed = webhook.signature("s3cret", 2_000_000_000, b"{}")
    assert verify(b"{}", signed, "s3cret", now=2_000_000_100)
    assert not verify(b"{ }", signed, "s3cret", now=2_000_000_100)
    assert not verify(b"{}", signed, "other", now=2_000_000_100)
    assert not verify(b"{}", signed, "s3cret", now=2_000_001_000)


async def test_a_webhook_that_fails_is_tried_again_under_the_same_id(
    database: Database, account: uuid.UUID, told: Settings, receiver: Hook
) -> None:
    receiver.statuses.extend([500, 429])
    (notice,) = await announce(database, account, told, await add_run(database, account), "complete")
    for attempt, status in enumerate((500, 429), 1):
        with pytest.raises(errors.NoticeUndelivered, match=f"answered {status}"):
            await notices.deliver(database, account, told, notice)
        noted = await row(database, account, notice)
        assert (noted.status, noted.attempts) == ("waiting", attempt)
        assert "private answer" not in str(noted.error)
    await notices.deliver(database, account, told, notice)
    assert ((await row(database, account, notice)).status, len(receiver.received)) == ("sent", 3)
    assert len({headers["x-soulprint-delivery"] for _, headers, _ in receiver.received}) == 1


async def test_a_redirect_is_not_followed(
    database: Database, account: uuid.UUID, told: Settings, receiver: Hook
) -> None:
    receiver.statuses.append(307)
    (notice,) = await announce(database, account, told, await add_run(database, account), "complete")
    with pytest.raises(errors.NoticeUndelivered, match="answered 307"):
        await notices.deliver(database, account, told, notice)
    assert [path for path, _, _ in receiver.received] == ["/hook"]


@pytest.mark.parametrize("url", ["http://example.org/hush-key", "ftp://127.0.0.1/hush-key", "hush-key", "https://"])
async def test_an_address_that_others_could_read_along_is_refused(
    database: Database, account: uuid.UUID, told: Settings, url: str
) -> None:
    elsewhere = told.model_copy(update={"webhook_url": url})
    (notice,) = await announce(database, account, elsewhere, await add_run(database, account), "complete")
    with pytest.raises(errors.NoticeUndelivered, match="SOULPRINT_WEBHOOK_URL can't be used"):
        await notices.deliver(database, account, elsewhere, notice)
    assert "hush" not in str((await row(database, account, notice)).error)


async def test_nobody_at_home_is_noted_without_the_address(
    database: Database, account: uuid.UUID, told: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    closed = told.model_copy(
        update={
            "notify": SecretStr("mailto://ines:hush-pw@127.0.0.1:1/?from=a@example.org&to=b@example.org&mode=insecure"),
            "webhook_url": "http://127.0.0.1:1/hush-key",
        }
    )
    run = await add_run(database, account)
    for kind in ("smarter", "complete"):
        (notice,) = await announce(database, account, closed, run, kind)
        with pytest.raises(errors.NoticeUndelivered) as raised:
            await notices.deliver(database, account, closed, notice)
        noted = await row(database, account, notice)
        assert (noted.status, noted.attempts) == ("waiting", 1)
        assert "hush" not in f"{raised.value} {noted.error} {caplog.text}"
        assert "example.org" not in f"{raised.value} {noted.error} {caplog.text}"


async def test_a_mail_server_that_is_busy_is_tried_again(
    database: Database, account: uuid.UUID, told: Settings, post: Mailbox
) -> None:
    post.refused = 1
    (notice,) = await announce(database, account, told, await add_run(database, account), "smarter")
    with pytest.raises(errors.NoticeUndelivered):
        await notices.deliver(database, account, told, notice)
    await notices.deliver(database, account, told, notice)
    assert ((await row(database, account, notice)).status, len(post.received)) == ("sent", 1)


async def test_who_was_reached_is_not_bothered_again(
    database: Database, account: uuid.UUID, told: Settings, post: Mailbox
) -> None:
    both = told.model_copy(update={"notify": SecretStr(f"{post.address} {post.address.replace(str(post.port), '1')}")})
    (notice,) = await announce(database, account, both, await add_run(database, account), "smarter")
    await notices.deliver(database, account, both, notice)
    sent = await row(database, account, notice)
    assert (sent.status, sent.error) == ("sent", "Only 1 of 2 addresses could be reached.")
    assert len(post.received) == 1


@pytest.mark.parametrize("address", ["nothing at all", "mailto://", "gopher://hush-pw"])
async def test_an_address_nobody_knows_is_said_to_be_wrong(
    database: Database, account: uuid.UUID, told: Settings, address: str
) -> None:
    wrong = told.model_copy(update={"notify": SecretStr(address)})
    (notice,) = await announce(database, account, wrong, await add_run(database, account), "smarter")
    with pytest.raises(errors.NoticeUndelivered, match="SOULPRINT_NOTIFY can't be used") as raised:
        await notices.deliver(database, account, wrong, notice)
    assert "hush" not in str(raised.value)


async def test_what_was_given_up_is_not_sent(
    database: Database, account: uuid.UUID, told: Settings, post: Mailbox
) -> None:
    (notice,) = await announce(database, account, told, await add_run(database, account), "smarter")
    await notices.give_up(database, account, notice)
    await notices.deliver(database, account, told, notice)
    assert ((await row(database, account, notice)).status, post.received) == ("failed", [])
    await notices.deliver(database, uuid.uuid4(), told, notice)


async def test_two_processes_do_not_send_it_twice(
    database: Database, account: uuid.UUID, told: Settings, post: Mailbox
) -> None:
    (notice,) = await announce(database, account, told, await add_run(database, account), "smarter")
    async with database.hold(f"notice {notice}") as held:
        assert held
        with pytest.raises(errors.NoticeUndelivered, match="another process"):
            await notices.deliver(database, account, told, notice)
    assert (post.received, (await row(database, account, notice)).attempts) == ([], 0)


def text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return " ".join(content.split())
