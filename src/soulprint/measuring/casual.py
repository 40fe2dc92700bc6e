"""Plain declarations as people type them into a chat, mostly in German and Spanish: in lower case, without the subject,
with endings left out ("hab aufgehört zu rauchen", "wohn jetzt in leipzig", "been a nurse for 12 years").

The patterns begin where a clause begins, and are tried only in what the person typed themself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from soulprint.measuring import occupations

# ruff: noqa: E501 - a pattern a line

_MONTH = r"(?:januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)"
_DAY = rf"\d\d?\. ?(?:{_MONTH}|\d\d?\.)"
_WE = r"(?:ich|wir)"
_S = r"(?:(?:ich|wir) )?"
_AND = r"(?:ich|wir|(?:\w+ und ich))"
_HAVE = r"(?:hab|habe|haben)"
_AM = r"(?:bin|sind)"
_A = r"(?:eine?n?|nen?|ne|n|zwei|drei|vier|fünf|\d+)"
_KIN = r"(?:frau|ex(?:frau|mann)?|mann|freundin|freund|partner\w*|verlobte\w?|vater|papa|mutter|mama|eltern|sohn|tochter|töchter|söhne|kinder|kind|kleine[nr]?|große[nr]?|jüngste[nr]?|älteste[nr]?|schwester|bruder|geschwister|oma|opa|großeltern|tante|onkel|cousine?|neffe|nichte|schwieger\w+|hund|hündin|katze|kater)"
_IS = r"(?:ist|sind|hat|haben|heißt|heisst|heißen|wohnt|wohnen|lebt|leben|arbeitet|arbeiten|geht|gehen|kommt|kommen|studiert|mag|mögen|spielt|spielen|starb|wird|wurde|isst|hört|leidet|spricht)"
_ENDED = r"(?:aufgehört|aufgegeben|gekündigt|abgebrochen|beschlossen|entschieden|beworben|getrennt|verkauft|scheiden lassen|zurückgezogen|abgesagt|hingeschmissen|losgeworden)"
_BOUGHT = r"(?:gekauft|geschenkt|zugelegt|angeschafft|adoptiert|besorgt)"
_HABIT = r"(?:ess|esse|essen|trink|trinke|trinken|rauch|rauche|les|lese|hör|höre|spiel|spiele|spielen|geh|gehe|gehen|schwimm|schwimme|lauf|laufe|jogg|jogge|boulder|bouldere|kletter|klettere|back|backe|koch|koche|kochen|fahr|fahre|fahren|schlaf|schlafe|sing|singe|tanz|tanze|mal|male|nutz|nutze|benutz|benutze|kauf|kaufe|kaufen|brauch|brauche|reit|reite|turn|turne|rudere|wander|wandere)"
_OFTEN = r"(?:eigentlich|immer|nur|nie|selten|meist|meistens|jeden|jede|täglich|am liebsten|lieber|gern|gerne|seit|(?:ein|zwei|drei|vier|\d+)(?: ?x|mal)|\d+ tassen|wieder|kein(?:e|en)?|inzwischen|mittlerweile|fast alles|alles)"
_PLANS = r"(?:lernen|bauen|laufen|schreiben|ziehen|reisen|wandern|gründen|studieren|heiraten|eröffnen|renovieren|werden|restaurieren|machen|umziehen|aufhören|anfangen|abnehmen|sparen)"
_WHEN = (
    r"(?:(?:dies|nächst)\w+ (?:jahr|sommer|winter|herbst|frühjahr|frühling|monat)|im (?:sommer|herbst|winter|frühjahr|urlaub)|irgendwann|(?:im|ab|seit) "
    + _MONTH
    + ")"
)
_JOB = rf"(?:{occupations.GERMAN})(?:in|innen)?\b"
_ONE = r"(?:man|jede[rs]?|alle|niemand|kinder|schüler|menschen|leute|schulen?|eltern)"

_LASTING = r"(?:gerne?|jeden (?:tag|morgen|abend|\w+(?:tag|woch))|jede woche|nebenbei|nebenher|ursprünglich|beruflich|hauptberuflich|ehrenamtlich|freiwillig|im verein|im chor|in meiner freizeit|seit (?:(?:19|20)\d\d|\w+ (?:jahren|monaten)|(?:der|meiner) (?:kindheit|schulzeit|geburt))|(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|\d+) jahre(?: lang)?|am wochenende immer)"
_HIJO = r"(?:hij[oa]s?|perr[oa]s?|gat[oa]s?|herman[oa]s?|madre|padre|padres|mujer|marido|novi[oa]|espos[oa]|pareja|abuel[oa]s?|suegr[oa]s?)"

_PATTERNS: dict[str, tuple[str, ...]] = {
    "instruction": (
        r"bitte (?:immer|nie|niemals|stets|künftig|grundsätzlich|ab jetzt) \w+|bitte keine (?:tabellen|listen|aufzählung\w*|emojis?|romane|floskeln|stichpunkte|fachwörter|entschuldigungen)\b",
        r"(?:bitte )?(?:duz\w*|siez\w*) mich\b|bitte duz\w* |sag (?:bitte )?(?:du|sie) zu mir\b|(?:bitte )?sprich mich mit du an",
        r"(?:bitte )?antworte? (?:mir )?(?:bitte )?(?:(?:immer|nur|grundsätzlich) )?(?:kurz|knapp|auf \w+|ausführlich|ohne)\b(?! (?:die|diese|den) )",
        rf"wenn {_WE} [^.!?]{{2,50}}?\b(?:schreib|schick|frag|poste?|zeig)\w*,? [^.!?]{{0,20}}?(?:bitte|antworte|immer|nur)\b",
        r"hör (?:bitte )?auf (?:mit|zu)\b|(?:ab jetzt|künftig|in zukunft) (?:bitte )?\w+",
        r"(?:responde|contesta|escribe|corrige)(?:me)? siempre\b|siempre (?:responde|corrige|contesta)\w*",
    ),
    "beliefs": (
        rf"{_S}(?:find|finde|glaub|glaube|denk|denke|meine),? (?:dass )?{_ONE} (?:soll\w*|darf|dürf\w*|muss|müss\w*|könn\w*|hat|haben|brauch\w*)\b",
        rf"ich (?:find|finde|glaub|glaube|denk|denke),? (?:dass )?{_ONE} [^.!?]{{3,80}}?(?:sollten?|dürfen?|müssen?)\b",
        r"ich (?:glaub|glaube) (?:nicht )?an \w+|ich halte nichts von \w+|mir (?:ist|sind) [^.!?]{0,30}?wichtig\b|(?:das )?wichtigste? ist (?:mir|für mich)\b",
        r"i think (?:that )?(?:kids|children|people|pupils|students|everyone|everybody|nobody|schools?|parents|adults) (?:should|shouldn['’]t|must|need)\b",
    ),
    "decisions": (
        rf"{_S}{_HAVE} (?!ich|wir)[^.!?;]{{0,60}}?\b{_ENDED}\b|{_S}{_HAVE} {_ENDED}\b",
        rf"(?!wenn|ob|falls|weil|dass|wie|wo|was|wann|warum)[^,;:.!?]{{2,50}} {_HAVE} {_WE} [^.!?;]{{0,30}}?\b{_ENDED}\b",
        r"aus (?:dem|der|meinem|meiner|unserem) [\w-]+(?: \w+)? (?:ist|wurde|wird) (?:\w+ )?(?:nix|nichts)(?: geworden)?\b",
        rf"{_S}{_HABIT} [^.!?;]{{0,40}}?\b(?:kein\w*|nicht) (?:[^.!?;]{{0,30}} )?mehr\b",
        rf"{_S}will (?:ich |wir )?(?:kein\w* [\w-]+ (?:mehr )?(?:haben|kaufen|essen|trinken)|ohne [\w-]+ (?:leben|auskommen|wohnen))\b",
        rf"[^,;:.!?]{{2,40}} (?:will|wollen) {_WE} (?:kein\w* [\w-]+ (?:mehr|haben|kaufen)|ohne [\w-]+ (?:leben|auskommen|wohnen))\b",
        r"ich überleg\w* seit \w+",
        r"(?:he dejado|dejé|hemos dejado) (?:de |el |la |mi )\w+|ya no (?:como|bebo|fumo|trabajo|vivo)\b",
        r"(?:i )?(?:finally |just )?(?:gave up|quit|stopped) (?:smoking|drinking|eating|coffee|sugar|alcohol|meat|dairy|climbing|running|my job|facebook|instagram|twitter)\b",
    ),
    "dates": (
        rf"(?:am {_DAY}|ab {_DAY}|ab {_MONTH}|seit {_DAY}) (?:heirat\w*|zieh\w*|bin|hab|habe|haben|sind|fang\w*|beginn\w*|start\w*|arbeit\w*|unterricht\w*|studier\w*|wohn\w*) {_AND}\b",
        rf"{_AND} (?:heirat\w*|zieh\w*|hab|habe|bin|sind|fang\w*|start\w*|beginn\w*) (?:[\w-]+ )?(?:am|ab) {_DAY}",
        rf"(?:mein\w*|unser\w*) \w+ (?:ist|wurde|kam|wird|hat) [^.!?]{{0,20}}?am {_DAY}|\w{{3,}} (?:wird|wurde) am {_DAY} \d\d?\b",
        rf"{_S}{_HAVE} [^.!?]{{0,40}}?\b(?:bestanden|promoviert|abitur gemacht)\b|{_S}{_HAVE} am {_DAY} geburtstag|{_S}{_HAVE} (?:\w+ )?(?:19|20)\d\d [^.!?]{{2,40}}?(?:gemacht|geheiratet|angefangen|abgeschlossen|gegründet|gebaut|bekommen)\b",
        rf"(?!wenn|ob|falls|weil|dass|wie|wo|was|wann|warum)[^,;:.!?]{{2,40}} {_HAVE} {_WE} (?:19|20)\d\d [^.!?]{{2,40}}",
        r"(?:mein\w* )?[\w]{3,} ist (?:vor [\w ]{3,20} |\d{4} |im \w+ |letztes jahr )(?:gestorben|verstorben|geboren)\b",
        r"(?:seit \w+ (?:bin ich|sind wir)|wir sind seit \w+|ich bin seit \w+) (?:\w+ )?(?:geschieden|verheiratet|verlobt|getrennt|single)\b|seit \w+ hab\w* ich (?:den |das |einen |endlich )*(?:führerschein|abitur|diplom|jagdschein|meister)\b",
        r"wir sind (?:den|die|das|nach) [\w -]{3,40} (?:gelaufen|gewandert|gepilgert|ausgewandert|gesegelt)\b",
        rf"(?:startet|beginnt|ist) (?:am|im|ab) (?:{_DAY}|{_MONTH} (?:19|20)\d\d)",
    ),
    "projects": (
        rf"{_S}(?:bau|baue|bauen|lern|lerne|lernen|renovier\w*|trainier\w*|restaurier\w*|organisier\w*|züchte?) (?:gerade|grad|grade|jetzt|seit|für|unser\w*|mein\w*) \w+",
        r"(?:ich|wir) plan(?:e|en)? (?:gerade )?(?:eine?n?|nen?|ne|unser\w*|mein\w*) [\w-]+",
        rf"{_S}(?:will|wollen|möchte|möchten|werde|werden) {_WHEN} [^.!?]{{2,60}}?{_PLANS}\b|{_WHEN} (?:will|wollen|werde|werden) {_AND} [^.!?]{{2,60}}?{_PLANS}\b",
        rf"{_WHEN} (?:gehen?|fahren?|wandern?|fliegen?|ziehen?|laufen?|heiraten?|reisen?) {_AND}\b",
        r"estoy (?:aprendiendo|construyendo|preparando|escribiendo|montando) \w+|quiero aprender \w+",
    ),
    "preferences": (
        r"(?:(?:ich|wir) )?(?:mag|mögen|hasse?|liebe?|lieben|hassen) (?!es\b|das\b|dass\b|den\b|diese\w*|ich|wir|dich|sie\b|ihn\b)(?:kein\w* |lieber |keinen? )?[\w-]{3,}",
        rf"{_S}{_HABIT} {_OFTEN}\b(?! (?:weiter|noch))|{_S}{_HABIT} (?:[\w-]+ ){{1,3}}(?:am liebsten|lieber|jeden (?:tag|morgen|abend)|(?:ein|zwei|drei|\d+)mal|{_OFTEN} (?:\w+ )?(?:jahren|woche|tag|monaten))\b",
        r"(?:ich )?\w+ lieber (?!was|wie|ob)[\w-]{3,}|mein\w* lieblings\w+ (?:ist|sind|war)\b",
        r"my (?:all[- ]time |new |current )?fav(?:ou?rite|e)? [\w -]{2,25}? (?:is|are)\b",
        r"i (?:swim|run|climb|cycle|row|box|train|dance|lift|boulder|bike|hike|practice|play \w+) (?:[a-z]+ )?(?:once|twice|every|(?:two|three|four|five|\d+)(?: times|x)|most)\b",
        r"boulder(?:ing)? (?:once|twice|three times|\d+ times) a week\b",
        r"no (?:como|bebo|fumo) \w+|prefiero \w+|me (?:encanta|encantan) \w+",
    ),
    "about": (
        rf"{_S}(?:wohn|wohne|wohnen|leb|lebe|leben) (?:\w+ ){{0,4}}?(?:in|im|bei|auf|am|an|mit|zu)\b|(?:jetzt|hier|seit \w+|da) (?:wohn|wohne|wohnen|leb|lebe|leben) {_AND}\b|\w+ und ich wohnen\b",
        rf"{_S}{_AM} [^.!?;]{{0,40}}?\b(?:umgezogen|gezogen|aufgewachsen|ausgewandert)\b",
        rf"(?:mein\w*|unser\w*) (?:[\w-]+ )?{_KIN}(?: (?!ist|hat)[\w-]+)? {_IS}\b",
        rf"(?!wenn|ob|falls|weil|dass|wie|wo|was|wann|warum)\w{{3,}} ist (?:mein\w*|unser\w*) (?:[\w-]+ )?{_KIN}\b",
        rf"(?:meine frau|mein mann|mein\w* freund\w*|mein\w* ex) und ich {_HAVE}\b",
        rf"{_S}{_HAVE} (?:[\w-]+ )?{_A} (?:[\w-]+ )?(?:{_KIN}|söhne|töchter|hunde?|katzen|jungs|mädchen|mädels|allergie|[\w-]*intoleranz|unverträglichkeit|klasse|garten|haus|hof|werkstatt|tattoo|narbe)\b",
        rf"{_S}{_AM} (?:[\w-]+ ){{0,3}}?(?:{_JOB}|gelernte\w*|selbstständig|selbständig|link?shänder\w*|allergisch|schwanger|geschieden|verheiratet|verwitwet|vegetarier\w*|veganer\w*|alleinerziehend|rentner\w*|in elternzeit|in rente|[1-9]\d(?=,| und| jahre|$))",
        rf"(?:ab|seit) [\w. ]{{3,25}} {_AM} ich (?:\w+ )?{_JOB}",
        rf"{_S}(?:arbeite?|arbeit) (?:seit \w+ |jetzt )?(?:als|bei|beim|für die|im|in der)\b (?!version|datei)|ich arbeite \w+ als|{_S}leite (?:eine?|die|das) (?:team|abteilung|schule|kita|chor|verein|werkstatt|filiale|gruppe)|(?:[\w. ]{{2,20}} )?unterrichte ich\b|{_S}unterrichte\b",
        rf"{_S}hatte (?:\w+ )?(?:(?:19|20)\d\d )?(?:eine?n? |nen? )?(?:[\w-]+ )?(?:bandscheibenvorfall|kreuzbandriss|herzinfarkt|schlaganfall|burnout|burn-out|unfall|krebs|operation|op|fehlgeburt|depression\w*)\b",
        r"(?:das )?(?:mrt|röntgen|ct|ärztin|arzt|orthopädin?|therapeutin?) sagt,? [\w-]+",
        rf"{_S}{_HAVE} (?:mir |uns )?(?:[^.!?;]|(?<=\d)\.){{2,50}}?\b{_BOUGHT}\b",
        r"\w{3,} ist (?:jetzt |schon )?\d\d?(?: jahre(?: alt)?)? und \w{3,} (?:ist )?(?:jetzt |schon )?\d\d?\b",
        r"(?:mein|my) (?:alte[sr] |old |new |neue[sr] )?(?:iphone|pixel|galaxy|fairphone|oneplus|macbook|thinkpad)\b",
        rf"{_S}{_HAVE} (?:[\w-]+ ){{0,4}}?seit (?:(?:19|20)\d\d|gestern|\w+ (?:jahren?|monaten?|wochen))\b|{_S}{_HAVE} seit (?:gestern|kurzem|\w+ (?:jahren?|monaten?|wochen)|{_MONTH}|(?:19|20)\d\d)\b",
        rf"{_S}{_AM} (?:bei|in|an) [\w -]{{2,30}} seit\b|(?:{_S})vertrag\w* (?:kein\w*|nicht)|\w{{3,}} darf kein\w* [\w-]+,? (?:wegen )?\w*allergie",
        rf"{_S}(?:fahr|fahre|fahren|pendel|pendle) (?:jeden|täglich|immer|mit dem)\b",
        rf"{_WE} (?!bin|hab|will|find|glaub|brauch|such|mach|krieg|bekomm|seh|versuch|lad|öffne|klick|start|sind|woll)[a-zäöüß]{{2,12}} (?:[\w-]+ ){{0,5}}?{_LASTING}\b",
        rf"{_S}{_HAVE} (?:[\w-]+ ){{0,2}}?(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|\d+) jahre(?: lang)? (?:in|bei|als|mit|auf) \w+",
        rf"{_S}(?:komm|komme|stamm|stamme) (?:ursprünglich |eigentlich )?aus (?!de[mnr] )\w+|{_S}(?:studier|studiere|nehm|nehme|sing|singe|strick|stricke|sammel|sammle) (?!mal|das|es|den|die|nicht|an|mit)(?:[\w-]+ ){{0,4}}[\w-]+",
        rf"{_WE} {_HAVE} [^.!?;]{{0,30}}?\b(?:baby|kind|sohn|tochter|zwillinge) (?:bekommen|gekriegt|verloren)\b|(?:[\w-]+ ){{0,2}}(?:ist|sind) nicht so (?:meins|mein ding)\b|{_S}(?:bin|sind) (?:im vorstand|mitglied|trainer|ehrenamtlich|eher (?:der|die|ein\w*) )",
        rf"mein (?:auto|rad|bike|motorrad) ist eine?\b|{_DAY} ist (?:unser|mein)\w* \w+|{_S}(?:spar|spare|sparen) auf \w+|{_S}kann kein\w* \w+ (?:sehen|essen|riechen|hören|ab|leiden)\b",
        r"(?:me and my|my) (?:husband|wife|partner|boyfriend|girlfriend|ex|dad|mum|mom|sister|brother) and (?:i|me) (?:split|broke|live|met|got|are|have|run|moved|separated|divorced)\b",
        r"(?:i |we )?(?:['’]ve |have )?(?:just |finally )?(?:bought|got|passed|lost) (?:a|an|my|our) (?:first |own )?(?:house|flat|apartment|licen[cs]e|driving licen[cs]e|driving test|boat|van|allotment|degree|phd)\b|(?:i |we )?(?:can['’]t|cannot) (?:eat|stand|drink|have) (?:\w+)(?:$|[,.!]| (?:and|because|anymore))",
        r"(?:i )?started (?:\w+ )?(?:lessons|classes|therapy|college|university|school|uni|an apprenticeship)\b|i['’]?m (?:really |so )?(?:terrible|bad|great|good|hopeless|awful) (?:with|at) (?!this|that|it\b)\w+",
        r"no soporto \w+|estudio \w+ en\b|llevo \w+ años\b|estoy casad[oa]\b|soy alérgic[oa]\b",
        rf"vivo en\b|vivimos en\b|trabajo (?:de|como|en) \w+|tengo (?:un|una|dos|tres|\d) {_HIJO}|mis? {_HIJO} (?:es|son|vive|viven|trabaja|tiene|se llama)\b",
        r"soy (?:de (?!acuerdo)\w+|\w+(?:er[oa]|or|ora|ista|ic[oa]|ante)\b)|me (?:acabo de mudar|mudé|he mudado)|nos (?:mudamos|hemos mudado)|(?:ya )?tengo (?:un |el )?nivel [abc][12]\b|hablo (?:muy poco|un poco|\w+ (?:bien|mal)|(?:inglés|español|alemán|francés))",
        r"(?:just |recently )?moved (?:back )?to (?!the\b|a\b|an\b|another|new\b|this|that|it\b|my|using)\w{3,}(?: (?:last|this|in|with|from|a)\b|[,.!]|$)",
        r"been an? [\w-]+(?: \w+)? (?:for|since) (?:\d+|\w+) ?(?:years|months)?",
        r"(?:i )?(?:just |finally )?(?:got|bought|adopted) (?:a|an|my|two|three) (?:new |second[- ]hand |used )?(?:dog|cat|puppy|kitten|boys|girls|kids|sons|daughters|phone|bike|car|job|motorbike|guitar|house|flat)\b",
        r"(?:i )?(?:just )?started (?:a|my) new job\b|my \w+['’]s from \w+",
        r"i['’]?ve (?:used|been using|had|played|kept|worn) [\w -]{2,30} for (?:\w+ )?(?:years|months|decades)\b",
    ),
}  # fmt: skip

_CASUAL = re.compile("|".join(f"(?P<{category}>{'|'.join(patterns)})" for category, patterns in _PATTERNS.items()))
_CLAUSE = re.compile(r"(?:^|[,;(–—!?.] +|\n|\b(?:und|aber|denn|dann|y|pero|and|but|so|jetzt|also|hier)\s+)(?=\w)")
_WORD = re.compile(r"[\w'’]+")
_TASK = re.compile(
    r"\b(?:fehler\w*|problem\w*|fragen?|tabellen?|spalten?|zeilen?|formel|website|webseite|funktion|code|query|abfrage|server|docker|version|datei\w*|skript|script|"
    r"ordner|links?|error|línea|code|branch|build|npm|python|excel|api|zertifikat|installier\w*|ausprobiert|getestet|versucht|probiert|hunger|müde|verwirrt|"
    r"nicht sicher|keine ahnung|schlecht geschlafen|function|file|line|landlord|thing|noch eine|update|app|gerät|pumpe|geschenk|backup|garantie|programm|patient(?:in)?)\b"
)
_UNREAL = re.compile(
    r"\b(?:angenommen|vielleicht|würde|hätte|wäre|könnte|falls|stell dir vor|kann sein|eventuell|quizás|ojalá|maybe|perhaps|if i|imagine)\b|^(?:wenn|ob) (?!ich \w+ (?:schreib|schick|frag))"
)
_TRIGGERS = frozenset(
    """
    ich wir bitte hab habe haben bin sind wohn wohne wohnen arbeite leite hatte mein meine meinen meiner unser unsere will trinke trink
    ess esse rauche rauch lern lerne trainiere spiel spiele lese les geh gehe koche koch mag hasse liebe antworte duz sag heiraten
    gestorben geworden sagt darf ist wird startet beginnt bau baue renoviere spare unterrichte vertrag fahr fahre komm komme nicht im
    vivo vivimos trabajo tengo mi mis soy hablo dejé dejado estoy quiero prefiero encanta encantan soporto estudio llevo responde siempre mudar
    moved been got bought adopted started gave quit stopped passed lost can't cannot terrible bad swim run climb cycle row box
    train dance lift boulder bike hike practice play fav favorite favourite think ive i've foster used had split broke bouldering
    """.split()  # noqa: SIM905 - words read best as words
)
"""Without one of these words nothing is found."""


def may_hold(words: Iterable[str]) -> bool:
    """Whether a message of these words, in lower case, may declare anything."""
    return not _TRIGGERS.isdisjoint(words)


LIKELY = 0.75
"""The probability given to what is declared so."""


def found(low: str) -> tuple[int, int, str] | None:
    """Start, end and category of what is declared in a sentence in lower case, None where nothing is. Linear in its
    length, as each pattern reaches over a bounded stretch."""
    if not may_hold(_WORD.findall(low)) or _UNREAL.search(low):
        return None
    match = next(filter(None, (_CASUAL.match(low, clause.end()) for clause in _CLAUSE.finditer(low))), None)
    if match is None:
        return None
    category = match.lastgroup or "about"
    return (match.start(), match.end(), category) if category == "instruction" or not _TASK.search(low) else None
