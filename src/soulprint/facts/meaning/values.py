"""Values read off statements of which only one holds at a time: a place, an employer, a diet, an age.

Each function gives the value as words in lower case, none where the statement doesn't tell it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from soulprint.measuring import occupations, words
from soulprint.quick_pass import patterns

# ruff: noqa: E501, SIM905 - one alternative a line, and lists of words, read better so

LONGEST_WORD = 30
STEM = 6
"""Code points by which forms of a word are taken for one: `inspect`, `inspector`."""

REACH = 60
"""Code points after "I live in" or "I work for" among which the name is looked for."""

NAMES = re.compile(
    r"(?-i:[A-ZÀ-ÖØ-Þ])[\w'’.&-]*(?: (?:de |of |du |la |le |der |am |and )?(?-i:[A-ZÀ-ÖØ-Þ])[\w'’.&-]*)*"
)
NO_NAMES = frozenset(
    """
    i i'm i've i'll january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday
    """.split()
)
COUNTRIES = frozenset(
    """
    england scotland wales ireland britain uk usa us america canada mexico brazil brasil argentina chile colombia
    peru france germany deutschland spain españa espanha portugal italy italia netherlands nederland holland belgium
    belgique austria österreich switzerland schweiz suisse poland polska sweden sverige norway norge denmark danmark
    finland iceland estonia latvia lithuania ukraine russia romania bulgaria greece turkey hungary czechia croatia
    serbia slovenia slovakia egypt morocco nigeria kenya ghana israel lebanon india pakistan bangladesh china japan
    korea vietnam thailand indonesia malaysia singapore philippines australia allemagne angleterre espagne italie
    frankreich spanien italien inglaterra francia frança alemania alemanha europe
    """.split()
)
"""Countries by the names people write most: one does not contradict a town."""


def _lowered(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower())) - {"of", "the", "de", "du", "la", "le", "and"}


def _named(statement: str, position: int) -> frozenset[str]:
    """The words of the first name within reach of a position."""
    for match in NAMES.finditer(statement, position, position + REACH):
        if match[0].lower() not in NO_NAMES:
            return _lowered(match[0])
    return frozenset()


_HOME = patterns.any_of(
    r"\b(?:moved|move|moving|relocated|relocating)\b[^.!?]{0,40}?\b(?:to|into|in)\s+",
    r"\b(?:live|living|based|lived|settled|stay)\b[^.!?]{0,30}?\b(?:in|at|near|outside)\s+",
    r"\b(?:been|home is|home is now)\s(?:in )?",
    r"\b(?:wohne|lebe|wohnen|leben|umgezogen|ziehe|ziehen|gezogen)\b[^.!?]{0,30}?\b(?:in|nach|bei)\s+",
    r"\b(?:nach|à|en|au|aux|a|em|para|naar)\s+(?=(?-i:[A-ZÀ-ÖØ-Þ]))",
    r"\b(?:vivo|moro|abito|vivimos|moramos|viviamo|woon|wonen|in)\b[^.!?]{0,20}?\b(?:en|em|a|in)\s+",
)
_BARE = re.compile(
    r"\b(?:live|living|based|moved) (?:in|to) (?P<place>(?!the\b|an?\b|my\b|our\b|fear\b|this\b|that\b|one\b|two\b|hope\b|peace\b|it\b)[a-z]{3,})\b"
)

_NO_PLACE = r"(?!(?:de[rmn]|die|das|eine[rmn]?|ne[rmn]?|mein\w*|unser\w*|hause?|wohnung|wg|ruhe|angst|zukunft|zwei|drei|miete)\b)"
_BARE_GERMAN = re.compile(
    rf"\b(?:wohn|wohne|wohnen|leb|lebe|leben) (?:[\w.]+ ){{0,4}}?in {_NO_PLACE}([a-zäöüß-]{{3,}})"
    rf"|\bnach {_NO_PLACE}([a-zäöüß-]{{3,}}) (?:um)?gezogen\b|\b(?:zieh|ziehe|ziehen) (?:[\w.]+ ){{0,5}}?nach {_NO_PLACE}([a-zäöüß-]{{3,}})"
)


def home(statement: str) -> frozenset[str]:
    """The place where someone lives or moves to, as words; empty where it has no name."""
    found = (_named(statement, match.end()) for match in _HOME.finditer(statement))
    bare = _BARE.search(statement) or _BARE_GERMAN.search(statement)
    return next(filter(None, found), frozenset({next(filter(None, bare.groups()))}) if bare else frozenset())


_EMPLOYER = patterns.any_of(
    r"\bwork(?:ing|ed)? (?:\w+ ){0,2}(?:for|at|with)\s",
    r"\b(?:first|last) day at\s|\b(?:start|started|starting|begin|joined|joining|join|job|position|role|contract) (?:\w+ )?(?:at|with|from)\s|\b(?:joined|joining)\s",
    r"\b(?:arbeite|arbeitet) (?:\w+ ){0,2}(?:bei|für)\s|\bfange? bei\s",
    r"\b(?:travaille|bosse) (?:\w+ ){0,2}(?:chez|pour|à)\s|\bpremier jour chez\s|\bcommencé chez\s",
    r"\b(?:trabajo|trabalho|lavoro) (?:en|para|na|no|per|da|in|em)\s|\bwerk (?:bij|voor)\s",
)

EMPLOYER_GERMAN = re.compile(
    rf"\b(?:arbeite?|unterrichte|(?:{occupations.GERMAN})(?:in)?)(?: ich| wir)? (?:\w+ )?(?:bei(?: der| dem)?|beim|an der|am|für die) {_NO_PLACE}([\w-]{{3,}})"
    rf"|\bbin (?:ich )?(?:\w+ )?(?:bei|beim) {_NO_PLACE}([\w-]{{3,}})(?= seit\b|[,.!]|$)",
    re.IGNORECASE,
)


def employer(statement: str) -> frozenset[str]:
    found = (_named(statement, match.end()) for match in _EMPLOYER.finditer(statement))
    bare = EMPLOYER_GERMAN.search(statement)
    return next(filter(None, found), frozenset({next(filter(None, bare.groups())).lower()}) if bare else frozenset())


_JOB = re.compile(rf"\b{patterns.JOBS}\b", re.IGNORECASE)
_TEACHES = re.compile(r"\bunterrichte\b|\blehrerin\b|\blehrkraft\b", re.IGNORECASE)
_LIVING = re.compile(r"\bi (?:\w+ )?(?P<what>\w+ \w+) for a living\b", re.IGNORECASE)


def job(statement: str) -> frozenset[str]:
    """The stems of the occupation's words: of `data engineer`, of `inspect bridges`."""
    if _TEACHES.search(statement):
        return frozenset({"lehrer"})
    living = _LIVING.search(statement)
    if living:
        return _stems(living["what"])
    found = _JOB.search(statement)
    if not found:
        return frozenset()
    before = re.findall(r"\w+", statement[max(0, found.start() - LONGEST_WORD) : found.start()])[-1:]
    return _stems(" ".join([*(word for word in before if word.lower() not in words.GRAMMAR), found[0]]))


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in _lowered(text))


