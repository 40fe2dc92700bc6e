"""What a browser needs to choose of an archive the same members as the import does: patterns in the part of the syntax
that JavaScript shares."""

from __future__ import annotations

import re

from soulprint.importing import formats
from soulprint.importing.files import choosing


def patterns() -> dict[str, list[str]]:
    """By what they are for, patterns that are searched in a path in lower case with forward slashes: `known` to hold
    something to import, `readable` at all, `never` read, and the `page` and the `manifest` of an export."""
    return {
        "known": [each.MEMBERS.pattern for each in formats.FORMATS],
        "readable": [choosing.READABLE.pattern],
        "never": [choosing.ACCOUNT_DATA.pattern, choosing.MACS.pattern],
        "page": [choosing.PAGE.pattern],
        "manifest": [rf"(?:^|/){re.escape(choosing.MANIFEST)}$"],
    }
