"""The first profile without a language model: the person's own sentences and what was counted, nothing else.

Every line is a quotation, a sentence of the custom instructions or a figure; a field without any is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from soulprint import llm
from soulprint.measuring import languages
from soulprint.measuring.requests import Kind
from soulprint.measuring.topics import Topic
from soulprint.quick_pass import material, names, patterns
from soulprint.quick_pass.evidence import Evidence
from soulprint.quick_pass.material import Material, Piece, matching, newest
from soulprint.records.sections import (
    Agents,
    Draft,
    Identity,
    Line,
    MemoryPart,
    Sections,
    Soul,
    Tools,
    User,
)

MOST = 8
"""Quotations in one list."""

RELATIONS = 10
EARLY = 25
"""Code points: where a sentence names a relation no later, it is of that person."""

PLACE = 15
"""Code points after "I live in" among which the place's name starts."""

YEAR = timedelta(days=365)
ITEMS = 16
"""Lines of one part of MEMORY."""

STYLE = ("length", "languages", "questions", "statements", "one-liners", "hours", "trend")
FORMALITY = (
    *("contractions", "lower-case", "slang", "dropped", "please", "no-please", "thanks", "greetings", "emoticons"),
    "full-stops",
)
"""Ids of traits, the most telling first."""

PARTS = {
    "Preferences": {"preferences": 14, "instruction": 6},
    "Projects": {"projects": 12},
    "Important Dates": {"dates": 10},
    "Beliefs & Values": {"beliefs": 14},
    "Decisions & Context": {"decisions": 10, "about": 14},
}
"""Heading of MEMORY -> the categories of statements under it, each with the most lines it has there."""

NOUNS = {
    "Writing texts": "writing",
    "Editing and proofreading": "editing",
    "Code and debugging": "code",
    "Explanations": "explaining",
    "Translation": "translation",
    "Planning": "planning",
    "Ideas": "ideas",
    "Summaries": "summary",
    "Recommendations": "choosing",
    "Calculation": "calculation",
    "Lists": "list",
    "Comparison": "comparison",
    "Practice and quizzes": "practice",
}
HELLO = dict(
    pair.split(":")
    for pair in [
        "en:Hi",
        "de:Hallo",
        "fr:Bonjour",
        "es:Hola",
        "pt:Olá",
        "it:Ciao",
        "nl:Hoi",
        "pl:Cześć",
        "sv:Hej",
        "da:Hej",
        "no:Hei",
        "fi:Hei",
        "cs:Ahoj",
        "tr:Merhaba",
        "ru:Привет",
        "uk:Привіт",
        "ja:こんにちは",
        "zh:你好",
        "ko:안녕하세요",
        "el:Γεια",
        "ro:Salut",
        "hu:Szia",
        "id:Halo",
    ]
)
"""Language -> a greeting."""

_RELATED = re.compile(
    r"(?i:mum|mom|mother|dad|father|parents?|sister|brother|wife|husband|partner|boyfriend|girlfriend|son|daughter|kids?|"
    r"avó|mãe|pai|maman|papa|mère|père|mutter|vater|mama|madre|padre)$"
)
_LOWER_PLACE = re.compile(r"\b(?:in|nach|to|near|en|à|em|a) (?!the\b|an?\b|my\b|de[rmn]\b|la\b|el\b)([a-zà-ÿ-]{3,})")
"""A place as people type it who leave capitals out."""
_CAPITAL = re.compile(r"(?<![.!?] )(?<!^)\b(?!I['’])[A-ZÀ-ÖØ-Þ][\w'’-]+")


def draft(evidence: Evidence, source: Material | None = None, memory: list[MemoryPart] | None = None) -> Draft:
    """The five sections and MEMORY from what was measured and said. Shorter where there is less.

    `source` is what there is to quote where that is known better than from the evidence, `memory` MEMORY where it is
    written already."""
    source = Material.of(evidence) if source is None else source
    memory = _memory(source, evidence) if memory is None else memory
    user = _user(source, evidence)
    soul = _soul(source, evidence)
    agents = _agents(source, evidence)
    sections = Sections[Line](
        soul=soul, identity=_identity(evidence, user), user=user, agents=agents, tools=_tools(source, evidence)
    )
    return Draft(
        sections=sections,
        memory=memory,
        model=llm.LOCAL,
        note=evidence.note,
        conversations_read=evidence.conversations_total,
        conversations_total=evidence.conversations_total,
    )


# USER


