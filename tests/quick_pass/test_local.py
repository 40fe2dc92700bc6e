from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint.kinds import ClaimKind
from soulprint.measuring import words
from soulprint.quick_pass import local, names
from soulprint.quick_pass.evidence import Evidence, Pass
from soulprint.reading import Said, Talk
from soulprint.records import Claim
from soulprint.records.sections import Draft, Line
from tests.measuring.messages import NOON, say, talk


def evidence_of(said: Sequence[Said], talks: Sequence[Talk] = (), claims: Sequence[Claim] = ()) -> Evidence:
    """What a pass finds in these messages without the embedder."""
    known = {one.id: one for one in talks}
    for message in said:
        known.setdefault(message.conversation_id, Talk(message.conversation_id, None, message.sent_at, "chatgpt", 2))
    history = Pass(known)
    history.read(said)
    return history.evidence(list(claims), history.ranked(None), history.counted(), with_embedder=False)


def draft_of(*texts: str, claims: Sequence[Claim] = ()) -> Draft:
    """The draft of messages a month apart, each in a conversation of its own, the oldest first."""
    said = [say(text, conversation=n, sent_at=NOON + timedelta(days=30 * n)) for n, text in enumerate(texts, 1)]
    return local.draft(evidence_of(said, claims=claims))


def claim(text: str, kind: ClaimKind, said_at: datetime = NOON, number: int = 1) -> Claim:
    return Claim(id=number, user_id=uuid.uuid4(), provider="chatgpt", kind=kind, text=text, said_at=said_at)


def lines_of(draft: Draft) -> Iterator[tuple[str, Line]]:
    for section, fields in draft.sections.each():
        for name, _, lines in fields.fields():
            yield from ((f"{section}.{name}", line) for line in lines)
    for part in draft.memory:
        yield from ((part.title, line) for line in part.lines)


def texts_of(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]


def test_nothing_known_is_nothing_said() -> None:
    draft = draft_of()
    assert [name for name, _ in lines_of(draft)] == ["identity.ai_name", "identity.signature_greeting"]
    assert draft.model == "local"


def test_the_newest_home_comes_first_and_the_old_one_is_kept() -> None:
    draft = draft_of("We live in Leeds, near the canal.", "I've moved to Lyon!")
    assert texts_of(draft.sections.user.location) == ["I've moved to Lyon!", "We live in Leeds, near the canal."]


def test_the_job_that_was_changed_is_kept_with_its_date() -> None:
    draft = draft_of("I work for a small bakery in Ghent.", "first day at Atelier Brouette.")
    assert texts_of(draft.sections.user.occupation) == [
        "first day at Atelier Brouette.",
        "I work for a small bakery in Ghent.",
    ]
    first, last = (line.sources[0] for line in draft.sections.user.occupation)
    assert first.kind == last.kind == "quote"
    assert first.said_at is not None
    assert last.said_at is not None
    assert first.said_at > last.said_at


def test_the_name_is_as_the_person_wrote_it() -> None:
    draft = draft_of("hello", claims=[claim("I'm Ines. I live in Lyon.", ClaimKind.ABOUT_ME)])
    assert texts_of(draft.sections.user.name) == ["Ines"]
    assert texts_of(draft.sections.identity.signature_greeting) == ["Hi Ines."]
    assert texts_of(draft.sections.user.location) == ["I live in Lyon."]


def test_each_relation_is_shown_by_its_own_clause() -> None:
    draft = draft_of(
        "My sister Clara lives in Manchester.", "It's quiet here because we have a cat, Rivet, who hates doors."
    )
    assert texts_of(draft.sections.user.relationships) == [
        "My sister Clara lives in Manchester.",
        "we have a cat, Rivet, who hates doors.",
    ]


def test_custom_instructions_are_sorted_and_each_is_used_once() -> None:
    text = "Give me the short answer first. No emojis. If I write in French, answer in French. Ask before you assume."
    older = claim("Be long.", ClaimKind.HOW_TO_ANSWER, NOON - timedelta(days=9), number=2)
    agents = draft_of("hello", claims=[claim(text, ClaimKind.HOW_TO_ANSWER), older]).sections.agents
    assert texts_of(agents.response_style) == ["Give me the short answer first."]
    assert texts_of(agents.do_not) == ["No emojis."]
    assert texts_of(agents.context_adaptation) == ["If I write in French, answer in French."]
    assert texts_of(agents.behavioral_rules) == ["Ask before you assume."]


