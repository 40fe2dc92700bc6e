"""What a statement is of, and which of two statements about the same holds now, by the words they are made of.

The rules know the wording of a dozen European languages where people speak of themselves plainly; what they can't tell
apart they leave as it is, so that both statements stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from soulprint.facts.meaning import values
from soulprint.measuring import occupations, words
from soulprint.quick_pass import patterns

# ruff: noqa: E501, SIM905 - one alternative a line, and lists of words, read better so

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
    favourite = values.FAVOURITE.search(statement)
    if favourite:
        return f"{FAVOURITE}{favourite['a'] or favourite['b'] or favourite['c']}".lower()
    for slot in SLOTS:
        if slot.pattern.search(statement):
            return slot.name
    ended = _ENDING.search(statement)
    of_ended = _telling(next(filter(None, ended.groups()))) if ended else ""
    return of_ended or (_project(statement) if category == "projects" else "") or _telling(statement) or category


def single_valued(subject: str) -> bool:
    """Whether of a subject, as `about` gives it, only one statement holds at a time."""
    return subject in _VALUES or subject.startswith(FAVOURITE)


def newer_wins(subject: str, older: str, newer: str) -> bool:
    """Whether the newer of two statements on a subject, as `about` gives it, takes the older one's place: it holds
    now, and says another thing where only one can be so, or that what the older says has ended. A plan takes the place
    of plans alone."""
    if is_past(newer) or is_supposed(newer):
        return False
    value = values.favourite if subject.startswith(FAVOURITE) else _VALUES.get(subject)
    if value:
        before, after = value(older), value(newer)
        if not before or not after or (is_planned(newer) and not is_planned(older)):
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
    """Whether two values are not the same one said in more or fewer words, nor in another language, nor a country and a
    place that may lie in it."""
    if before <= after or after <= before:
        return False
    return all(before.isdisjoint(kind) == after.isdisjoint(kind) for kind in (values.COUNTRIES, values.ENGLISH_JOBS))


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
    r"\b(?:ziehen?(?! um)|werden?|vais déménager|déménage|voy a|me mudo|vou|vado a|ga verhuizen)\b",
)
_SUPPOSED = patterns.any_of(
    r"\b(?:would (?:love|like) to|i['’]d (?:love|like) to|might|maybe|thinking (?:of|about)|considering|wish|dream of|if (?:i|we)|want to|hope to|could)\b",
    r"\b(?:vielleicht|würde|möchte|peut-être|voudrais|aimerais|quizás?|me gustaría|quiero|talvez|gostaria|quero|forse|vorrei|misschien|zou)\b",
)


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
            r"\bmy birthday\b|^birthday\b|\bbirthday (?:is )?on\b|\bmein geburtstag\b|\b(?:hab|habe) (?:ich )?am [^.!?]{2,6}\. ?[^.!?]{0,12}geburtstag\b|\bmon anniversaire\b|\bmi cumpleaños\b|\bmeu aniversário\b|\bmio compleanno\b|\bmijn verjaardag\b|\bi was born (?:on|in (?:19|20)\d\d)\b"
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
            r"\b(?:ich bin|wir sind) (?:\w+ )?(?:verheiratet|verlobt|geschieden|verwitwet)\b|\b(?:bin|sind) (?:ich |wir )?(?:\w+ )?(?:verheiratet|verlobt|geschieden|verwitwet)\b|\bscheiden lassen\b",
            r"\bje suis (?:célibataire|mariée?|fiancée?|divorcée?)\b",
            r"\b(?:estoy|estou|soy|sou|sono) (?:casad[oa]|solter[oa]|solteir[oa]|divorciad[oa]|noiv[oa]|sposat[oa])\b",
            r"\bik ben (?:getrouwd|verloofd|gescheiden)\b",
        ),
        values.state,
    ),
    Slot(
        "home",
        patterns.any_of(
            patterns.LIVES.pattern,
            r"\b(?:i|we) (?:used to live|lived|relocated|settled)\b",
            r"\b(?:we|i)(?:['’]re| are|['’]m| am|['’]ve| have)? (?:now |just |both |finally |soon )?(?:moved|moving|move|living)(?: back| out| here| away| house| from [^.!?]{2,30})? (?:to|into|in)\b",
            r"\b(?:i|we) (?:now )?live\b",
            r"\b(?:wohn|wohne|wohnen|leb|lebe|leben) (?:ich |wir )?(?:[\w.]+ ){0,4}?in\b|\bwohnen zum ersten mal\b|\bzieh\w* (?:[\w.]+ ){0,5}?nach\b",
            r"\bnach .{2,30} (?:umgezogen|gezogen)\b|\b(?:ziehe|ziehen) nach\b|\bwir wohnen\b|\b(?:déménagé|déménage|emménagé|habitons|habitais)\b|\bme mud[éo]\b|\bnos mudamos\b|\bmudei\b|\bmi sono trasferit[oa]\b|\babito\b|\b(?:verhuisd|wonen|woon)\b",
        ),
        values.home,
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
            values.EMPLOYER_GERMAN.pattern,
            rf"\bich arbeite (?:\w+ ){{0,2}}(?:bei|für) (?:der |dem )?{patterns.PLACE}",
            rf"\b(?:travaille|bosse) (?:\w+ ){{0,2}}(?:chez|pour) {patterns.PLACE}|\bpremier jour chez\b",
            rf"\b(?:trabajo|trabalho|lavoro) (?:en|para|na|no|per|da) {patterns.PLACE}|\bik werk (?:\w+ )?(?:bij|voor) {patterns.PLACE}",
        ),
        values.employer,
    ),
    Slot("age", values.AGE, values.age),
    Slot(
        "job",
        patterns.any_of(
            patterns.WORKS.pattern,
            rf"\b(?:i['’]?m|i am|i was|as|i became|ich bin|je suis|soy|sou|sono|ik ben) (?:an? |now |now an? |eine? |une? |una? |uma? |een )?(?:[\w-]+ )?{patterns.JOBS}\b",
            rf"\b(?:bin|arbeite als|war) (?:ich )?(?:[\w.]+ ){{0,3}}?(?:{occupations.GERMAN})(?:in)?\b|\bunterrichte\b",
        ),
        values.job,
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
            *values.DIETS.values(),
            r"\b(?:don['’]t|do not|never) eat (?:meat|fish|pork|dairy|gluten)\b|\besse kein\w* fleisch\b",
        ),
        values.diet,
    ),
    Slot("coffee", values.COFFEE, values.coffee),
    Slot("phone", values.PHONE, values.phone),
    Slot("smoking", patterns.any_of(r"\b(?:smok(?:e|ed|ing)|smoker|rauch|rauche|rauchen|geraucht|fume|fumo|rook)\b")),
    Slot("alcohol", patterns.any_of(r"\b(?:alcohol|sober|teetotal\w*|don['’]t drink|alkohol|alcool|álcool)\b")),
    Slot(
        "language level",
        patterns.any_of(
            r"(?:\b(?:level|niveau|nivel|livello|nível|stufe|the|my|in|at|is|about|around|now|jetzt|passed|got|reached|from|to|towards|delf|dele|telc|goethe|bin|auf|le|french|german|spanish|italian|english|portuguese|dutch|französisch|spanisch|englisch|deutsch|español|français)[ (]+(?:the )?(?-i:[ABC][12])\b(?! (?:visa|road|motorway|paper|size|pulley|motor))|(?-i:\b[ABC][12])(?= (?:level|exam|course|class|niveau|kurs|prüfung|certificate)\b|[.,;!)]|$))"
        ),
        values.level,
    ),
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
    Slot("emoji", patterns.any_of(r"\bemojis?\b"), values.emoji),
    Slot("spelling", patterns.any_of(r"\b(?:british|american|uk|us) (?:spelling|english)\b"), values.spelling),
    Slot(
        "units",
        patterns.any_of(
            r"\bmetric\b(?! tons?)|\bimperial units\b|\bthink in (?:kilomet\w+|miles|celsius|fahrenheit|pounds|kilos)\b|\bmetrisch\w*\b"
        ),
        values.units,
    ),
    Slot(
        "answer length",
        patterns.any_of(
            r"\b(?:short|shorter|brief|concise|long|longer|detailed|thorough)\b[^.!?]{0,20}\b(?:answers?|repl(?:y|ies)|responses?|explanations?)\b|\b(?:answers?|repl(?:y|ies)|responses?)\b[^.!?]{0,20}\b(?:short|brief|concise|long|detailed)\b|\b(?:kurze|ausführliche) antworten\b|\bréponses (?:courtes|détaillées)\b|\brespuestas (?:cortas|breves|detalladas)\b|\brespostas (?:curtas|breves|detalhadas)\b"
        ),
        values.length,
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
    """
    love hate prefer adore enjoy dislike stand believe trust distrust refuse decided building build restoring
    learning learn training writing signed entered bought i'm i've i'd don't won't can't never always remember whole
    public-ly rather please started finished passed instead without before after doing done being taking getting
    using having finally recently january february march april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday first
    hab habe haben hatte seit jahr jahre jahren monat monaten woche wochen tag tage tagen gestern heute nächstes nächsten
    dieses diesen letztes letzten jetzt endlich gerade inzwischen wieder immer nie nur lieber gern gerne eigentlich wohn wohne wohnen
    ess esse essen trink trinke trinken spiel spiele spielen geh gehe gehen gehst lauf laufe laufen lern lerne lernen bau
    baue bauen fahr fahre fahren koch koche kauf kaufe gekauft find finde glaub glaube plan plane will wollen möchte ziehe
    ziehen gezogen bitte antworte dass weil man aufgehört aufgegeben verkauft gemacht geworden zehn zwei drei vier
    januar februar märz april juni juli august oktober dezember freitag montag dienstag mittwoch donnerstag samstag sonntag
    quiero estoy tengo hablo aprender aprendiendo nothing
    """.split()
)


def _project(statement: str) -> str:
    """The name of a project: said to be its name, in quotation marks, or the first name in the sentence."""
    for pattern in (_CALLED, _QUOTED):
        match = pattern.search(statement)
        if match:
            return _short(re.findall(r"[\w'’-]+", match["name"].lower()))
    names = (match[0] for match in values.NAMES.finditer(statement, 1) if statement[match.start() - 1] == " ")
    usable = (re.findall(r"[\w'’-]+", name.lower()) for name in names)
    return next((_short(name) for name in usable if not values.NO_NAMES.issuperset(name)), "")


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
    r"\b(?:mit )?(?:de[mnr]|das|die|meine?[mnr]?) (?P<m>[^.!?;,]{3,40}?) hab\w* (?:ich|wir) (?:\w+ )?(?:aufgehört|aufgegeben|verkauft|beendet|gekündigt)\b",
    r"\bhab\w* (?:\w+ )?(?:mit )?(?:de[mnr]|das|die|meine?[mnr]?) (?P<n>[^.!?;,]{3,40}?) (?:aufgehört|aufgegeben|verkauft|beendet|gekündigt)\b",
    r"\baus (?:de[mr]|meine[mr]|unsere[mr]) (?P<o>[^.!?;,]{3,40}?) (?:ist|wurde|wird) (?:\w+ )?(?:nix|nichts)\b|\bkeine?n? (?P<p>[\w-]{3,30}) mehr\b",
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
