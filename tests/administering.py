"""Databases besides the one of all tests, made by the administrator of the tests' server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from soulprint.database import launcher
from soulprint.database.engine import driver_url


@contextmanager
def administrator(server: launcher.Server, database: str = launcher.ADMIN) -> Iterator[psycopg.Connection]:
    """A connection that may do everything, each statement at once."""
    passwords = json.loads((server.home / "postgres.passwords").read_text())
    rights = {"username": launcher.ADMIN, "password": passwords[launcher.ADMIN]}
    url = driver_url(server.url).set(drivername="postgresql", database=database, **rights)
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def create(server: launcher.Server, database: str, template: str = "template1") -> None:
    """A database of the application's own role."""
    with administrator(server) as admin:
        admin.execute(f"create database {database} template {template} owner {launcher.ROLE}".encode())


def drop(server: launcher.Server, database: str) -> None:
    with administrator(server) as admin:
        admin.execute(f"drop database {database} with (force)".encode())
