"""What a statement is of, and which of two statements about the same holds now, by the words they are made of.

The rules know the wording of a dozen European languages where people speak of themselves plainly; what they can't tell
apart they leave as it is, so that both statements stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from soulprint.measuring import words
from soulprint.quick_pass import patterns

# ruff: noqa: E501 - one alternative a line reads better than a wrapped one

LONGEST_WORD = 30
REACH = 60
"""Code points after "I live in" or "I work for" among which the name is looked for."""

FAVOURITE = "favourite "
"""What a statement on a favourite of theirs is of begins with this."""

MOST_WORDS = 3
"""Words that say what a statement is of."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Something that a statement may be of. Where it has one value at a time, `value` reads it off a statement."""

    name: str
    pattern: re.Pattern[str]
    value: Callable[[str], frozenset[str]] | None = None


def about(statement: str, category: str) -> str:
    """What a statement is of, in one to three words in lower case: `home`, `job`, `sister`, the name of a project, else
    the words that tell most."""
    favourite = _FAVOURITE.search(statement)
    if favourite:
        return f"{FAVOURITE}{favourite['a'] or favourite['b'] or favourite['c']}".lower()
    for slot in SLOTS:
        if slot.pattern.search(statement):
            return slot.name
    return (_project(statement) if category == "projects" else "") or _telling(statement) or category


def single_valued(subject: str) -> bool:
    """Whether of a subject, as `about` gives it, only one statement holds at a time."""
    return subject in _VALUES or subject.startswith(FAVOURITE)


def newer_wins(subject: str, older: str, newer: str) -> bool:
    """Whether the newer of two statements on a subject, as `about` gives it, takes the older one's place: it holds now,
    and says another thing where only one can be so, or that what the older says has ended."""
    if is_past(newer) or is_supposed(newer):
        return False
    value = _favourite if subject.startswith(FAVOURITE) else _VALUES.get(subject)
    if value:
        before, after = value(older), value(newer)
        if not before or not after:
            return False
        return differ(before, after) or (before == after and is_planned(older) and not is_planned(newer))
    return _is_ended(older, newer)


def is_past(statement: str) -> bool:
    """Whether a statement says how things were and are no more."""
    return _PAST.search(statement) is not None and not _NOW.search(statement)


def is_planned(statement: str) -> bool:
    """Whether a statement says what is going to be."""
    return _PLANNED.search(statement) is not None


def is_supposed(statement: str) -> bool:
    """Whether a statement says what may be, or is wished for."""
    return _SUPPOSED.search(statement) is not None


def differ(before: frozenset[str], after: frozenset[str]) -> bool:
    """Whether two values are not the same one said in more or fewer words, nor a country and a place that may lie in
    it."""
    if before <= after or after <= before:
        return False
    return bool(before & COUNTRIES) == bool(after & COUNTRIES)


# When


_PAST = patterns.any_of(
    r"\bused to (?:be|live|work|eat|study|have|play|smoke|drink|drive|speak|prefer|like|love|hate|own|run|use)\b",
    r"\b(?:i|we) (?:lived|worked|studied|grew up|was a|was an|were living|was living|was working|was born)\b(?!.{0,40}\bsince\b)",
    r"\bwhen (?:i|we) (?:lived|worked|was|were|studied)\b|\bback when\b|\bformerly\b|\bin the past\b|\buntil (?:last|20\d\d|19\d\d)\b",
    r"\b(?:früher|damals|ich war|ich wohnte|ich arbeitete|ich habe früher)\b",
    r"\b(?:autrefois|à l['’]époque|j['’]habitais|je travaillais|j['’]étais|je vivais)\b",
    r"\b(?:antes (?:vivía|trabajaba|era|morava|trabalhava)|vivía|trabajaba|morava|trabalhava|solía)\b",
    r"\b(?:abitavo|lavoravo|vivevo|una volta|vroeger|ik woonde|ik werkte)\b",
)
_NOW = patterns.any_of(
    r"\b(?:now|these days|nowadays|currently|any ?more|no longer|since then|from now on)\b",
    r"\b(?:jetzt|inzwischen|mittlerweile|nicht mehr|maintenant|désormais|ne .{1,30} plus|ahora|ya no|agora|já não|adesso|ora|non .{1,20} più|nu|niet meer)\b",
)
_PLANNED = patterns.any_of(
    r"\b(?:moving|going to (?:move|live|work|start)|will (?:move|live|start|join)|planning to|about to (?:move|start)|i['’]ll (?:move|start|join|be))\b",
    r"\b(?:ziehe|werde|vais déménager|déménage|voy a|me mudo|vou|vado a|ga verhuizen)\b",
)
_SUPPOSED = patterns.any_of(
    r"\b(?:would (?:love|like) to|i['’]d (?:love|like) to|might|maybe|thinking (?:of|about)|considering|wish|dream of|if (?:i|we)|want to|hope to|could)\b",
    r"\b(?:vielleicht|würde|möchte|peut-être|voudrais|aimerais|quizás?|me gustaría|quiero|talvez|gostaria|quero|forse|vorrei|misschien|zou)\b",
)


