"""By which names the two sides of a conversation address each other: `Hi Anna!`, `Thanks, Claude.`"""

from __future__ import annotations

import re
from collections.abc import Iterable

from soulprint.kinds import Role
from soulprint.measuring.words import GRAMMAR
from soulprint.reading import Utterance

LOOKED_AT = 100
"""Code points at the beginning of a turn: who is addressed is so there."""

LONGEST = 20

_ADDRESSED = re.compile(
    r"\b(?:hi|hey|hello|hiya|thanks|thank you|thx|bye|goodbye|congrats|wow|hallo|danke|salut|bonjour|merci|hola|"
    r"gracias|ciao|grazie|olá|oi|obrigad[oa])(?:,| there,?)?\s+(?P<after>[^\W\d_][\w'’-]{1,19})\s*[,.!?:;\n]"
    r"|[,!.]\s(?P<end>[A-ZÀ-ÞΑ-ΩА-Я][\w'’-]{1,19})[!?]",
    re.IGNORECASE,
)


def addressed(turns: Iterable[Utterance]) -> dict[Role, set[str]]:
    """Side -> the names, in lower case, that the other one addresses it by."""
    found: dict[Role, set[str]] = {}
    for turn in turns:
        other = Role.ASSISTANT if turn.role == Role.USER else Role.USER
        for match in _ADDRESSED.finditer(turn.text, 0, LOOKED_AT):
            name = match["after"] or match["end"]
            if name[0].isupper() and name.lower() not in GRAMMAR:
                found.setdefault(other, set()).add(name.lower())
    return found