def _user(source: Material, evidence: Evidence) -> User[Line]:
    about = [piece for claim in source.about for piece in claim]
    said = [*about, *source.statements]
    location = source.take(_each_place([*_latest(said), *source.former]), lambda piece: True, 4)
    works = matching(patterns.WORKS)
    worked = source.take(source.former, works, 2)
    occupation = [*source.take(_latest(said), works, 4 - len(worked)), *worked]
    relationships = _relationships(source, said)
    named = {word for piece in [*location, *relationships] for word in _CAPITAL.findall(piece.text)}
    return User[Line](
        name=_name(source, said),
        location=newest(location),
        occupation=newest(occupation),
        relationships=[piece.line for piece in relationships],
        interests=_interests(source, evidence, named),
        preferred_address=[*_address(evidence), *newest(source.take(said, matching(patterns.ADDRESS), 1))],
        life_context=newest(source.take(_of_last_year(source.statements), _eventful, 4)),
    )


def _latest(pieces: list[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda piece: piece.said_at, reverse=True)


def _each_place(pieces: list[Piece]) -> list[Piece]:
    """The sentences on where the person lives that name a place no sentence before did."""
    kept: list[Piece] = []
    seen: set[str] = set()
    for piece in pieces:
        match = patterns.LIVES.search(piece.text)
        named = piece.text[match.start() : match.end() + PLACE] if match else ""
        places = set(_CAPITAL.findall(named) or _LOWER_PLACE.findall(named.lower())) - seen
        if places:
            kept.append(piece)
            seen |= places
    return kept


def _name(source: Material, said: list[Piece]) -> list[Line]:
    """The name as the person wrote it: in custom instructions first, then where they say it most surely."""
    for piece in said:
        pattern = patterns.NAME_OPENING if piece.category == "claim" else patterns.NAME
        match = pattern.search(piece.text) or patterns.NAME.search(piece.text)
        if match:
            return [Line(text=match["name"], sources=piece.line.sources)]
    return []


def _relationships(source: Material, said: list[Piece]) -> list[Piece]:
    """A sentence for each relation of `patterns.KIN`, then a second one where it begins with the relation."""
    met = {name: _related(said, re.compile(pattern, re.IGNORECASE)) for name, pattern in patterns.KIN.items()}
    partners, opening = met["partner"]
    if any(patterns.PARTED.search(piece.text) for piece in partners):
        met["partner"] = (_latest(partners), opening)
    first = {name: source.take(pieces, lambda piece: True, 1) for name, (pieces, _) in met.items()}
    room = RELATIONS - sum(map(len, first.values()))
    found: list[Piece] = []
    for name, (_, opening) in met.items():
        more = source.take(opening, lambda piece: True, 1) if room > 0 else []
        room -= len(more)
        found += [*first[name], *more]
    return found[:RELATIONS]


def _related(said: list[Piece], relation: re.Pattern[str]) -> tuple[list[Piece], list[Piece]]:
    """The sentences that name a relation, from the clause on that does, those that do so early first; and of them those
    that begin with it."""
    matches = [(match.start(), piece) for piece in said if (match := relation.search(piece.text))]
    early = [material.clause(piece, start) for start, piece in matches if start <= EARLY]
    late = [material.clause(piece, start) for start, piece in matches if start > EARLY]
    return [*early, *late], [piece for start, piece in matches if start == 0]


def _interests(source: Material, evidence: Evidence, named: set[str]) -> list[Line]:
    """What many conversations are about, then what the person says they enjoy."""
    taken = {word.lower() for word in named} - {name.lower() for name in languages.NAMES.values()}
    topics = [
        topic
        for topic in evidence.topics
        if topic.conversations >= 3 and topic.label.lower() not in taken and not _RELATED.match(topic.label)
    ]
    counted = [_topic(source, evidence, topic) for topic in topics[:MOST]]
    wanted = matching(patterns.ENJOYS)
    said = source.take(
        source.statements, lambda piece: piece.category in ("preferences", "about", "projects") and wanted(piece), 4
    )
    return [*counted, *(piece.line for piece in said)]


def _topic(source: Material, evidence: Evidence, topic: Topic) -> Line:
    """A topic with its count, resting on the count and on what the person said of it."""
    terms = {term for term in topic.terms if " " not in term}
    spoken = [piece.line for piece in source.statements if terms & set(piece.text.lower().split())][:2]
    text = f"{topic.label}: {topic.conversations:,} conversations{material.period(topic)}"
    return material.counted(
        f"conversations about {topic.label}", f"{topic.conversations:,}", evidence.style.messages, text, *spoken
    )


def _address(evidence: Evidence) -> list[Line]:
    return [material.measured(trait) for trait in evidence.traits if trait.id.startswith("address-")]


def _of_last_year(pieces: list[Piece]) -> list[Piece]:
    """What was said in the last year of the history, the newest first."""
    latest = _latest(pieces)
    return [piece for piece in latest if piece.said_at > latest[0].said_at - YEAR]


def _eventful(piece: Piece) -> bool:
    return piece.category in ("dates", "about", "decisions", "projects") and bool(patterns.EVENT.search(piece.text))


# SOUL


def _soul(source: Material, evidence: Evidence) -> Soul[Line]:
    traits = {trait.id: material.measured(trait) for trait in evidence.traits}
    answering = [piece for claim in source.answering[:1] for piece in claim]
    feelings = source.take(_latest(source.statements), _feels, 4)
    return Soul[Line](
        communication_style=[traits[name] for name in STYLE if name in traits][:4],
        personality_traits=newest(source.take(source.statements, matching(patterns.SELF), 7)),
        tone_preferences=[
            piece.line for piece in source.take([*answering, *source.statements], matching(patterns.TONE), 3)
        ],
        boundaries=newest(source.take(source.statements, matching(patterns.BOUNDARY), 4)),
        formality_level=[traits[name] for name in FORMALITY if name in traits][:3],
        emotional_patterns=newest(feelings),
    )


def _feels(piece: Piece) -> bool:
    match = patterns.FEELS.search(piece.text)
    return match is not None and match.start() < 2 * EARLY


# AGENTS


def _agents(source: Material, evidence: Evidence) -> Agents[Line]:
    """What the newest custom instructions and the standing requests of the conversations say, each sentence once."""
    answering = [piece for claim in source.answering[:1] for piece in claim]
    asked = [*answering, *(piece for piece in source.statements if _asks(piece))]
    memory = source.take(asked, matching(patterns.MEMORISE), 3)
    adapting = source.take(asked, matching(patterns.CONDITION), 3)
    do_not = source.take(asked, _forbids, MOST)
    style = source.take(asked, matching(patterns.DEPTH, patterns.FORMATS), 3)
    return Agents[Line](
        response_style=[piece.line for piece in style],
        behavioral_rules=[piece.line for piece in source.take(asked, lambda piece: True, 7)],
        context_adaptation=[piece.line for piece in adapting],
        memory_directives=[piece.line for piece in memory],
        do_not=[piece.line for piece in do_not],
    )


def _asks(piece: Piece) -> bool:
    of_assistant = patterns.POLITE.search(piece.text) or not patterns.OF_THEMSELF.search(piece.text)
    return piece.category == "instruction" and bool(of_assistant)


def _forbids(piece: Piece) -> bool:
    match = patterns.NEGATIVE.search(piece.text)
    return match is not None and match.start() < EARLY


# TOOLS


def _tools(source: Material, evidence: Evidence) -> Tools[Line]:
    requests = evidence.requests
    return Tools[Line](
        likely_usage=[_kind(kind, evidence) for kind in requests.kinds if kind.conversations >= 2][:MOST],
        capabilities_emphasis=[*_capabilities(evidence)],
        output_preferences=[*_formats(evidence)],
        depth_preference=[*_depth(evidence)],
    )


def _kind(kind: Kind, evidence: Evidence) -> Line:
    text = f"{kind.name}: {kind.conversations:,} of {evidence.conversations_total:,} conversations"
    return material.counted(
        f"messages that ask for it: {kind.name.lower()}", f"{kind.messages:,}", evidence.style.messages, text
    )


def _capabilities(evidence: Evidence) -> Iterator[Line]:
    style, requests = evidence.style, evidence.requests
    spoken = [language for language in style.languages if language.share >= 0.02]
    if len(spoken) > 1:
        listed = ", ".join(f"{language.name} {language.share:.0%}" for language in spoken[:5])
        yield material.counted(
            "languages of messages", listed, style.languages_over, f"Switching between languages: {listed}"
        )
    code = style.shares["code"]
    if code.count >= 5:
        yield material.counted(
            *("messages with a code block", f"{code.count:,} of {code.over:,}", code.over),
            f"Reading pasted code: {code.count:,} messages",
        )
    pasted = style.shares["pasted"]
    if pasted.count >= 5:
        yield material.counted(
            *("messages with a longer pasted text", f"{pasted.count:,} of {pasted.over:,}", pasted.over),
            f"Working on pasted texts: {pasted.count:,} messages",
        )
    if requests.hints >= 2:
        yield material.counted(
            *("messages that ask for hints", str(requests.hints), style.messages),
            f"Giving hints instead of solutions, asked for in {requests.hints} messages",
        )
    if style.voice >= 5:
        yield material.counted(
            *("spoken messages", f"{style.voice:,}", style.messages), f"Listening: {style.voice:,} spoken messages"
        )


def _formats(evidence: Evidence) -> Iterator[Line]:
    met = [kind for kind in evidence.requests.formats if kind.messages >= 2][:4]
    if met:
        listed = ", ".join(f"{kind.name} ({kind.messages:,})" for kind in met)
        yield material.counted(
            "messages that ask for a format", listed, evidence.style.messages, f"Formats asked for: {listed}."
        )


def _depth(evidence: Evidence) -> Iterator[Line]:
    short, deep = evidence.requests.short, evidence.requests.deep
    if short + deep >= 4:
        yield material.counted(
            *("messages that ask for a short answer, for detail", f"{short:,}, {deep:,}", evidence.style.messages),
            f"Asks for a short answer in {short:,} messages, for more detail in {deep:,}.",
        )


# IDENTITY


def _identity(evidence: Evidence, user: User[Line]) -> Identity[Line]:
    name = user.name[0] if user.name else None
    return Identity[Line](
        ai_name=[Line(text=names.chosen(name.text if name else "", evidence.talks))],
        archetype=[*_archetype(evidence, user)],
        vibe=[*_vibe(evidence)],
        emoji_style=[*_emoji(evidence)],
        signature_greeting=[_greeting(evidence, name)],
    )


def _archetype(evidence: Evidence, user: User[Line]) -> Iterator[Line]:
    """Two to four words: what most conversations are about, and what is asked for most."""
    topic = next(
        (line for line in user.interests if line.text.partition(":")[0].count(" ") == 0 and ": " in line.text), None
    )
    kind = next((kind for kind in evidence.requests.kinds if kind.conversations >= 2), None)
    subject = topic.text.partition(":")[0] if topic else None
    parts = [part for part in (subject, NOUNS[kind.name] if kind else None) if part]
    if parts:
        sources = [*(topic.sources[:1] if topic else ()), *(_kind(kind, evidence).sources if kind else ())]
        text = " and ".join(parts) + " companion"
        yield Line(text=text[0].upper() + text[1:], sources=tuple(sources))


def _vibe(evidence: Evidence) -> Iterator[Line]:
    traits = {trait.id: trait for trait in evidence.traits}
    if "length" not in traits:
        return
    median = evidence.style.lengths.median
    pace = "Brief" if median <= 25 else "Unhurried" if median <= 60 else "Thorough"
    casual = [
        traits[name] for name in ("lower-case", "contractions", "slang", "address-du", "address-tu") if name in traits
    ]
    formal = [traits[name] for name in ("address-sie", "address-vous") if name in traits]
    manner = "formal" if formal else "casual" if casual else "plain"
    figures = [traits["length"], *(formal or casual)[:1]]
    text = f"{pace} and {manner}, as the person writes: half of the messages have {median} words or fewer."
    yield Line(text=text, sources=tuple(source for trait in figures for source in material.measured(trait).sources))


def _emoji(evidence: Evidence) -> Iterator[Line]:
    share = evidence.style.shares["emoji"]
    if share.over < 20:
        return
    favourites = " ".join(sign for sign, _ in evidence.style.emoji[:3])
    manner = "None" if share.percent < 1 else "Sparing" if share.percent < 10 else "Frequent"
    like = f", with {favourites} as favourites" if favourites and share.percent >= 1 else ""
    text = f"{manner}: {share.count:,} of {share.over:,} messages have one{like}."
    yield material.counted("messages with emoji", f"{share.count:,} of {share.over:,}", share.over, text)


def _greeting(evidence: Evidence, name: Line | None) -> Line:
    spoken = evidence.style.languages
    language = spoken[0] if spoken else None
    hello = HELLO.get(language.code if language else "en", "Hi")
    greeting = f"{hello} {name.text}." if name else f"{hello}!"
    sources = list(name.sources) if name else []
    if language:
        figure = material.counted(
            "main language", f"{language.name}, {language.share:.0%}", evidence.style.languages_over, greeting
        )
        sources += figure.sources
    return Line(text=greeting, sources=tuple(sources))


# MEMORY


def _memory(source: Material, evidence: Evidence) -> list[MemoryPart]:
    """The statements by what they are of, the newest first; custom instructions under the context."""
    parts = []
    for title, categories in PARTS.items():
        best = [piece for category, most in categories.items() for piece in _distinct(source, category)[:most]]
        lines = newest(best)
        if title == "Decisions & Context":
            lines += [piece.line for claim in source.about[:1] for piece in claim]
        parts.append(MemoryPart(title=title, lines=lines))
    return parts


def _distinct(source: Material, category: str) -> list[Piece]:
    """The statements of a category, the best first, none saying nearly the same as one before."""
    kept: list[Piece] = []
    for piece in source.statements:
        if piece.category == category and len(kept) < ITEMS:
            kept += [] if any(material.alike(piece, other) for other in kept) else [piece]
    return kept
