"""Plain declarations: sentences so worded that they are about the writer whatever stands around them.

They come beside `statements`, whose judge is unsure of many of them. A few strict patterns, mostly English, are tried in
what the person typed themself, where one of their words stands; pasted texts, quotations, fiction and requests are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from soulprint.measuring import casual, occupations, own_words, rules, signals
from soulprint.measuring.statements import Statement
from soulprint.measuring.words import Typed

# ruff: noqa: E501 - a pattern a line

SHORTEST, LONGEST = 10, 300
"""Code points of a sentence."""

WHOLE = 600
"""A message this short that announces no paste is the person's own throughout; of a longer one its first paragraph is."""

SURE = 0.8
"""The probability given to a declaration: four of five that such patterns find are right."""

_KIN = r"(?:aunt|uncle|cousin|nan|gran|mum|mom|mother|dad|father|parents|sister|brother|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|son|daughter|kids|children|grand\w+|nephew|niece|boss|cat|dog)"
_DAY = r"(?:every|each|twice|once|three times|four times|\d+ (?:km|times|hours|minutes|min)|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|a (?:day|week|month|year)|in the (?:morning|evening)s?|before work|after work|at night)"
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|januar|februar|märz|juni|juli|oktober|dezember|enero|febrero|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro)"
_DATE = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of| de)? {_MONTH}|{_MONTH} \d{{1,2}})\b"
_MADE = r"(?! (?:\w+ )?(?:function|script|query|tests?|class|regex|formula|app|page|loop|e-?mail|mail|letter|message|report|code|program|list|table|file|form|component|api)\b)"
"""What is made is no piece of work for the next hour."""

_OFTEN = r"(?:(?:also|still|really|always|usually|mostly|only|just|never|absolutely|generally|do|firmly|honestly|normally|often) )*"
_ANY = r"(?!(?:it|this|that|these|those|them|him|her|you|your|the (?:first|second|last|idea|way you))\b)"
"""The object is no mere pointer to something said before."""