# Values


_NAMES = re.compile(
    r"(?-i:[A-ZÀ-ÖØ-Þ])[\w'’.&-]*(?: (?:de |of |du |la |le |der |am |and )?(?-i:[A-ZÀ-ÖØ-Þ])[\w'’.&-]*)*"
)
_NO_NAMES = frozenset(
    [
        "i",
        "i'm",
        "i've",
        "i'll",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
)
COUNTRIES = frozenset(
    [
        "england",
        "scotland",
        "wales",
        "ireland",
        "britain",
        "uk",
        "usa",
        "us",
        "america",
        "canada",
        "mexico",
        "brazil",
        "brasil",
        "argentina",
        "chile",
        "colombia",
        "peru",
        "france",
        "germany",
        "deutschland",
        "spain",
        "españa",
        "espanha",
        "portugal",
        "italy",
        "italia",
        "netherlands",
        "nederland",
        "holland",
        "belgium",
        "belgique",
        "austria",
        "österreich",
        "switzerland",
        "schweiz",
        "suisse",
        "poland",
        "polska",
        "sweden",
        "sverige",
        "norway",
        "norge",
        "denmark",
        "danmark",
        "finland",
        "iceland",
        "estonia",
        "latvia",
        "lithuania",
        "ukraine",
        "russia",
        "romania",
        "bulgaria",
        "greece",
        "turkey",
        "hungary",
        "czechia",
        "croatia",
        "serbia",
        "slovenia",
        "slovakia",
        "egypt",
        "morocco",
        "nigeria",
        "kenya",
        "ghana",
        "israel",
        "lebanon",
        "india",
        "pakistan",
        "bangladesh",
        "china",
        "japan",
        "korea",
        "vietnam",
        "thailand",
        "indonesia",
        "malaysia",
        "singapore",
        "philippines",
        "australia",
        "allemagne",
        "angleterre",
        "espagne",
        "italie",
        "frankreich",
        "spanien",
        "italien",
        "inglaterra",
        "francia",
        "frança",
        "alemania",
        "alemanha",
        "europe",
    ]
)
"""Countries by the names people write most: one does not contradict a town."""


def _lowered(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower())) - {"of", "the", "de", "du", "la", "le", "and"}


def _named(statement: str, position: int) -> frozenset[str]:
    """The words of the first name within reach of a position."""
    for match in _NAMES.finditer(statement, position, position + REACH):
        if match[0].lower() not in _NO_NAMES:
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


def _home(statement: str) -> frozenset[str]:
    """The place where someone lives or moves to, as words; empty where it has no name."""
    found = (_named(statement, match.end()) for match in _HOME.finditer(statement))
    bare = _BARE.search(statement)
    return next(filter(None, found), frozenset({bare["place"]}) if bare else frozenset())


_EMPLOYER = patterns.any_of(
    r"\bwork(?:ing|ed)? (?:\w+ ){0,2}(?:for|at|with)\s",
    r"\b(?:first|last) day at\s|\b(?:start|started|starting|begin|joined|joining|join|job|position|role|contract) (?:\w+ )?(?:at|with|from)\s|\b(?:joined|joining)\s",
    r"\b(?:arbeite|arbeitet) (?:\w+ ){0,2}(?:bei|für)\s|\bfange? bei\s",
    r"\b(?:travaille|bosse) (?:\w+ ){0,2}(?:chez|pour|à)\s|\bpremier jour chez\s|\bcommencé chez\s",
    r"\b(?:trabajo|trabalho|lavoro) (?:en|para|na|no|per|da|in|em)\s|\bwerk (?:bij|voor)\s",
)
_LEFT = patterns.any_of(r"\blast day at\b|\bcontract (?:\w+ )?with\b[^.!?]{0,40}\bends\b|\bleft\b|\bquit\b|\bfired\b")