ENGLISH_JOBS = frozenset(word[:STEM] for word in occupations.ENGLISH.split("|"))
"""Stems of occupations in English: one doesn't contradict an occupation in another language, which may be the same."""

DIETS = {
    "vegan": r"\bvegan\w*\b|\bvégan\w*\b",
    "vegetarian": r"\b(?:ess|esse|essen)\b[^.!?]{0,30}\bkein fleisch\b|\bvegetari\w+\b|\bvégétari\w+\b|\bveggie\b",
    "meat again": r"\b(?:ess|esse|essen)\b (?:\w+ )?(?:wieder|jetzt auch) fleisch\b|\b(?:ess|esse)\b (?:eigentlich |fast |wirklich )?alles\b|\beats? (?:everything|anything)\b",
    "fish": r"\bnur (?:noch )?fisch\b|\b(?:ess|esse) fisch\b|\bpesc[ae]tari\w+\b|\b(?:eat|eating|esse|mange|como|mangio|eet) (?:\w+ )?(?:fish|fisch|(?:du )?poisson|pescado|peixe|pesce|vis)\b|\bfish is (?:fine|ok|okay|allowed)\b|\b(?:fish|seafood) again\b",
    "meat": r"\b(?:i|we) (?:also |still |now )?(?:eat|love|started eating) (?:\w+ )?(?:meat|everything|chicken|beef)\b|\bmeat (?:again|is fine)\b|\besse (?:wieder )?fleisch\b|\bmange (?:de la|à nouveau de la) viande\b|\bcomo carne\b",
}
_DIET = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in DIETS.items()}


