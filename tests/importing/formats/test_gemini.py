from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint.importing import shapes
from soulprint.importing.formats import gemini
from soulprint.importing.parsing import documents
from soulprint.kinds import Role
from tests.importing.formats import gemini_exports as exports

WILD = st.one_of(
    st.none(), st.integers(), st.text(max_size=5), st.lists(st.none()), st.dictionaries(st.text(), st.none())
)


def outcomes(content: object) -> list[shapes.Outcome]:
    written = content if isinstance(content, bytes) else exports.written(content)
    return [*gemini.read(documents.document("export", memoryview(written)))]


def conversations(content: object) -> list[shapes.ParsedConversation]:
    return [each.conversation for each in outcomes(content) if isinstance(each, shapes.Found) and each.conversation]


def left_out(content: object) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in outcomes(content):
        for kind, number in each.left_out.items() if isinstance(each, shapes.Found) else ():
            counts[kind] = counts.get(kind, 0) + number
    return counts


def prompts(content: object) -> list[str]:
    return [each.text for talk in conversations(content) for each in talk.messages if each.role is Role.USER]


def recognised(content: bytes) -> str | None:
    return gemini.recognises(documents.document("export", memoryview(content)))


def test_activities_are_cut_into_conversations_at_the_pauses() -> None:
    made = conversations(exports.sample())
    assert [each.title for each in made] == [
        "How do I bake rye bread?", "Plan a week in Lisbon", "¿Qué hora es en Tokio?",
    ]  # fmt: skip
    assert [(each.role, each.text) for each in made[0].messages] == [
        (Role.USER, "How do I bake rye bread?"),
        (Role.ASSISTANT, "Mix flour & water.\n\n- flour\n- water"),
        (Role.USER, "And how long in the oven?\nI have a small one."),
        (Role.ASSISTANT, "50 minutes."),
    ]
    assert all(each.is_inferred and each.zone_known for each in made)
    assert made[0].started_at == exports.START
    assert made[2].messages[-1].text == "```\nfor x in y:\n    print(x < 1)\n```"
    assert left_out(exports.sample()) == {"activity": 3}


def test_ids_stay_when_a_later_export_goes_on() -> None:
    before = conversations(exports.activities(exports.TALKS[:4]))
    after = conversations(exports.activities())
    assert [each.provider_id for each in before] == [each.provider_id for each in after]
    assert [len(each.messages) for each in before] == [4, 2, 1]
    assert [len(each.messages) for each in after] == [4, 2, 3]


@pytest.mark.parametrize("zone", ["UTC", "GMT+00:00"])
def test_a_page_gives_the_same_conversations(zone: str) -> None:
    as_list, as_page = conversations(exports.activities()), conversations(exports.english_page(zone=zone))
    assert [each.provider_id for each in as_list] == [each.provider_id for each in as_page]
    said = [[(message.provider_id, message.text) for message in each.messages] for each in as_list]
    assert said == [[(message.provider_id, message.text) for message in each.messages] for each in as_page]
    assert all(each.zone_known for each in as_page)


def test_a_zone_that_means_several_is_unknown() -> None:
    made = conversations(exports.english_page(zone="CST"))
    assert [each.zone_known for each in made] == [False] * 3
    assert made[0].started_at == exports.START.replace(microsecond=0)


GERMAN = (
    ("Eingegebener Prompt: Wie backe ich Brot?", "20. Mai 2024, 14:03:12 MESZ"),
    ("Eingegebener Prompt: Und wie lange?", "20.05.2024, 14:05:12 MESZ"),
)


GREEK = (
    ("Ζητήσατε: Καλημέρα", "20 Μαΐ 2024, 3:03:12\u202fμ.μ. EEST"),
    ("Ζητήσατε: Γεια", "20 Μαΐ 2024, 3:04:12 μ.μ. EEST"),
)
JAPANESE = (
    ("送信したプロンプト: 天気は", "2024/05/20 21:03:12 JST"),
    ("送信したプロンプト: 明日は", "2024/05/20 21:05:12 JST"),
)
FRENCH = (
    ("Requête : bonjour à tous", "20 mai 2024, 14:03:12 CEST"),
    ("Requête : au revoir", "20 mai 2024, 14:05:12 CEST"),
)


