"""The patterns by which a browser chooses, too."""

from __future__ import annotations

import re

from soulprint.importing import members

FOREIGN = re.compile(r"\(\?(?![:=!])|[*+?}]\+|\\[AZzNpPGU]|\\[^dDwWsSbBnrtfv\\/^$.*+?()\[\]{}|\-]")
"""What JavaScript doesn't know or takes for something else: named groups, flags within, looking behind, possessive
quantifiers, and escapes of characters that need none."""


def test_every_pattern_means_the_same_in_a_browser() -> None:
    for use, patterns in members.patterns().items():
        assert patterns, use
        for pattern in patterns:
            assert not FOREIGN.search(pattern), pattern
            assert re.compile(pattern).flags == re.UNICODE, pattern


def test_the_check_finds_what_is_foreign() -> None:
    for pattern in (r"(?P<name>x)", r"(?i)x", r"(?<=x)y", r"a++", r"x\Z", r"\_x"):
        assert FOREIGN.search(pattern), pattern
