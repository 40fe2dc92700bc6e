from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soulprint.importing.parsing import leads


def found(titles: list[str], *, answered: bool = True) -> leads.Leads:
    seen = leads.Titles()
    for title in titles:
        seen.add(title, answered=answered)
    return seen.leads()


def test_two_kinds_of_unknown_leads() -> None:
    titles = [f"Bedt om: {number} ting" for number in range(20)] + [f"Sagde {number} ord" for number in range(12)]
    known = found(titles)
    assert [known.prompt(title, answered=True) for title in (titles[0], titles[-1])] == ["0 ting", "11 ord"]
    assert known.prompt("Oprettede et lærred", answered=False) is None


def test_the_same_title_again_and_again_is_no_lead() -> None:
    assert found(["Hej med dig"] * 50).prompt("Hej med dig", answered=True) == "Hej med dig"


def test_ten_thousand_titles() -> None:
    titles = [f"Has preguntado {number} veces" for number in range(10_000)]
    known = found([*titles, *(f"Has usado {number}" for number in range(50))])
    assert known.found == ("Has preguntado ",)


@given(
    st.lists(st.tuples(st.text(max_size=30), st.booleans()), max_size=30),
    st.sampled_from(["", "Prompted ", "Spurte: "]),
)
def test_a_title_is_cut_only_at_its_beginning(titles: list[tuple[str, bool]], lead: str) -> None:
    seen = leads.Titles()
    for title, answered in titles:
        seen.add(lead + title, answered=answered)
    known = seen.leads()
    for title, answered in titles:
        prompt = known.prompt(lead + title, answered=answered)
        assert prompt is None or (lead + title).endswith(prompt)
        if answered and not leads.OTHER.match(lead + title):
            assert prompt is not None