_PATTERNS: dict[str, tuple[str, ...]] = {
    "about": (
        rf"my {_KIN} (?:in|from|near) (?-i:[A-Z])\w+,? \w+",
        rf"i(?:['’]m| am) (?:now )?an? (?:[\w-]+ ){{0,2}}?{occupations.ANY}\b(?! of\b)",
        r"as a (?:child|kid|teenager|boy|girl|young \w+),? i (?!want to|can\b|need)\w+",
        r"my (?:tutor|teacher|doctor|coach|trainer|therapist|physio) says (?:that )?i(?:['’]m| am| should| need| have| can)\b",
        r"my (?:left |right |lower |upper )?(?:knee|shoulder|back|hip|wrist|ankle|neck|eyes?|stomach) (?:has been|have been|is|are|hurts?|aches?)\b",
        r"i(?:['’]m| am) (?:now )?[1-9]\d(?= years old|[,.!]| and\b)",
        r"(?:we|i)(?:['’]ve| have)? (?:just )?adopted an? \w+",
        r"(?:vivo|moro|abito) (?:en|em|a|in|no|na) (?-i:[A-Z])|mi (?:herman[oa]|madre|padre|mamá|papá|hij[oa]|espos[oa]) (?:vive|trabaja|es|se llama)\b",
        rf"(?:i|we) {_OFTEN}(?:now )?live (?:in|on|near|with) ",
        r"(?:i|we)(?:['’]ve| have)? (?:just )?moved to (?-i:[A-Z])",
        r"i(?:['’]m| am) (?:also )?(?:allergic|lactose|coeliac|celiac|vegetarian|vegan|diabetic|dyslexic|colou?r-?blind|left-handed|autistic|pregnant|engaged|married|divorced|an (?:aunt|uncle|only child))\b",
        r"i(?:['’]ve| have) been (?:a )?(?:vegetarian|vegan|sober|married|teaching|an? \w+ (?:\w+ )?for)\b",
        r"i (?:\w+ ){1,4}for a living\b",
        rf"i {_OFTEN}work (?:as|for|at) ",
        r"i(?:['’]ve| have) (?:just )?(?:never|not) (?:owned|learned|learnt|flown|missed|eaten|played|smoked|drunk|driven|had a|been to|voted)\b",
        r"i (?:haven['’]t|have not) (?:flown|eaten|smoked|drunk|driven|missed)\b",
        r"i never (?:got|learned|learnt|finished|had) (?:a|an|my|to)\b",
        r"i (?:don['’]t|do not) (?:drive|drink|smoke|fly|cook|own|eat (?:meat|fish|pork|gluten|dairy)|have (?:a (?:car|tv|licence|smartphone)|kids|children))\b",
        rf"i {_OFTEN}(?:give|donate|run|climb|swim|cycle|bake|play|sing|volunteer|walk|cook|read|row|dance|meditate|commute)\b[^.!?]{{0,40}}\b{_DAY}",
        r"i (?:was born|grew up|was raised) (?:in|on|near)\b",
        r"(?:it['’]s )?my birthday (?:today|is)\b|it['’]s my birthday\b",
        rf"my {_KIN}(?: (?-i:[A-Z])\w+)?,? (?:is|was|lives?|works?|has|have|makes|comes|teaches|speaks)\b",
        rf"my (?:\w+ )?{_KIN} (?-i:[A-Z])\w+",
        r"(?:his|her|their|its) name is (?-i:[A-Z])\w+",
        r"(?:we|i) have an? (?:\w+ )?(?:cat|dog|son|daughter|baby|rabbit|horse)\b",
        r"i have an? (?:\w+ )?passport\b|i speak (?-i:[A-Z])\w+|my (?:mother tongue|native language) is\b",
        r"i(?:['’]m| am) (?:a |an )?(?:\w+ )?(?:perfectionist|introvert|extrovert|night owl|morning person|slow learner|homebody)\b",
        r"i (?:decide|learn|write|work) (?:slowly|quickly|fast|best|better)\b",
        r"i(?:['’]m| am) (?:in|at|on) (?:[abc][12]|level)\b|my (?-i:[A-Z])\w+ is (?:about |around )?[abc][12]\b",
    ),
    "projects": (
        r"i(?:['’]m| am) (?:now |currently )?(?:organi[sz]ing|coaching|game-?mastering|rewriting|translating|growing|hosting) (?:an?|my|the) (?!following|above)",
        r"i(?:['’]m| am) (?:now |currently )?writing (?:an?|my) (?:[\w-]+ ){0,2}(?:book|novel|cookbook|thesis|memoir|blog|dissertation|play|album|opera)\b",
        r"i(?:['’]m| am) (?:now |currently |still )?(?:building|restoring|learning|training for|renovating|teaching myself|studying|knitting|preparing for|rebuilding|converting) (?!this|that|it\b)",
        r"i(?:['’]ve| have) (?:just )?(?:signed up for|entered|enrolled|joined|taken up|started (?:learning|evening|classes|building|running|training|writing|my|a|an))\b",
        r"i bought an? \d{4} ",
        r"i(?:['’]m| am) (?:trying to|going to) (?:write|learn|build|restore) (?:a|an|my|the|to)\b" + _MADE,
        r"i(?:['’]m| am) (?:trying to|going to) run (?:a|my) \w+",
        r"i want to build (?:a|an|my)\b[^.!?]{0,60}\bfor (?:them|my|our|him|her)\b",
    ),
    "dates": (
        rf"(?-i:[A-Z]\w+)(?:['’]s| has| have)? (?:asked|invited) (?:me|us) to\b[^.!?]{{0,60}}\b{_DATE}",
        rf"(?:i )?start(?:ing|s)?(?: work| there)?(?: on)?(?: (?:mon|tues|wednes|thurs|fri|satur|sun)day,?)? {_DATE}",
        rf"(?:my|our|the) (?:\w+ ){{0,2}}(?:wedding|surgery|operation|exam|test|interview|flight|appointment|due date|(?:deadline for (?:my|our) \w+)) (?:is|starts) (?:on )?(?:\w+day,? )?(?:the )?{_DATE}",
        rf"(?:my|our) {_KIN}(?: (?-i:[A-Z])\w+)? was born\b",
        rf"(?:i|we|my|our)\b[^.!?]{{0,80}}\b(?:wedding|married|marry|exam\w*|moving|move|moved|start|started|signed up|entered|operation|surgery|due|graduat\w+|race|marathon|examen|mariage)\b[^.!?]{{0,60}}\b(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of| de)? {_MONTH}|{_MONTH} \d{{1,2}})\b",
        rf"(?:the )?(?:wedding|exam|birthday|start|first day|due date|deadline|marathon)\b[^.!?]{{0,40}}\b(?:\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}|{_MONTH} \d{{1,2}})\b",
        r"i (?:passed|failed) (?:the|my) (?-i:[A-Z\d])\w*",
        r"i(?:['’]ve| have)? (?:got|just got|gotten) (?:engaged|married)\b|(?:(?-i:[A-Z]\w+)|he|she) proposed\b",
        r"(?:(?:it was )?my )?(?:first|last) day at (?-i:[A-Z])\w+",
        r"i ran a (?:half[- ])?marathon\b",
    ),
    "beliefs": (
        r"i (?:don['’]t|do not|never|won['’]t) (?:send|share|publish|sign|post|give|throw|buy|say|take|use|quote) [^.!?]{2,50}\bwithout (?:asking|checking|reading|telling|permission|consent|saying)",
        rf"i {_OFTEN}(?:believe|trust|distrust|(?:don['’]t|do not) (?:trust|believe in)) {_ANY}",
        rf"i {_OFTEN}think (?:that )?{_ANY}[^.!?]{{3,80}}\bshould\b",
        r"i(?:['’]m| am) (?:not religious|religious|an? (?:atheist|agnostic|feminist|catholic|christian|muslim|buddhist|pacifist))\b",
        r"i (?:won['’]t|will never|would never) (?:work|vote|fly|buy|eat|lie|sign) ",
        r"i (?:don['’]t|do not) (?:lie|exaggerate)\b",
        r"i care (?:more |a lot |deeply )?about\b",
        r"(?:je crois|ich glaube fest|ich bin überzeugt|creo firmemente|acredito) (?:vraiment |fermement )?(?:que|dass|qu['’]|an)",
    ),
    "preferences": (
        r"i like my (?!code|script|function|app)\w+ \w+",
        rf"i {_OFTEN}(?:love|hate|prefer|adore|enjoy|dislike|can['’]t stand|cannot stand|(?:don['’]t|do not) (?:really )?(?:like|enjoy)) {_ANY}\w",
        rf"i {_OFTEN}like (?:blunt|short|long|simple|small|old|quiet|being|having|working|reading|cooking|making|to (?:know|see|have|keep|start|work|read)) ",
        r"i['’]d rather [^.!?]{3,80}\bthan\b",
        r"i refuse to \w+",
        r"i always (?:want|keep|test|write|start|buy|use|read|put|say|do|order|make|try|leave|carry) (?!an error)\w",
        r"i (?:never|don['’]t|only) (?:buy|use|wear|order) \w+",
        r"i think in (?:kilomet\w+|metric|miles|celsius|euros|pounds)",
        r"(?:j['’]adore|je déteste|je préfère|ich liebe|ich hasse|ich bevorzuge|me encanta|odio|prefiero|prefiro|adoro|detesto) (?:les?|la|l['’]|das|die|den|el|los|as?|os?|lo|gli|\w+er\b|\w+ir\b)",
    ),
    "decisions": (
        r"(?:i|we)(?:['’]ve| have)? (?:finally )?decided (?:to|on|that|against|i)\b",
        r"we(?:['’]re| are) moving (?:to|from) (?-i:[A-Z])",
        r"(?:decision|decided)(?: [a-z ]{1,20})?:",
        r"(?:i|we)(?:['’]re| are|['’]m| am) (?:not )?(?:quitting|leaving|giving up) (?:my|the|our) \w+",
    ),
    "instruction": (
        r"(?:always|never) [^.!?]{3,50}\bwhen you (?:answer|reply|write|explain)\b",
        r"(?:please )?call me (?-i:[A-Z])\w+",
        r"from now on\b",
        r"(?:please )?remember (?:please )?that i\b",
        r"(?:please )?(?:don['’]t|do not|never|stop) [^.!?]{3,60}\b(?:anywhere|again|ever|any ?more|in future|unless i)\b",
        r"please (?:stop|always|never) \w+",
        r"i (?:like|love|prefer|hate) it when you\b",
        r"i(?:['’]d| would) rather you\b",
        r"tell me (?:when|if) you(?:['’]re| are) (?:not sure|guessing|unsure)\b",
        r"(?:no emojis|(?:british|american) spelling|metric units)\b",
    ),
}  # fmt: skip

