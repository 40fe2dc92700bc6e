"""Fixtures for tests that listen to what is told: mailboxes, and a receiver of the webhook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notices.receivers import Hook, Mailbox, hook, mailbox


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as server:
        yield server


@pytest.fixture
def operator() -> Iterator[Mailbox]:
    with mailbox() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Hook]:
    with hook() as server:
        yield server
