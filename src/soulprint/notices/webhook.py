"""The webhook `import/complete`: a signed POST to an address the operator set."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import time
import uuid

import httpx

from soulprint import errors
from soulprint.records import Notice

EVENT = "import/complete"
TIMEOUT = 10.0
"""Seconds to connect, and to wait for each piece of an answer."""


async def post(url: str, secret: str, notice: Notice) -> None:
    """Post the notice. Redirects are not followed, and of the answer only the status is looked at.

    Raises `errors.SettingWrong` for an address that is neither https nor this machine, `errors.NoticeUndelivered` for
    any answer but a 2xx.
    """
    here = _leads_here(url)
    moment, content = int(time.time()), body(notice)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "SoulPrint",
        "X-SoulPrint-Event": EVENT,
        "X-SoulPrint-Delivery": str(uuid.uuid5(notice.run_id, EVENT)),
        "X-SoulPrint-Timestamp": str(moment),
        "X-SoulPrint-Signature": signature(secret, moment, content),
    }
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=not here) as client,
            client.stream("POST", url, content=content, headers=headers) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _undelivered(notice, f"the connection failed ({type(error).__name__})") from None
    if not 200 <= status < 300:
        raise _undelivered(notice, f"it answered {status}")


def body(notice: Notice) -> bytes:
    """Five keys: the account, and what the notice keeps."""
    return json.dumps({"user_id": str(notice.user_id), **notice.payload}, separators=(",", ":")).encode()


def signature(secret: str, moment: int, content: bytes) -> str:
    """`t=<unix time>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, the scheme of Stripe
    (https://docs.stripe.com/webhooks#verify-manually): the time is signed too, so that nobody can play it again later.
    """
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + content, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def _leads_here(url: str) -> bool:
    """Whether the address is this machine's own."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise errors.SettingWrong(name="SOULPRINT_WEBHOOK_URL", reason="it is not an address") from None
    here = parsed.scheme in {"http", "https"} and _is_loopback(parsed.host)
    if not parsed.host or not (here or parsed.scheme == "https"):
        reason = "it has to begin with https://, as only this machine is called without"
        raise errors.SettingWrong(name="SOULPRINT_WEBHOOK_URL", reason=reason)
    return here


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _undelivered(notice: Notice, reason: str) -> errors.NoticeUndelivered:
    return errors.NoticeUndelivered(kind=notice.kind, channel=notice.channel, reason=reason)