def test_a_secret_in_custom_instructions_is_not_repeated() -> None:
    draft = draft_of("hi", claims=[claim("My wifi password is heron-Lock41-mirfield. I bake.", ClaimKind.ABOUT_ME)])
    assert not any("heron" in line.text for _, line in lines_of(draft))


def test_what_many_conversations_are_about_is_counted() -> None:
    said = [say("clay and clay", conversation=n, sent_at=NOON + timedelta(days=30 * n)) for n in range(1, 5)]
    talks = [talk(n, "Pottery class", NOON + timedelta(days=30 * n)) for n in range(1, 5)]
    talks += [talk(n, f"Other {n}") for n in range(5, 30)]
    (line,) = local.draft(evidence_of(said, talks)).sections.user.interests
    assert line.text == "Pottery class: 4 conversations, Jun 2024 – Sep 2024"
    assert line.sources[0].model_dump() == {
        "kind": "measure",
        "name": "conversations about Pottery class",
        "value": "4",
        "over": 4,
    }


def test_memory_sorts_what_was_said_the_newest_first() -> None:
    memory = {
        part.title: texts_of(part.lines)
        for part in draft_of(
            "I can't stand coriander",
            "I'm restoring a 1962 piano",
            "Our wedding is on 12 June 2027",
            "I'm not religious",
            "I've decided to quit my job",
            "I prefer trains to planes",
        ).memory
    }
    assert memory == {
        "Preferences": ["I prefer trains to planes", "I can't stand coriander"],
        "Projects": ["I'm restoring a 1962 piano"],
        "Important Dates": ["Our wedding is on 12 June 2027"],
        "Beliefs & Values": ["I'm not religious"],
        "Decisions & Context": ["I've decided to quit my job"],
    }


def test_what_is_said_twice_is_shown_once() -> None:
    draft = draft_of("I can't stand coriander in soup.", "As I said, I can't stand coriander in soup!")
    assert len(draft.memory[0].lines) == 1


def test_every_line_rests_on_something() -> None:
    texts = [f"I can't stand thing{n} but please explain it in one sentence" for n in range(40)]
    draft = draft_of(*texts, "I live in Lyon", "My mother is from Porto", "Hi, please write a poem")
    assert all(line.sources for name, line in lines_of(draft) if name != "identity.ai_name")


SENTENCES = st.sampled_from(
    [
        "I live in Graz. ",
        "My sister Ada teaches maths and my brother too. ",
        "and because of that I prefer trains to planes, ",
        "🎉 I'm allergic to nuts\n",
        "“I hate the sea” ",
        "please stop apologising ",
        "I work for a mill (in Leeds ",
        "x" * 250,
        "\n\n",
    ]
)


@settings(max_examples=40)
@given(st.lists(st.lists(SENTENCES, min_size=1).map("".join), max_size=12))
def test_every_quotation_stands_in_its_message(texts: list[str]) -> None:
    said = {message.message_id: message for message in (say(text, conversation=n) for n, text in enumerate(texts))}
    for name, line in lines_of(local.draft(evidence_of(list(said.values())))):
        for source in line.sources:
            if source.kind == "quote":
                assert said[source.message_id].text[source.start : source.end] == source.text
                assert line.text in source.text or name in {"user.interests", "identity.signature_greeting"}


def test_long_sentences_are_cut_at_a_clause() -> None:
    text = "I prefer trains to planes, " + ", ".join(["which are slow and loud and far"] * 8)
    (line,) = draft_of(text).memory[0].lines
    assert len(line.text) <= 220
    assert line.text.endswith("far")


def test_the_assistants_name_is_steady_and_not_the_persons() -> None:
    assert names.chosen("Ines") == names.chosen("Ines")
    assert all(names.chosen(name) != name for name in names.NAMES)
    assert len({names.chosen(str(n)) for n in range(500)}) > 40
    assert len(set(names.NAMES)) == len(names.NAMES)


def test_words_that_are_typed_are_what_is_quoted() -> None:
    pasted = "what does this letter want\n\nI live in Hull and I hate noise. " + "I am the officer responsible. " * 20
    assert not [line for part in draft_of(pasted).memory for line in part.lines]
    assert words.own(pasted) != ""