@pytest.mark.parametrize(
    ("head", "cells", "expected"),
    [
        ("Gemini-Apps", GERMAN, ["Wie backe ich Brot?", "Und wie lange?"]),
        ("Εφαρμογές Gemini", GREEK, ["Καλημέρα", "Γεια"]),
        ("Gemini アプリ", JAPANESE, ["天気は", "明日は"]),
        ("Applications Gemini", FRENCH, ["bonjour à tous", "au revoir"]),
    ],
)
def test_pages_in_other_languages(head: str, cells: Any, expected: list[str]) -> None:
    content = exports.page([exports.cell(title, date, "<p>x</p>", head=head) for title, date in reversed(cells)])
    assert recognised(content)
    made = conversations(content)
    assert len(made) == 1
    assert made[0].started_at == datetime(2024, 5, 20, 12, 3, 12, tzinfo=UTC)
    assert prompts(content) == expected


def test_files_listed_under_a_prompt_are_not_said() -> None:
    below = ["Attached 1 file.", '-&nbsp; <a href="a.png">a.png</a>']
    content = exports.page([exports.cell("Prompted&nbsp;look", exports.english_date(0), "<p>ok</p>", below=below)])
    assert prompts(content) == ["look"]
    assert left_out(content) == {"media": 1}


def test_a_page_whose_dates_are_unknown_loses_nothing() -> None:
    content = exports.page([exports.cell(f"Prompted {n}", "๒๐ ก.พ. ๒๕๖๗ noon", f"<p>a{n}</p>") for n in (2, 1)])
    (made,) = conversations(content)
    assert made.started_at is None
    assert [each.text for each in made.messages if each.role is Role.ASSISTANT] == ["a1", "a2"]
    assert [each[0] for each in prompts(content)] == ["1", "2"]


def test_activities_without_a_time_are_a_conversation_of_their_own() -> None:
    tree = [*exports.activities(), exports.activity("Prompted b", None), exports.activity("Prompted a", None)]
    made = conversations(tree)
    assert [message.text for message in made[-1].messages] == ["a", "b"]
    assert made[-1].started_at is None
    later = conversations([exports.activity("Prompted c", None), *tree])
    assert made[-1].provider_id == later[-1].provider_id


def test_the_first_answer_counts_and_others_are_drafts() -> None:
    drafts = [{"html": "<p>one</p>"}, {"html": "<p>two</p>"}, {"html": None}]
    tree = [exports.activity("Prompted x", safeHtmlItem=drafts, attachedFiles=["a", "b"])]
    assert [each.text for each in conversations(tree)[0].messages] == ["x", "one"]
    assert left_out(tree) == {"draft": 1, "media": 2}


@pytest.mark.parametrize("header", ["Bard", "Gemini", "Gemini 앱", "Applications Gemini"])
def test_heads_of_other_years_and_languages(header: str) -> None:
    tree = exports.activities(header=header, products=[header])
    assert recognised(exports.written(tree))
    assert len(conversations(tree)) == 3


def test_old_leads() -> None:
    tree = [exports.activity(title) for title in ("Said hi", "Asked Bard: why", "Prompted", "Asked who")]
    assert prompts([{**each, "safeHtmlItem": [{"html": "x"}]} for each in tree]) == ["who", "why", "hi"]


NORWEGIAN = ("hva", "hvem", "hvor", "når", "kan", "skal", "vil", "bør", "er", "har")