def _employer(statement: str) -> frozenset[str]:
    found = (_named(statement, match.end()) for match in _EMPLOYER.finditer(statement))
    return next(filter(None, found), frozenset())


_JOB = re.compile(rf"\b{patterns.JOBS}\b", re.IGNORECASE)
_LIVING = re.compile(r"\bi (?:\w+ )?(?P<what>\w+ \w+) for a living\b", re.IGNORECASE)


def _job(statement: str) -> frozenset[str]:
    """The words of the occupation: `data engineer`, `inspect bridges`."""
    living = _LIVING.search(statement)
    if living:
        return _lowered(living["what"])
    found = _JOB.search(statement)
    if not found:
        return frozenset()
    before = re.findall(r"\w+", statement[max(0, found.start() - LONGEST_WORD) : found.start()].lower())[-1:]
    qualifier = [word for word in before if word not in words.GRAMMAR]
    return frozenset([*qualifier, found[0].lower()])


_DIETS = {
    "vegan": r"\bvegan\w*\b|\bvégan\w*\b",
    "vegetarian": r"\bvegetari\w+\b|\bvégétari\w+\b|\bveggie\b",
    "fish": r"\bpesc[ae]tari\w+\b|\b(?:eat|eating|esse|mange|como|mangio|eet) (?:\w+ )?(?:fish|fisch|(?:du )?poisson|pescado|peixe|pesce|vis)\b|\bfish is (?:fine|ok|okay|allowed)\b|\b(?:fish|seafood) again\b",
    "meat": r"\b(?:i|we) (?:also |still |now )?(?:eat|love|started eating) (?:\w+ )?(?:meat|everything|chicken|beef)\b|\bmeat (?:again|is fine)\b|\besse (?:wieder )?fleisch\b|\bmange (?:de la|à nouveau de la) viande\b|\bcomo carne\b",
}
_DIET = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _DIETS.items()}


def _diet(statement: str) -> frozenset[str]:
    """The strictest is no match for what is eaten again: `fish` and `meat` go before the names of diets."""
    for name in ("meat", "fish", "vegan", "vegetarian"):
        if _DIET[name].search(statement):
            return frozenset({name})
    return frozenset()


_LEVEL = re.compile(r"\b[ABC][12]\b")
_EXAM = patterns.any_of(
    r"\b(?:exam\w*|examen|prüfung|esame|exame|toets|aim(?:ing)? for|goal|towards?)\b|\bDELF\b|\bTOEFL\b|\bIELTS\b"
)
_REACHED = patterns.any_of(r"\b(?:passed|reached|at|bestanden|réussi|aprobé|passei|niveau|level)\b")


def _level(statement: str) -> frozenset[str]:
    """The level that is reached; an exam to come reaches none."""
    found = _LEVEL.search(statement)
    if not found or (_EXAM.search(statement) and not _REACHED.search(statement)):
        return frozenset()
    return frozenset({found[0]})


_AGE = patterns.any_of(
    r"\b(?:i['’]?m|i am|i just turned|i turned|i turn|i['’]ll be|ich bin|j['’]ai|tengo|tenho|ho|ik ben)(?: now| only| just| already| erst| jetzt)? (?P<age>[1-9]\d)\b(?! ?(?:%|km|cm|kg|pounds|minutes|min\b|hours|weeks|months|weeks|days|pages|°))",
)


def _age(statement: str) -> frozenset[str]:
    found = _AGE.search(statement)
    return frozenset({found["age"]}) if found else frozenset()


def _first_of(**kinds: str) -> Callable[[str], frozenset[str]]:
    """Reads off a statement the first of some values whose wording it has."""
    compiled = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in kinds.items()}

    def value(statement: str) -> frozenset[str]:
        return next((frozenset({name}) for name, kind in compiled.items() if kind.search(statement)), frozenset())

    return value


