"""What a person takes with them. In: everything kept of an account. Out: an archive of it, as it is written."""

from __future__ import annotations

from soulprint.handoff.archive import archived

__all__ = ["archived"]
