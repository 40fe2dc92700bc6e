"""Sorts sources into facts by what they say: pure, in memory, in time that grows with their number.

The same statement makes one fact; so do statements made of the same telling words, and one with one such word more; so
do statements much alike on the same quote. Facts that are there draw findings to themselves and never merge with each
other. What comes out doesn't depend on the order in which anything was written.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from soulprint.facts.meaning import likeness
from soulprint.facts.meaning.likeness import Wording
from soulprint.facts.merging import confidence
from soulprint.facts.merging.store import Join, Known, Told

SHORTEST_QUOTE = 8
"""Code points of a folded quote: shorter ones (`yes, I do`) prove many things."""

ALIKE = 0.6
"""Statements on the same quote and subject are the same from this likeness on."""

COMPARED = 4
"""Statements on the same quote and subject that another one is held against."""

NONE = 0
"""Facts are numbered from one."""


class Merging:
    """Facts and sources that are there, and findings that look for their fact."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], int] = {}
        self._wordings: list[Wording] = []
        self._facts: list[int] = []
        self._parents: list[int] = []
        self._quotes: dict[tuple[int, str], list[int]] = {}
        self._findings = array("q")
        self._said_by = array("q")
        """The statement, as a place in the lists above, that each finding makes."""
        self._plain = array("d")
        """How explicit each finding is."""

    def add_facts(self, facts: Iterable[Known]) -> None:
        """Facts, those first that draw first."""
        for fact in facts:
            self._place(fact.statement, fact.about, fact.id)

    def add_sources(self, sources: Iterable[Told]) -> None:
        """All sources, those said first first: those of facts draw others, those without one are the findings."""
        for source in sources:
            place = self._place(source.statement, source.about, source.fact_id or NONE)
            self._hold_against_its_quote(place, source)
            if source.fact_id is None:
                self._findings.append(source.id)
                self._said_by.append(place)
                self._plain.append(confidence.explicitness(source.quote))

    def merge(self) -> tuple[array[int], int]:
        """Which finding joins which fact: for each finding, in order, a fact's id, or minus the number (from one) of a
        new fact. Gives that, and how many new facts there are."""
        self._join_those_alike()
        numbers: dict[int, int] = {}
        joined = array("q")
        for place in self._said_by:
            root = self._root(place)
            if self._facts[root] != NONE:
                joined.append(self._facts[root])
            else:
                joined.append(-numbers.setdefault(root, len(numbers) + 1))
        return joined, len(numbers)

    def joins(self, joined: array[int], ids: list[int]) -> Iterator[Join]:
        """The joins, a fact's next to one another, new facts by the numbers `ids`. The plainest finding founds a fact,
        of several the newest."""
        order = sorted(range(len(joined)), key=lambda place: (abs(joined[place]), joined[place], place))
        founders: dict[int, int] = {}
        for place in order:
            best = founders.get(joined[place])
            if best is None or self._plain[place] >= self._plain[best]:
                founders[joined[place]] = place
        for place in order:
            fact = joined[place]
            is_new = fact < 0
            yield Join(
                self._findings[place], ids[-fact - 1] if is_new else fact, founds=is_new and founders[fact] == place
            )

    # Statements

    def _place(self, statement: str, about: str, fact: int) -> int:
        """The place of a statement, a new one where it is new, drawn to `fact` where nothing else draws it."""
        key = likeness.exact(statement) or statement, likeness.subject(about)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self._wordings)
            self._wordings.append(likeness.read(statement, about))
            self._facts.append(fact)
            self._parents.append(place)
        elif fact != NONE and self._facts[self._root(place)] == NONE:
            self._facts[self._root(place)] = fact
        return place

    def _hold_against_its_quote(self, place: int, source: Told) -> None:
        quote = likeness.exact(source.quote)
        if len(quote) < SHORTEST_QUOTE:
            return
        others = self._quotes.setdefault((hash(quote), source.about), [])
        if place in others:
            return
        mine = self._wordings[place]
        for other in others[:COMPARED]:
            theirs = self._wordings[other]
            if likeness.fits(mine, theirs) and likeness.likeness(mine, theirs) > ALIKE:
                self._join(other, place)
        if len(others) < COMPARED:
            others.append(place)

    def _join_those_alike(self) -> None:
        """Short statements lead, so that each one only has to be looked up with a word less, and never with one more.
        What follows a leader leads nobody: likeness doesn't add up."""
        leaders: dict[tuple[object, ...], int] = {}
        wordings = self._wordings
        for place in sorted(range(len(wordings)), key=lambda place: (len(wordings[place].words), wordings[place].key)):
            wording = wordings[place]
            if not wording.words:
                continue
            keys = (wording.key, *wording.shorter_keys())
            leader = next((leaders[key] for key in keys if key in leaders), None)
            if leader is None:
                leaders[wording.key] = place
            else:
                self._join(leader, place)

    def _join(self, one: int, other: int) -> None:
        """Make one of two statements, unless two facts stand behind them."""
        first, second = sorted((self._root(one), self._root(other)))
        if first == second or (self._facts[first] != NONE and self._facts[second] != NONE):
            return
        self._parents[second] = first
        self._facts[first] = self._facts[first] or self._facts[second]

    def _root(self, place: int) -> int:
        parents = self._parents
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place