def test_an_unknown_lead_is_what_the_titles_have_in_common() -> None:
    talks = [(n, f"{word} noe", "<p>x</p>") for n, word in enumerate(NORWEGIAN)]
    tree = [*exports.activities(talks, "Du spurte "), exports.activity("Du brukte kart", 60)]
    assert prompts(tree) == [said for _, said, _ in talks]
    assert left_out(tree) == {"activity": 1}
    assert prompts(exports.activities(talks[:1], "Du spurte ")) == ["Du spurte hva noe"]
    assert prompts(exports.activities(talks[:2], "Du spurte: ")) == ["hva noe", "hvem noe"]


def test_activities_of_other_products_alone_are_not_recognised() -> None:
    assert (
        recognised(exports.written([exports.activity("Searched for x", header="Search", products=["Search"])])) is None
    )
    page = exports.page([exports.cell("Watched x", exports.english_date(0), head="YouTube")])
    assert recognised(page) is None
    assert recognised(b"<html><body>outer-cell Gemini</body></html>") is None


def test_conversations_of_workspace() -> None:
    turns = [
        exports.asked(0, "first try"),
        exports.answered(1, "old"),
        exports.asked(0, "second try"),
        exports.answered(1, "new", model_thoughts=[{"headline": "h"}], images=["i"]),
        exports.asked(2, "gone", turn_deleted_time=exports.time(3)),
        exports.asked(4, None),
        {},
    ]
    content = exports.written(exports.workspace(turns))
    assert recognised(content)
    (made,) = conversations(content)
    assert [(each.text, each.on_branch) for each in made.messages] == [
        ("first try", False), ("second try", True), ("new", True),
    ]  # fmt: skip
    assert (made.title, made.is_inferred) == ("Budget", False)
    assert left_out(content) == {"reasoning": 1, "media": 1, "activity": 1, "draft": 1}


def test_nulls_everywhere() -> None:
    fields = dict.fromkeys(exports.activity("x", 0, "y", text=1, imageFile=1))
    tree: list[Any] = [fields, {}, None, 3, {"title": 3, "time": []}, *exports.activities()]
    made = outcomes(tree)
    assert len([each for each in made if isinstance(each, shapes.Failed)]) == 2
    assert len(conversations(tree)) == 3


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["title", "time", "header", "products", "safeHtmlItem", "imageFile"]), WILD)))
def test_wild_fields_cost_only_their_activity(fields: list[tuple[str, Any]]) -> None:
    wild = [exports.activity("Prompted a", 4000, "b") | {name: value} for name, value in fields]
    tree = [*exports.activities(), *wild]
    assert {each.provider_id for each in conversations(exports.activities())} <= {
        each.provider_id for each in conversations(tree)
    }


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_wild_cells_cost_only_themselves(first: bytes, second: bytes) -> None:
    cell = b'<div class="outer-cell x">'
    good = exports.english_page()
    content = good.replace(b"</body>", cell + first + cell + second + b"</body>")
    spans = [*gemini.cells(memoryview(content))]
    assert spans[-1][1] == len(content)
    assert [end for _, end in spans[:-1]] == [begin for begin, _ in spans[1:]]
    assert {each.provider_id for each in conversations(good)} <= {each.provider_id for each in conversations(content)}


def test_deep_html_is_read_at_once() -> None:
    answer = "<div>" * 50_000 + "deep" + "<font color=1><p>" * 20_000
    assert conversations([exports.activity("Prompted x", 0, answer)])[0].messages[1].text == "deep"


@pytest.mark.parametrize(
    ("path", "is_member"),
    [
        (exports.MEMBER, True),
        (exports.PAGE_MEMBER, True),
        ("MyActivity.html", True),
        ("Takeout/Gemini in Workspace/Conversation History/conversation_12.txt", True),
        ("Takeout/Gemini/gemini_gems_data.html", False),
        ("Takeout/My Activity/YouTube/MyActivity.json", False),
    ],
)
def test_members(path: str, is_member: bool) -> None:
    assert bool(gemini.MEMBERS.search(path.lower())) is is_member


def test_json_of_the_sample_is_a_list() -> None:
    assert len(json.loads(exports.sample())) == 8
