"""The tree of a conversation: which messages lie on the current branch, and where the others hang.

Nodes are known by their ids, in file order; parent links may be missing, dangle or run in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

Parents = Mapping[str, str | None]


def current(parents: Parents, times: Mapping[str, datetime | None], leaf: str | None = None) -> list[str]:
    """The ids of the current branch, from the root on: to `leaf`, or to the newest one where that is no node."""
    end = leaf if leaf in parents else newest_leaf(parents, times)
    return path(parents, end) if end is not None else []


def ordered(way: list[str], parents: Parents, is_kept: Callable[[str], bool]) -> list[tuple[str, bool]]:
    """The nodes of `way`, and of all others those that are kept right after the node of the way on which they hang;
    each with whether it is of the way."""
    on_branch = frozenset(way)
    others = (node for node in parents if node not in on_branch) if len(way) < len(parents) else ()
    offshoots = [node for node in others if is_kept(node)]
    order = with_offshoots(way, offshoots, parents) if offshoots else way
    return [(node, node in on_branch) for node in order]


def path(parents: Parents, leaf: str) -> list[str]:
    """The ids from the root to `leaf`. A circle is cut where it closes, a dangling link ends the way."""
    way: dict[str, None] = {}
    node: str | None = leaf
    while node is not None and node in parents and node not in way:
        way[node] = None
        node = parents[node]
    return [*reversed(way)]


def newest_leaf(parents: Parents, times: Mapping[str, datetime | None]) -> str | None:
    """The leaf with the latest time, the last in the file where times are equal or missing. Any node where links run in
    circles and no leaf is left; None for a tree without nodes."""
    inner = {parent for parent in parents.values() if parent is not None}
    leaves = [node for node in parents if node not in inner] or [*parents]
    newest: str | None = None
    best: datetime | None = None
    for node in leaves:
        time = times.get(node)
        if best is None or (time is not None and time >= best):
            newest, best = node, time
    return newest


def by_time(nodes: Iterable[str], times: Mapping[str, datetime | None]) -> list[str]:
    """`nodes` in the order of time; one without a time stays behind the one that it follows in the file."""
    keys: dict[str, float] = {}
    last = 0.0
    for node in nodes:
        time = times.get(node)
        last = time.timestamp() if time else last
        keys[node] = last
    return sorted(keys, key=lambda node: keys[node])


def with_offshoots(way: list[str], offshoots: Iterable[str], parents: Parents) -> list[str]:
    """`way` with each of the `offshoots` right after the node of the way on which it hangs, in file order; those that
    hang on none stand at the end."""
    anchors: dict[str, str | None] = {node: node for node in way}
    hanging: dict[str | None, list[str]] = {}
    for node in offshoots:
        hanging.setdefault(_anchor(node, parents, anchors), []).append(node)
    ordered = [each for node in way for each in (node, *hanging.get(node, ()))]
    return ordered + hanging.get(None, [])


def _anchor(node: str, parents: Parents, anchors: dict[str, str | None]) -> str | None:
    """The nearest node above that is in `anchors`; what was passed on the way is remembered there, so that all look-ups
    together take linear time."""
    passed: list[str] = []
    at: str | None = node
    while at is not None and at not in anchors:
        anchors[at] = None
        passed.append(at)
        at = parents.get(at)
    found = None if at is None else anchors[at]
    for each in passed:
        anchors[each] = found
    return found
