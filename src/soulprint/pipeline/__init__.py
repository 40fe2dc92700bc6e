"""The order of the stages, made to survive. In: an export handed over. Out: a profile, or a reason why not."""

from __future__ import annotations

from soulprint.pipeline.background import Background
from soulprint.pipeline.first_profile import Outcome, import_export, quick_profile
from soulprint.pipeline.status import ImportState, RunState, Status, status, watch

__all__ = [
    "Background",
    "ImportState",
    "Outcome",
    "RunState",
    "Status",
    "import_export",
    "quick_profile",
    "status",
    "watch",
]
