"""Which of two statements, as people type them, holds now; mostly in German."""

from __future__ import annotations

import pytest

from soulprint.facts.meaning import slots
from soulprint.facts.merging import conflicts


@pytest.mark.parametrize(
    ("older", "newer", "gives_way"),
    [
        ("ich wohne in leipzig", "bin nach bonn gezogen", True),
        ("wohn jetzt in kiel, 2 zimmer", "wir sind nach celle gezogen, endlich", True),
        ("wir wohnen in nem haus bei kiel", "wohne im 3. stock", False),
        ("ich wohne in Leipzig", "wir ziehen am 3. mai nach essen", False),
        ("wir ziehen am 3. mai nach essen", "wohne seit einer woche in essen", True),
        ("bin koch", "bin jetzt erzieher", True),
        ("ich arbeite als pfleger", "seit märz bin ich lehrerin", True),
        ("ich ess alles", "ess kein fleisch mehr, nur fisch", True),
        ("ich bin vegetarier", "ess wieder fleisch", True),
        ("hab ein iphone 12", "hab mir ein pixel gekauft", True),
        ("ich trink viel tee", "trinke keinen alkohol mehr", False),
        ("trinke drei tassen kaffee am tag", "ich trink keinen kaffee mehr", True),
        ("ich trink keinen kaffee mehr", "trink wieder kaffee", True),
        ("ich spiel fußball im verein", "mit dem fußball hab ich aufgehört", True),
        ("ich rauche", "hab mit dem rauchen aufgehört", True),
        ("ich will nächstes jahr einen marathon laufen", "aus dem marathon ist nichts geworden", True),
        ("bin verheiratet", "seit mai sind wir geschieden", True),
        ("meine frau arbeitet bei der post", "meine frau und ich haben uns getrennt", False),
        ("mein vater wohnt in ulm", "ich wohne in bonn", False),
        ("ich lern gerade cello", "das cello hab ich aufgegeben", True),
        ("ich spiel seit zehn jahren cello", "das cello hab ich verkauft", True),
        ("arbeite bei siemens seit 2010", "ab mai bin ich bei bosch", True),
        ("unterrichte an der realschule", "ich arbeite als lehrer", False),
        ("hablo muy poco, nivel A1", "tengo nivel B2", True),
        ("i drink four cups of coffee a day", "i gave up coffee", True),
        ("i gave up coffee", "i drink coffee again", True),
        ("my phone is a galaxy s20", "got a new pixel", True),
        ("my kitchen has a coffee machine", "i gave up coffee", False),
        ("my sister's phone is an iphone", "i got a pixel", False),
        ("A2 paper is too big", "i passed the B1", False),
        ("wir wollen ein haus kaufen", "das haus haben wir verkauft", False),
    ],
)
def test_the_newer_of_two_on_one_subject_wins(older: str, newer: str, gives_way: bool) -> None:
    subject, other = (conflicts.subject(slots.about(one, "decisions")) for one in (older, newer))
    assert (subject == other and slots.newer_wins(subject, older, newer)) == gives_way