_STATE = _first_of(
    divorced=r"\b(?:divorced|geschieden|divorcée?|divorciad\w|divorziat\w|gescheiden)\b",
    widowed=r"\bwidow\w*\b|\bverwitwet\b|\bveu[fv]e?\b|\bviud[oa]\b",
    married=r"\b(?:i['’]?m|i am|we['’]re|we are|we got|i got|been|now) (?:happily |now |just )?married\b|\b(?:verheiratet|mariée?s?|casad[oa]s?|sposat\w|getrouwd)\b",
    engaged=r"\b(?:engaged|proposed|verlobt|fiancée?s?|prometid\w|noiv[oa]s?|fidanzat\w|verloofd)\b",
    dating=r"\b(?:dating|seeing someone)\b",
    single=r"\bsingle\b|\bcélibataire\b|\bsolter[oa]\b|\bsolteir[oa]\b|\bbroke up\b",
)
_EMOJI = _first_of(
    none=r"\b(?:no|without|stop (?:using|with)|don['’]t (?:use|like)|never use|hate|keine|sans|pas d['’e]|sin|sem|senza|geen)\b[^.!?]{0,20}\bemojis?\b",
    some=r"\bemojis?\b[^.!?]{0,20}\b(?:fine|ok|okay|welcome|again)\b|\b(?:use|love|like|with|want|more)\b[^.!?]{0,20}\bemojis?\b",
)
_SPELLING = _first_of(
    british=r"\bbritish (?:spelling|english)\b|\buk (?:spelling|english)\b",
    american=r"\b(?:american|us) (?:spelling|english)\b",
)
_UNITS = _first_of(
    metric=r"\bmetric\b(?! tons?)|\bin (?:kilomet\w+|celsius|kilos|km|grams)\b|\bmetrisch\w*\b",
    imperial=r"\bimperial\b|\bin (?:miles|fahrenheit|pounds|feet|inches|cups)\b",
)
_LENGTH = _first_of(
    short=r"\b(?:short|brief|concise|kurz\w*|courte?s?|breves?|cort[oa]s?|curt[oa]s?|kort\w*)\b",
    long=r"\b(?:long|detailed|in depth|thorough|in detail|ausführlich\w*|détaillée?s?|detallad\w+|detalhad\w+|uitgebreid\w*)\b",
)
_FAVOURITE = patterns.any_of(
    r"\b(?:my|our) (?:all[- ]time |new |current )?fav(?:ou?rite)? (?P<a>\w+) (?:is|are|was)(?: now)? (?P<a_is>[^.,;!?]{2,40})",
    r"\bmeine? lieblings-?(?P<b>\w+) ist (?P<b_is>[^.,;!?]{2,40})",
    r"\b(?:mon|ma|mi|o meu|a minha|meu|minha|il mio|la mia) (?P<c>\w+) (?:préférée?|favorit[oa]|preferid[oa]|preferit[oa]) (?:est|es|é|è) (?P<c_is>[^.,;!?]{2,40})",
)


def _favourite(statement: str) -> frozenset[str]:
    found = _FAVOURITE.search(statement)
    return _lowered(next(filter(None, (found["a_is"], found["b_is"], found["c_is"])))) if found else frozenset()


# What a statement is of