_DECLARED = re.compile(
    "|".join(f"(?P<{category}>{'|'.join(patterns)})" for category, patterns in _PATTERNS.items()), re.IGNORECASE
)
_MARKS = re.compile(r"[,;:(–—.!?…)\n][ \n]*")
_CONJUNCTIONS = re.compile(r" (?:and|but|because|since|so|ok|well|that) ", re.IGNORECASE)
_OPENER = re.compile(
    r"[\"“]?(?=(?:i|we|my|our|his|her|their|its|it['’]s|please|from|remember|don['’]t|do|never|stop|tell|decision|decided|the (?:wedding|exam)|wedding|exam|birthday|"
    r"start|first|last|due|deadline|marathon|no|british|american|metric|as|starts?|starting|always|call|mi|vivo|moro|abito|je|j|ich|me|odio|prefiero|prefiro|adoro|detesto|creo|acredito|"
    r"[A-Z]\w+ proposed|[A-Z]\w+(?:['’]s| has| have)? (?:asked|invited))\b)",
    re.IGNORECASE,
)
"""A word that a pattern starts with."""

_TRIGGERS = frozenset(
    """
    live living moved allergic vegetarian vegan diabetic pregnant engaged married divorced aunt uncle owned flown missed
    haven't climb swim cycle bake born grew birthday passport speak perfectionist introvert drive drink smoke decide
    building restoring learning training play sing volunteer walk dance row commute now renovating studying signed entered enrolled joined started bought build
    moving wedding exam examen marathon passed failed proposed believe trust distrust think religious
    won't would crois glaube love hate prefer adore enjoy dislike stand like rather refuse always never adore déteste
    préfère liebe hasse encanta odio prefiero decided decision quitting leaving remember stop emojis spelling metric donate give run
    mum mom mother dad father parents sister brother wife husband partner girlfriend boyfriend fiancé fiancée son daughter
    cat dog name deadline adoro detesto prefiro acredito work works inspect care send don't kilometres miles day today
    guessing j'adore says child kid teenager trying learn write adopted organising organizing coaching rewriting writing game
    translating growing hosting asked invited surgery operation test interview flight appointment without call
    knee shoulder back hip wrist ankle neck eyes stomach start starts starting vivo moro abito hermana hermano cousin nan gran
    """.split()  # noqa: SIM905 - words read best as words
).union(re.findall(r"[\w]{3,}(?=[|)])", occupations.ANY))
"""Without one of these words no pattern is found."""