def diet(statement: str) -> frozenset[str]:
    """The strictest is no match for what is eaten again: `fish` and `meat` go before the names of diets."""
    for name in ("meat", "meat again", "fish", "vegan", "vegetarian"):
        if _DIET[name].search(statement):
            return frozenset({name.split()[0]})
    return frozenset()


_LEVEL = re.compile(r"\b[ABC][12]\b")
_EXAM = patterns.any_of(
    r"\b(?:exam\w*|examen|prüfung|esame|exame|toets|aim(?:ing)? for|goal|towards?)\b|\bDELF\b|\bTOEFL\b|\bIELTS\b"
)
_REACHED = patterns.any_of(r"\b(?:passed|reached|at|bestanden|réussi|aprobé|passei|niveau|level)\b")


def level(statement: str) -> frozenset[str]:
    """The level that is reached; an exam to come reaches none."""
    found = _LEVEL.search(statement)
    if not found or (_EXAM.search(statement) and not _REACHED.search(statement)):
        return frozenset()
    return frozenset({found[0]})


AGE = patterns.any_of(
    r"\b(?:i['’]?m|i am|i just turned|i turned|i turn|i['’]ll be|ich bin|j['’]ai|tengo|tenho|ho|ik ben)(?: now| only| just| already| erst| jetzt)? (?P<age>[1-9]\d)\b(?! ?(?:%|km|cm|kg|pounds|minutes|min\b|hours|weeks|months|weeks|days|pages|°))",
)


def age(statement: str) -> frozenset[str]:
    found = AGE.search(statement)
    return frozenset({found["age"]}) if found else frozenset()


def _first_of(**kinds: str) -> Callable[[str], frozenset[str]]:
    """Reads off a statement the first of some values whose wording it has."""
    compiled = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in kinds.items()}

    def value(statement: str) -> frozenset[str]:
        return next((frozenset({name}) for name, kind in compiled.items() if kind.search(statement)), frozenset())

    return value