_KIN = {
    "partner": r"partner|spouse|wife|husband|girlfriend|boyfriend|fianc[eé]e?|frau|mann|freundin|verlobte\w?|femme|mari|copine?|compagn\w+|conjointe?|pareja|novi[oa]|espos[oa]|marido|mujer|namorad[oa]|mulher|moglie|marito|fidanzat[oa]|vrouw|vriendin",
    "sister": r"sisters?|schwester|s(?:œ|oe)ur|hermana|irmã|sorella|zus",
    "brother": r"brothers?|bruder|frère|hermano|irmão|fratello|broer",
    "mother": r"mum|mom|mother|mutter|mama|mère|maman|madre|mãe|moeder",
    "father": r"dad|father|vater|papa|père|padre|pai|vader",
    "parents": r"parents|eltern|padres|pais|genitori|ouders",
    "grandmother": r"grandmother|grandma|granny|nan|gran|oma|grand-mère|mamie|abuela|avó|nonna",
    "grandfather": r"grandfather|grandpa|granddad|opa|grand-père|papi|abuelo|avô|nonno",
    "son": r"sons?|sohn|söhne|fils|hijo|filho|figlio|zoon",
    "daughter": r"daughters?|tochter|töchter|fille|hija|filha|figlia|dochter",
    "children": r"kids?|children|child|baby|toddler|twins|kinder|kind|enfants|hijos|filhos|figli|kinderen",
    "nephew": r"nephews?|neffe|neveu|sobrinho?|nipote|neefje",
    "niece": r"nieces?|nichte|nièce|sobrinha|nichtje",
    "cousin": r"cousins?|cousine|prim[oa]|cugin[oa]",
    "aunt": r"aunt|tante|tía|tia|zia",
    "uncle": r"uncle|onkel|oncle|tío|tio|zio|oom",
    "cat": r"cats?|kitten|katze|kater|chat|gat[oa]|gatt[oa]|kat",
    "dog": r"dogs?|puppy|hund|hündin|chien|perr[oa]|cachorr[oa]|cane|hond",
    "boss": r"boss|manager|chefin?|jefe|jefa|chefe|capo|baas",
}
_MINE = r"(?:my|our|mein(?:e|em|en|er|es)?|unser(?:e|em|en|er)?|mon|ma|mes|notre|nos|mis?|nuestr[oa]s?|meus?|minhas?|mi[oa]|miei|mie|mijn|onze?)"
_HAVE = r"(?:i|we) (?:also |now |still )?(?:have|got|['’]ve got|adopted)|(?:ich|wir) haben?|j['’]ai|nous avons|tengo|tenemos|tenho|temos|ho|abbiamo|ik heb|we hebben"


def _kin(terms: str) -> re.Pattern[str]:
    owned = rf"\b{_MINE} (?:[\w-]+ ){{0,2}}?(?:{terms})\b"
    had = rf"\b(?:{_HAVE}) (?:an?|one|two|three|\d|eine?n?|zwei|drei|une?|deux|trois|una?|dos|dos|uma?|dois|duas|due|een|twee)(?: [\w-]+)? (?:{terms})\b"
    return re.compile(f"{owned}|{had}", re.IGNORECASE)