_OPENERS = frozenset(
    """
    i i'm i've i'd i'll im ive my we we're we've our from mine me je j'ai j'adore ich odio prefiero prefiro adoro detesto creo
    acredito wedding exam exam's birthday decided decision proposed marathon emojis british american metric please stop remember day name as start starts starting always never
    call mi vivo moro abito asked invited
    """.split()  # noqa: SIM905 - words read best as words
)
"""Nor without one of these, with which a pattern starts."""

_BREAK = re.compile(r"\n\s*\n|:[ \t]*\n|```|\n>|\n-{3}|\n(?:from|subject|von|de|betreff|objet):", re.IGNORECASE)
_ANNOUNCED = re.compile(
    r"\b(?:this|these|below|here['’]?s|here is|following|pasting|pasted|attached|found|got|sent|wrote|says|said|readme|article|e?mails?|letter|page|thread|text|advert|cv|review|proofread|translate|summari[sz]e|shorten|paraphrase|correct|check)\b",
    re.IGNORECASE,
)
_INVENTED = re.compile(
    r"\b(?:narrator|first person|character|monologue|pretend|role-?play|act as|in the voice|fiction|short story|poem|lyrics|cover letter|their words|her text|his text|the user|system:|previous instructions)\b",
    re.IGNORECASE,
)
_END = re.compile(r"(?:(?<![\s(]\d)(?<![\s(]\d\d)\.|[!?…])[.!?…]*[\"'”)]*(?=\s|$)|\n")
_REQUEST = re.compile(r"\?\s*$|\b(?:can|could|would) you\b|\bhow (?:do|can|should) i\b", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"\n]*\"?|“[^”\n]*”?|«[^»\n]*»?|„[^“”\n]*[“”]?")


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int


def declarations(message: Typed) -> list[Statement]:
    """The declarations of a message, in its order. Linear in its length."""
    plain = not (_TRIGGERS.isdisjoint(message.words) or _OPENERS.isdisjoint(message.words))
    loose = casual.may_hold(message.words)
    if not plain and not loose:
        return []
    text = message.said.text[: typed_until(message.said.text)]
    found = list(_declared(message.said.message_id, text)) if plain else []
    found += _casual(message.said.message_id, text, found) if loose else []
    found.sort(key=lambda one: one.start)
    return [] if found and _INVENTED.search(text) else found