state = _first_of(
    divorced=r"\b(?:divorced|scheiden lassen|geschieden|divorcée?|divorciad\w|divorziat\w|gescheiden)\b",
    widowed=r"\bwidow\w*\b|\bverwitwet\b|\bveu[fv]e?\b|\bviud[oa]\b",
    married=r"\b(?:i['’]?m|i am|we['’]re|we are|we got|i got|been|now) (?:happily |now |just )?married\b|\b(?:verheiratet|mariée?s?|casad[oa]s?|sposat\w|getrouwd)\b",
    engaged=r"\b(?:engaged|proposed|verlobt|fiancée?s?|prometid\w|noiv[oa]s?|fidanzat\w|verloofd)\b",
    dating=r"\b(?:dating|seeing someone)\b",
    single=r"\bsingle\b|\bcélibataire\b|\bsolter[oa]\b|\bsolteir[oa]\b|\bbroke up\b",
)
_NO_COFFEE = r"\b(?:gave up|given up|quit|stopped|no|without|don['’]t drink|no longer|keine?n?|nicht mehr|ohne|plus de|sin|ya no|non bevo)\b[^.!?]{0,20}\b(?:coffee|caffeine|kaffee|koffein|café|caffè)\b|\bkaffee\b[^.!?]{0,20}\b(?:aufgehört|aufgegeben)\b|\b(?:off|don['’]t drink) coffee\b"
_COFFEE = r"\b(?:drink\w*|cups?|trink\w*|tassen?|bois|tasses?|bebo|tazas?|bevo|drinken?|again|wieder)\b[^.!?]{0,30}\b(?:coffee|kaffee|café|caffè|koffie)\b|\bcoffee again\b"
COFFEE = patterns.any_of(_NO_COFFEE, _COFFEE)
coffee = _first_of(none=_NO_COFFEE, some=_COFFEE)
_PHONES = r"iphone|pixel|galaxy|fairphone|oneplus|xiaomi|redmi|nokia|huawei|motorola|nothing phone|shiftphone"
PHONE = patterns.any_of(
    rf"\b(?:i|i['’]ve|my|new|mein\w*|hab|habe|hatte|neues?|tengo|mon|mi)\b(?! (?:sister|brother|mum|mom|mother|dad|father|wife|husband|son|daughter|boss|schwester|bruder|mutter|vater|frau|mann|sohn|tochter)\b)[^.!?]{{0,30}}\b(?P<phone>{_PHONES})\b"
)


def phone(statement: str) -> frozenset[str]:
    """The make of the person's phone."""
    found = PHONE.search(statement)
    return frozenset({found["phone"].lower()}) if found else frozenset()


emoji = _first_of(
    none=r"\b(?:no|without|stop (?:using|with)|don['’]t (?:use|like)|never use|hate|keine|sans|pas d['’e]|sin|sem|senza|geen)\b[^.!?]{0,20}\bemojis?\b",
    some=r"\bemojis?\b[^.!?]{0,20}\b(?:fine|ok|okay|welcome|again)\b|\b(?:use|love|like|with|want|more)\b[^.!?]{0,20}\bemojis?\b",
)
spelling = _first_of(
    british=r"\bbritish (?:spelling|english)\b|\buk (?:spelling|english)\b",
    american=r"\b(?:american|us) (?:spelling|english)\b",
)
units = _first_of(
    metric=r"\bmetric\b(?! tons?)|\bin (?:kilomet\w+|celsius|kilos|km|grams)\b|\bmetrisch\w*\b",
    imperial=r"\bimperial\b|\bin (?:miles|fahrenheit|pounds|feet|inches|cups)\b",
)
length = _first_of(
    short=r"\b(?:short|brief|concise|kurz\w*|courte?s?|breves?|cort[oa]s?|curt[oa]s?|kort\w*)\b",
    long=r"\b(?:long|detailed|in depth|thorough|in detail|ausführlich\w*|détaillée?s?|detallad\w+|detalhad\w+|uitgebreid\w*)\b",
)
FAVOURITE = patterns.any_of(
    r"\b(?:my|our) (?:all[- ]time |new |current )?fav(?:ou?rite)? (?P<a>\w+) (?:is|are|was)(?: now)? (?P<a_is>[^.,;!?]{2,40})",
    r"\bmeine? lieblings-?(?P<b>\w+) ist (?P<b_is>[^.,;!?]{2,40})",
    r"\b(?:mon|ma|mi|o meu|a minha|meu|minha|il mio|la mia) (?P<c>\w+) (?:préférée?|favorit[oa]|preferid[oa]|preferit[oa]) (?:est|es|é|è) (?P<c_is>[^.,;!?]{2,40})",
)


def favourite(statement: str) -> frozenset[str]:
    found = FAVOURITE.search(statement)
    return _lowered(next(filter(None, (found["a_is"], found["b_is"], found["c_is"])))) if found else frozenset()