SLOTS: tuple[Slot, ...] = (
    Slot("form of address", patterns.ADDRESS),
    Slot("name", patterns.NAME),
    Slot(
        "birthday",
        patterns.any_of(
            r"\bmy birthday\b|^birthday\b|\bbirthday (?:is )?on\b|\bmein geburtstag\b|\bmon anniversaire\b|\bmi cumpleaños\b|\bmeu aniversário\b|\bmio compleanno\b|\bmijn verjaardag\b|\bi was born (?:on|in (?:19|20)\d\d)\b"
        ),
    ),
    Slot(
        "wedding",
        patterns.any_of(
            r"\b(?:our|my|the|civil) wedding\b|\bwedding date\b|\b(?:we|i)\b[^.!?]{0,30}\b(?:get|getting) married\b|\bunsere? hochzeit\b|\bwir heiraten\b|\b(?:notre|mon|mon propre|nosso|meu) (?:mariage|casamento)\b|\bnuestra boda\b|\bnos casamos\b|\b(?:civil|church) ceremony\b"
        ),
    ),
    Slot(
        "relationship",
        patterns.any_of(
            r"\b(?:i['’]?m|i am|we['’]re|we are|we got|i got|i['’]ve been)(?: now| just| happily| still| recently)* (?:single|engaged|married|divorced|widowed|dating)\b",
            r"\bproposed\b(?! (?:a|an|the|to))",
            r"\b(?:ich bin|wir sind) (?:\w+ )?(?:verheiratet|verlobt|geschieden|verwitwet)\b",
            r"\bje suis (?:célibataire|mariée?|fiancée?|divorcée?)\b",
            r"\b(?:estoy|estou|soy|sou|sono) (?:casad[oa]|solter[oa]|solteir[oa]|divorciad[oa]|noiv[oa]|sposat[oa])\b",
            r"\bik ben (?:getrouwd|verloofd|gescheiden)\b",
        ),
        _STATE,
    ),
    Slot(
        "home",
        patterns.any_of(
            patterns.LIVES.pattern,
            r"\b(?:i|we) (?:used to live|lived|relocated|settled)\b",
            r"\b(?:we|i)(?:['’]re| are|['’]m| am|['’]ve| have)? (?:now |just |both |finally |soon )?(?:moved|moving|move|living)(?: back| out| here| away| house| from [^.!?]{2,30})? (?:to|into|in)\b",
            r"\b(?:i|we) (?:now )?live\b",
            r"\bnach .{2,30} (?:umgezogen|gezogen)\b|\b(?:ziehe|ziehen) nach\b|\bwir wohnen\b|\b(?:déménagé|déménage|emménagé|habitons|habitais)\b|\bme mud[éo]\b|\bnos mudamos\b|\bmudei\b|\bmi sono trasferit[oa]\b|\babito\b|\b(?:verhuisd|wonen|woon)\b",
        ),
        _home,
    ),
    Slot(
        "employer",
        patterns.any_of(
            rf"\b(?:i|we)\b[^.!?]{{0,20}}\bwork(?:ing|ed)? (?:\w+ ){{0,2}}(?:for|at|with) (?:[^.!?]{{0,40}}, )?(?!I\b){patterns.PLACE}",
            rf"\b(?:first|last) day at {patterns.PLACE}",
            rf"\b(?:i|i['’]ve|i have|i['’]ll|i['’]m)\b[^.!?]{{0,20}}\b(?:start|started|starting|begin|joined|joining|contract)\b[^.!?]{{0,20}}\b(?:at|with) {patterns.PLACE}",
            rf"\b(?:my|the) (?:job|new job|position|role|contract) (?:at|with) {patterns.PLACE}",
            rf"\bcontract with {patterns.PLACE}",
            rf"\bi(?:['’]ve| have)? (?:just )?joined {patterns.PLACE}",
            rf"\bich arbeite (?:\w+ ){{0,2}}(?:bei|für) (?:der |dem )?{patterns.PLACE}",
            rf"\b(?:travaille|bosse) (?:\w+ ){{0,2}}(?:chez|pour) {patterns.PLACE}|\bpremier jour chez\b",
            rf"\b(?:trabajo|trabalho|lavoro) (?:en|para|na|no|per|da) {patterns.PLACE}|\bik werk (?:\w+ )?(?:bij|voor) {patterns.PLACE}",
        ),
        _employer,
    ),
    Slot("age", _AGE, _age),
    Slot(
        "job",
        patterns.any_of(
            patterns.WORKS.pattern,
            rf"\b(?:i['’]?m|i am|i was|as|i became|ich bin|je suis|soy|sou|sono|ik ben) (?:an? |now |now an? |eine? |une? |una? |uma? |een )?(?:[\w-]+ )?{patterns.JOBS}\b",
        ),
        _job,
    ),
    Slot(
        "studies",
        patterns.any_of(
            r"\b(?:i|i['’]m|i am) (?:now |currently |also )?(?:study|studying|doing (?:my|a) (?:phd|master\w*|degree|bachelor\w*))\b|\bmy (?:degree|phd|thesis|university)\b|\bich studiere\b|\bj['’]étudie\b|\b(?:estudio|estudo|studio) \w+\b|\bik studeer\b"
        ),
    ),
    Slot("allergy", patterns.any_of(r"\ballerg\w+|\bintoleran\w+|\b(?:coeliac|celiac|zöliakie|anaphyla\w+)\b")),
    Slot(
        "diet",
        patterns.any_of(
            *_DIETS.values(),
            r"\b(?:don['’]t|do not|never) eat (?:meat|fish|pork|dairy|gluten)\b|\besse kein\w* fleisch\b",
        ),
        _diet,
    ),
    Slot("smoking", patterns.any_of(r"\b(?:smok(?:e|ed|ing)|smoker|rauche|geraucht|fume|fumo|rook)\b")),
    Slot("alcohol", patterns.any_of(r"\b(?:alcohol|sober|teetotal\w*|don['’]t drink|alkohol|alcool|álcool)\b")),
    Slot("language level", patterns.any_of(r"(?-i:\b[ABC][12]\b)(?! (?:visa|road|motorway|paper))"), _level),
    Slot(
        "languages",
        patterns.any_of(
            rf"\b(?:i|we) (?:\w+ )?speak (?:\w+ )?{patterns.PLACE}|\bmy (?:mother tongue|native language|first language)\b|\bmeine muttersprache\b|\bma langue maternelle\b|\bich spreche\b|\bje parle\b|\bhablo\b|\bfalo\b|\bparlo\b|\bik spreek\b"
        ),
    ),
    Slot(
        "driving",
        patterns.any_of(
            r"\bdriv(?:ing|er['’]?s?) licen[cs]e\b|\bdon['’]t drive\b|\bowned a car\b|\bhave a car\b|\bführerschein\b|\bpermis de conduire\b|\bpossédé une voiture\b|\bcarn[ée]t? de conducir\b|\bpatente\b|\brijbewijs\b"
        ),
    ),
    Slot("flying", patterns.any_of(r"\b(?:flown|no flying|don['’]t fly|not fly(?:ing)?|stopped flying)\b")),
    Slot(
        "religion",
        patterns.any_of(
            r"\b(?:religious|atheist|agnostic|christian|catholic|muslim|jewish|hindu|buddhist|religiös|gläubig|croyante?|religios[oa]|ateo|athée)\b"
        ),
    ),
    Slot(
        "passport",
        patterns.any_of(
            r"\bpassport\b|\bcitizen(?:ship)?\b|\bnationality\b|\bstaatsbürger\w*\b|\bnationalité\b|\bnacionalidad\b"
        ),
    ),
    *(Slot(name, _kin(terms)) for name, terms in _KIN.items()),
    Slot("aunt", patterns.any_of(r"\bi['’]?m an (?:aunt|uncle)\b")),
    Slot("emoji", patterns.any_of(r"\bemojis?\b"), _EMOJI),
    Slot("spelling", patterns.any_of(r"\b(?:british|american|uk|us) (?:spelling|english)\b"), _SPELLING),
    Slot(
        "units",
        patterns.any_of(
            r"\bmetric\b(?! tons?)|\bimperial units\b|\bthink in (?:kilomet\w+|miles|celsius|fahrenheit|pounds|kilos)\b|\bmetrisch\w*\b"
        ),
        _UNITS,
    ),
    Slot(
        "answer length",
        patterns.any_of(
            r"\b(?:short|shorter|brief|concise|long|longer|detailed|thorough)\b[^.!?]{0,20}\b(?:answers?|repl(?:y|ies)|responses?|explanations?)\b|\b(?:answers?|repl(?:y|ies)|responses?)\b[^.!?]{0,20}\b(?:short|brief|concise|long|detailed)\b|\b(?:kurze|ausführliche) antworten\b|\bréponses (?:courtes|détaillées)\b|\brespuestas (?:cortas|breves|detalladas)\b|\brespostas (?:curtas|breves|detalhadas)\b"
        ),
        _LENGTH,
    ),
)
"""What is looked for first stands first."""

