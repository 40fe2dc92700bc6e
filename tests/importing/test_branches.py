from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from soulprint.importing.parsing import branches

NODES = [*"abcdefgh"]
PARENTS = st.dictionaries(st.sampled_from(NODES), st.none() | st.sampled_from([*NODES, "nowhere"]))
START = datetime(2025, 1, 1, tzinfo=UTC)


@given(PARENTS, st.data())
def test_whatever_the_links_every_node_is_placed_once(parents: dict[str, str | None], data: st.DataObject) -> None:
    times = {node: data.draw(st.none() | st.integers(0, 9).map(lambda day: START + timedelta(day))) for node in parents}
    leaf = branches.newest_leaf(parents, times)
    way = branches.path(parents, leaf) if leaf is not None else []
    others = [node for node in parents if node not in way]
    order = branches.with_offshoots(way, others, parents)
    assert sorted(order) == sorted(parents)
    assert [node for node in order if node in way] == way
    assert sorted(branches.by_time(parents, times)) == sorted(parents)


def test_offshoots_stand_after_the_node_they_hang_on() -> None:
    parents: dict[str, str | None] = {"a": None, "b": "a", "c": "b", "x": "a", "y": "x", "z": None}
    assert branches.with_offshoots(["a", "b", "c"], ["x", "y", "z"], parents) == ["a", "x", "y", "b", "c", "z"]


def test_a_hundred_thousand_links_take_no_stack() -> None:
    parents: dict[str, str | None] = {str(number): str(number - 1) for number in range(100_000)}
    assert len(branches.path(parents, "99999")) == 100_000
    assert len(branches.with_offshoots([], [*parents], parents)) == 100_000


def test_nodes_without_time_follow_the_one_before() -> None:
    times = {"a": START + timedelta(2), "b": None, "c": START}
    assert branches.by_time("abc", times) == ["c", "a", "b"]