def typed_until(text: str) -> int:
    """Where what the person typed themself ends, in code points: before a pasted text, code or a quoted mail."""
    cut = _BREAK.search(text, 0, 4 * WHOLE)
    head = cut.start() if cut else len(text)
    if cut and len(text) <= WHOLE and text[cut.start()] == "\n" and not _ANNOUNCED.search(text, 0, head):
        return len(text)
    return min(head, WHOLE)


def _declared(message: int, text: str) -> Iterator[Statement]:
    done = 0
    foreign: list[own_words.Span] | None = None
    for position in _clauses(text):
        opener = _OPENER.match(text, position) if position >= done else None
        match = _DECLARED.match(text, opener.end()) if opener else None
        if match is None:
            continue
        start, done = _sentence(text, match)
        sentence = text[start:done]
        if foreign is None:
            foreign = own_words.foreign(text, rules.lowered(text))
        fits = SHORTEST <= len(sentence) <= LONGEST and not _REQUEST.search(sentence)
        if fits and not _within(_quotations(text), match.start()) and not _is_foreign(foreign, match):
            yield Statement(message, start, done, sentence, match.lastgroup or "about", SURE)


def _casual(message: int, text: str, taken: Sequence[Statement]) -> list[Statement]:
    """What is declared as people type it, in the sentences of which nothing was taken yet, without the request that
    ends them."""
    low = rules.lowered(text)
    hits = []
    for start, end in _sentences(low):
        if end - start > LONGEST or any(one.start < end and start < one.end for one in taken):
            continue
        hit = casual.found(low[start:end])
        if hit is None:
            continue
        from_, to, category = hit
        kept = end if category == "instruction" else _before_request(low, start + to, end)
        if kept - start >= SHORTEST and not low[start:kept].endswith("?"):
            hits.append((_own_start(low, start, start + from_), start + from_, kept, category))
    if not hits:
        return []
    foreign = [*own_words.foreign(text, low), *((one.start, one.end) for one in _quotations(text))]
    return [
        Statement(message, start, end, text[start:end], category, casual.LIKELY)
        for start, position, end, category in hits
        if not any(a < end and position < b for a, b in foreign)
    ]


def _own_start(low: str, start: int, position: int) -> int:
    """Where the clause begins that declares something, in a sentence that opens with what isn't about the person:
    "three exercises, i had a slipped disc". Else the sentence's start."""
    return start if low[position - 1 : position].isalnum() or signals.SELF.search(low, start, position) else position


def _before_request(low: str, position: int, end: int) -> int:
    """Where the request begins that ends a sentence after `position`; the sentence's end where none does."""
    asks = signals.ASKS.search(low, position, end) or (
        signals.LAST_ASKS.search(low, position, end) if low[end - 1 : end] == "?" else None
    )
    return asks.start() if asks else end


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence, without the space around it."""
    start = 0
    for end in (*(match.end() for match in _END.finditer(text)), len(text)):
        sentence = text[start:end]
        if sentence.strip():
            yield start + len(sentence) - len(sentence.lstrip()), start + len(sentence.rstrip())
        start = end


def _is_foreign(spans: Sequence[own_words.Span], match: re.Match[str]) -> bool:
    """Whether someone else's words begin no later than the declaration and reach into it, and it isn't its own label,
    as in "Wedding date: 6 June"."""
    inside = [start for start, end in spans if start <= match.start() < end]
    return any(start < match.start() or ":" not in match[0] for start in inside)


def _clauses(text: str) -> list[int]:
    """Where clauses may start. Two plain searches are many times faster than one that tries both at each letter."""
    first = _CONJUNCTIONS.match(" " + text[:12])
    marks = [match.end() for match in _MARKS.finditer(text)]
    conjunctions = [match.end() for match in _CONJUNCTIONS.finditer(text)]
    return sorted([0, first.end() - 1 if first else 0, *marks, *conjunctions])


def _sentence(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Where the sentence around a match starts and ends, without the space at its ends."""
    start = signals.sentence_start(text, 0, match.start())
    end = _END.search(text, match.end())
    stop = end.end() if end else len(text)
    sentence = text[start:stop]
    return start + len(sentence) - len(sentence.lstrip()), start + len(sentence.rstrip())


def _quotations(text: str) -> list[_Span]:
    return [_Span(*match.span()) for match in _QUOTED.finditer(text)]


def _within(spans: Sequence[_Span], position: int) -> bool:
    return any(span.start <= position < span.end for span in spans)