_VALUES = {slot.name: slot.value for slot in SLOTS if slot.value}

_CALLED = re.compile(
    r"\b(?:called|named|calling (?:it|the \w+)|is called|heißt|s['’]appelle|appelée?|se llama|chamad[oa]|si chiama|heet)\s+[\"“«]?(?P<name>(?-i:[A-ZÀ-ÖØ-Þ])[\w'’-]*(?: (?-i:[A-ZÀ-ÖØ-Þ])[\w'’-]*)*)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“«](?P<name>[^\"”»]{3,30})[\"”»]")
_VERBS = patterns.any_of(
    r"\b(?:love|hate|prefer|adore|enjoy|dislike|stand|like|believe(?: in)?|trust|distrust|think(?: that)?|refuse to|always|never|use|building|restoring|learning|training for|writing|knitting|renovating|studying|preparing for|signed up for|entered|bought|want|care (?:more )?about|ich (?:liebe|hasse|lerne|baue)|j['’](?:adore|aime|apprends)|je (?:déteste|préfère|crois)|me (?:encanta|gusta)|odio|adoro|prefiero|prefiro)\s+",
)
_IDLE = frozenset(
    [
        "love",
        "hate",
        "prefer",
        "adore",
        "enjoy",
        "dislike",
        "stand",
        "believe",
        "trust",
        "distrust",
        "refuse",
        "decided",
        "building",
        "build",
        "restoring",
        "learning",
        "learn",
        "training",
        "writing",
        "signed",
        "entered",
        "bought",
        "i'm",
        "i've",
        "i'd",
        "don't",
        "won't",
        "can't",
        "never",
        "always",
        "remember",
        "whole",
        "public-ly",
        "rather",
        "please",
        "started",
        "finished",
        "passed",
        "instead",
        "without",
        "before",
        "after",
        "doing",
        "done",
        "being",
        "taking",
        "getting",
        "using",
        "having",
        "finally",
        "recently",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "first",
    ]
)


