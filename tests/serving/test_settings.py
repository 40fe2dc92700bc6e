"""Settings over REST and on their page: kept, explained where they can't be, and no key in any answer."""

from __future__ import annotations

import dataclasses
from typing import Any

import keyring
import pytest

from soulprint.choices import keys
from soulprint.settings import Credentials
from tests.choices.test_choices import PLANTED, InMemory
from tests.model_server import Fault, ModelServer
from tests.model_server.fixtures import changed
from tests.notices.receivers import Mailbox
from tests.serving.conftest import Live
from tests.serving.test_pages import shown

pytestmark = pytest.mark.anyio

AWAY = {"values": {"model": "openai:gpt-5-mini"}}


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(keys, "_session", {})
    monkeypatch.setattr(keys, "_read", {})
    before = keyring.get_keyring()
    keyring.set_keyring(ring := InMemory())
    yield ring
    keyring.set_keyring(before)


def keyed(live: Live, credentials: Credentials, **values: Any) -> None:
    """Serve with keys and addresses of the test server from now on."""
    door = live.app.state.door
    live.app.state.door = dataclasses.replace(door, started=changed(door.started, credentials=credentials, **values))


async def problem(live: Live, method: str, address: str, **request: Any) -> tuple[int, str]:
    response = await live.visitor.request(method, f"/api/v1/settings{address}", **request)
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["detail"]


async def test_a_change_holds_at_once(live: Live) -> None:
    response = await live.visitor.patch("/api/v1/settings", json={"values": {"ceiling": 7.5, "mask_contacts": True}})
    assert response.json()["values"]["ceiling"] == 7.5
    found = (await live.visitor.get("/api/v1/settings")).json()
    assert found["values"]["mask_contacts"] is True
    assert found["fixed"] == []
    page = await shown(live, "/settings")
    assert [one["value"] for one in page.named("input") if one.get("id") == "set-ceiling"] == ["7.50"]


async def test_what_the_environment_sets_is_shown_and_stays(live: Live, credentials: Credentials) -> None:
    keyed(live, credentials, ceiling=1.0)
    status, detail = await problem(live, "PATCH", "", json={"values": {"ceiling": 7.5}})
    assert (status, "SOULPRINT_CEILING" in detail) == (409, True)
    page = await shown(live, "/settings")
    assert "Set by SOULPRINT_CEILING where SoulPrint was started." in " ".join(page.text.split())
    assert "Set by OPENAI_API_KEY" in " ".join(page.text.split())


async def test_a_wrong_value_is_explained(live: Live) -> None:
    status, detail = await problem(live, "PATCH", "", json={"values": {"zone": "Mars/Olympus"}})
    assert (status, detail) == (
        422,
        "zone can't be set so: there is no time zone 'Mars/Olympus'. What was set before stays.",
    )


async def test_text_goes_to_a_model_elsewhere_after_consent(live: Live, ring: InMemory) -> None:
    await live.visitor.put("/api/v1/settings/keys/openai_api_key", json={"value": PLANTED})
    status, detail = await problem(live, "PATCH", "", json=AWAY)
    assert status == 409
    assert detail.startswith("With this choice, text of yours goes to OpenAI (api.openai.com)")
    response = await live.visitor.patch("/api/v1/settings", json=AWAY | {"consent": True})
    assert response.json()["goes"]["chat"] == "The text it needs, secrets masked, goes to OpenAI (api.openai.com)."
    assert "gpt-5-mini" in (await shown(live, "/")).text
    assert PLANTED not in response.text + (await live.visitor.get("/settings")).text
    assert PLANTED not in (await live.visitor.get("/api/v1/models")).text


async def test_a_key_that_was_kept_is_used_and_never_shown(
    live: Live, ring: InMemory, credentials: Credentials, model_server: ModelServer
) -> None:
    keyed(live, credentials.model_copy(update={"openai_api_key": None}))
    response = await live.visitor.put("/api/v1/settings/keys/openai_api_key", json={"value": model_server.key})
    assert response.json()["keys"]["openai_api_key"] == "keyring"
    await live.visitor.patch("/api/v1/settings", json=AWAY | {"consent": True})
    found = (await live.visitor.post("/api/v1/settings/trial", json={"role": "chat"})).json()
    assert found["sent"]
    assert found["model"] == "openai:gpt-5-mini"
    for address in ("/settings", "/api/v1/settings", "/api/v1/models", "/api/v1/status"):
        assert model_server.key not in (await live.visitor.get(address)).text
    assert (await live.visitor.delete("/api/v1/settings/keys/openai_api_key")).json()["keys"].keys() == {
        "anthropic_api_key"
    }
    assert ring.held == {}


