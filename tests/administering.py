"""Databases besides the one of all tests, made by the administrator of the tests' server."""

from __future__ import annotations

from soulprint.database import launcher


def create(server: launcher.Server, database: str, template: str = "template1") -> None:
    """A database of the application's own role."""
    with launcher.administrator(server) as admin:
        admin.execute(f"create database {database} template {template} owner {launcher.ROLE}".encode())


def drop(server: launcher.Server, database: str) -> None:
    with launcher.administrator(server) as admin:
        admin.execute(f"drop database {database} with (force)".encode())