def _project(statement: str) -> str:
    """The name of a project: said to be its name, in quotation marks, or the first name in the sentence."""
    for pattern in (_CALLED, _QUOTED):
        match = pattern.search(statement)
        if match:
            return _short(re.findall(r"[\w'’-]+", match["name"].lower()))
    names = (match[0] for match in _NAMES.finditer(statement, 1) if statement[match.start() - 1] == " ")
    usable = (re.findall(r"[\w'’-]+", name.lower()) for name in names)
    return next((_short(name) for name in usable if not _NO_NAMES.issuperset(name)), "")


def _telling(statement: str) -> str:
    """The first words next to one another that tell something, after a verb of liking or doing where there is one."""
    verb = _VERBS.search(statement)
    return next(_runs(statement[verb.end() :] if verb else statement), "") or next(_runs(statement), "")


def _runs(statement: str) -> Iterator[str]:
    """The runs of one or two telling words."""
    run: list[str] = []
    for part in re.findall(r"[\w'’-]+|[,.;:!?()]", statement.lower()):
        word = part.replace("’", "'")
        if word in words.STOP or word in _IDLE or not word[0].isalpha() or len(word) < 3:
            if run:
                yield " ".join(run)
            run = []
        elif len(run) < MOST_WORDS - 1:
            run.append(word)
    if run:
        yield " ".join(run)


def _short(name: list[str]) -> str:
    return " ".join(name[:MOST_WORDS])


# What has ended


_ENDING = patterns.any_of(
    r"\b(?:i|we)(?:['’]ve| have)?(?: finally| just)? (?:stopped|quit|gave up|given up|sold|finished|cancelled|dropped|left|ended)\s+(?P<a>[^.!?;]{3,80})",
    r"\b(?:i|we) (?:don['’]t|do not|no longer|can['’]t)\s+(?P<b>[^.!?;]{3,60}?)(?: any ?more\b|$|[,.!])",
    r"\bswitched from\s+(?P<c>[^.!?;]{2,40}?) to\b",
    r"\b(?:the|my|our) (?P<d>[\w' -]{3,40}?) (?:is|are) (?:finally )?(?:finished|done|over|sold|gone|cancelled)\b",
    r"\bich (?:habe|bin) (?P<e>[^.!?;]{3,60}?) (?:aufgehört|aufgegeben|verkauft|gekündigt|beendet)\b|\bich (?P<f>[^.!?;]{3,60}?) nicht mehr\b",
    r"\bj['’]ai (?:arrêté|abandonné|vendu|fini|quitté) (?:de |d['’])?(?P<g>[^.!?;]{3,60})|\bje ne (?P<h>[^.!?;]{3,60}?) plus\b",
    r"\b(?:dejé (?:de )?|vendí |ya no )(?P<i>[^.!?;]{3,60})|\b(?:parei de |vendi |larguei |já não )(?P<j>[^.!?;]{3,60})",
    r"\bho (?:smesso di |venduto |lasciato )(?P<k>[^.!?;]{3,60})|\bik ben gestopt met (?P<l>[^.!?;]{3,60})",
)  # fmt: skip
_NO_LONGER = patterns.any_of(r"\b(?:any ?more|no longer)\b")
STEM = 5
"""Words that begin with the same letters, this many, are forms of one: `drink`, `drinking`."""


def _is_ended(older: str, newer: str) -> bool:
    """Whether the newer statement says that what the older one says has come to its end: it names all of it."""
    found = _ENDING.search(newer)
    if found is None or _ENDING.search(older) or is_past(older):
        return False
    if found["b"] and not _NO_LONGER.search(newer):
        return False
    ended = _stems(next(filter(None, found.groups())))
    return bool(ended) and ended <= _stems(older)


def _stems(text: str) -> frozenset[str]:
    found = re.findall(r"[\w'’-]+", text.lower())
    return frozenset(word[:STEM] for word in found if word not in words.STOP and word not in _IDLE and len(word) > 2)