async def test_a_key_is_in_no_error(live: Live, ring: InMemory) -> None:
    for value in (f"{PLANTED} {PLANTED}", f"{PLANTED}" * 500):
        status, detail = await problem(live, "PUT", "/keys/openai_api_key", json={"value": value})
        assert status == 422
        assert PLANTED not in detail
    status, detail = await problem(live, "PUT", "/keys/openai_api_key", json={"value": [PLANTED]})
    assert (status, PLANTED in detail) == (422, False)
    assert (await problem(live, "PUT", "/keys/home", json={"value": PLANTED}))[0] == 404
    ring.is_locked = True
    assert PLANTED not in (await live.visitor.put("/api/v1/settings/keys/openai_api_key", json={"value": PLANTED})).text


async def test_a_model_is_tried_with_nothing_of_the_person(
    live: Live, credentials: Credentials, model_server: ModelServer
) -> None:
    keyed(live, credentials, model="openai:gpt-5-mini")
    found = (await live.visitor.post("/api/v1/settings/trial", json={"role": "quick"})).json()
    assert found["sent"]
    assert 0 < found["seconds"] < 20
    assert "Answer with the one word" in model_server.sent()
    again = (await live.visitor.post("/api/v1/settings/trial", json={"role": "quick"})).json()
    assert again["sent"]
    assert len(model_server.requests) == 2


@pytest.mark.parametrize(
    ("fault", "told"),
    [(Fault.UNAUTHORIZED, "refused"), (Fault.SERVER_ERROR, "can't be reached"), (Fault.DROPPED, "can't be reached")],
)
async def test_what_is_wrong_with_a_model_is_said_in_words(
    live: Live, credentials: Credentials, model_server: ModelServer, fault: Fault, told: str
) -> None:
    keyed(live, credentials, model="openai:gpt-5-mini")
    model_server.fail(fault)
    status, detail = await problem(live, "POST", "/trial", json={"role": "chat"})
    assert status >= 400
    assert "openai:gpt-5-mini" in detail
    assert told in detail
    assert len(model_server.requests) == 1


async def test_the_local_engine_is_tried_by_sending_nothing(live: Live, model_server: ModelServer) -> None:
    found = (await live.visitor.post("/api/v1/settings/trial", json={"role": "chat"})).json()
    assert found == {"model": "local", "sent": False, "seconds": 0.0}


async def test_what_a_model_would_read_can_be_tried(live: Live) -> None:
    choice = {"values": {"mask_contacts": True, "mask_words": ["Ada Lovelace"]}}
    await live.visitor.patch("/api/v1/settings", json=choice)
    said = "Ask ada  lovelace at ada@example.org, the password is hunter2!"
    found = (await live.visitor.post("/api/v1/settings/masked", json={"text": said})).json()
    assert found == {"text": "Ask [secret: private] at [secret: contact], the password is [secret: password]"}


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise looks for it where there is one
async def test_where_to_tell_is_tried(live: Live, post: Mailbox) -> None:
    assert (await problem(live, "POST", "/notice"))[0] == 400
    await live.visitor.put("/api/v1/settings/keys/notify", json={"value": post.address})
    assert (await live.visitor.post("/api/v1/settings/notice")).json() == {"note": None}
    assert [each["subject"] for each in post.received] == ["SoulPrint reaches you here"]
    page = await live.visitor.get("/settings")
    assert "hush-pw" not in page.text


async def test_elsewhere_nobody_has_the_server_send_to_any_address(live: Live, ring: InMemory) -> None:
    live.app.state.door = dataclasses.replace(live.app.state.door, local=False)
    status, _ = await problem(live, "PUT", "/keys/notify", json={"value": "json://169.254.169.254"})
    assert status == 403
    assert ring.held == {}
