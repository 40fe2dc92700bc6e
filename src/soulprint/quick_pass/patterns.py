"""Which field of the profile a sentence of the person belongs to, by the words it is made of."""

from __future__ import annotations

import re

from soulprint.measuring import occupations

# ruff: noqa: E501 - an alternative a line reads better than a wrapped one


def any_of(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


PLACE = r"(?-i:[A-ZÀ-ÖØ-Þ])"
"""What starts with a capital letter."""

NAME = re.compile(
    r"(?:\bmy name is|\bmy name['’]s|\bcall me|\bmein name ist|\bich heiße|\bje m['’]appelle|\bme llamo|\bmi nombre es|\b(?:o )?meu nome é|\bchamo-me|\bme chamo|\bmi chiamo|\bik heet|\bmijn naam is)"
    r"\s+(?P<name>(?-i:[A-ZÀ-ÖØ-Þ][\w'’-]+)(?: (?-i:[A-ZÀ-ÖØ-Þ][\w'’-]+))?)",
    re.IGNORECASE,
)
"""A sentence in which the person says their name."""

NAME_OPENING = re.compile(
    r"^(?:I['’]m|I am|Ich bin|Je suis|Soy|Sou|Sono|Ik ben) (?P<name>[A-ZÀ-ÖØ-Þ][\w'’-]+)(?=[.,;!]| and\b|$)"
)
"""The same at the head of custom instructions, where people introduce themselves."""

JOBS = occupations.ANY
LIVES = any_of(
    r"\b(?:i|we)(?: now| currently| still| also| both)? (?:live|stay) (?:in|on|near|at|outside)\b",
    r"\b(?:i['’]m|i am|we['’]re|we are)(?: now| currently)? (?:based|living) in\b",
    rf"\b(?:i|we)(?:['’]ve| have)?(?: just| recently)? moved (?:from .{{2,30}} )?to {PLACE}",
    rf"\b(?:i['’]m|i am|we['’]re|we are) moving (?:from .{{2,30}} )?to {PLACE}",
    rf"\b(?:i|we)(?:['’]ve| have) (?:been|lived) in {PLACE}\w+ (?:for|since|now|\w+ (?:weeks|months|years))",
    rf"\bich (?:wohne|lebe)\b.{{0,20}} in {PLACE}",
    r"\b(?:wohn|wohne|wohnen)(?: ich| wir)? (?:[\w.]+ ){0,4}?in (?!de[rmn]|eine|ne[mr]\b)\w{3,}|\bnach (?!hause)[\w-]{3,} (?:um)?gezogen\b",
    r"\bj['’]habite\b(?: à| en| au| dans)?",
    rf"\bje vis (?:à|en|au) {PLACE}",
    rf"\b(?:vivo|moro|abito) (?:en|em|a|in) {PLACE}",
    rf"\bik woon in {PLACE}",
    rf"\b{JOBS} (?:in|from|based in) {PLACE}",
)

WORKS = any_of(
    r"\bi(?: currently| now| still)? work (?:as|for|at|in|remotely|freelance|full|part)\b",
    rf"\b(?:i['’]m|i am|i was|i['’]ve been|i have been) (?:\w+, )?(?:an?|the) (?:[\w-]+ ){{0,3}}{JOBS}\b",
    r"\bi (?:\w+ ){1,4}for a living\b",
    r"\bmy (?:job|new job|first day at|boss|work) (?:is|as|at)\b",
    r"\b(?:first day at|offered me (?:the|a) (?:job|position)|i (?:start|started|begin) (?:at|as|my new job))\b",
    r"\bich (?:arbeite|bin .{0,20}(?:ingenieur|entwickler|lehrer|arzt|ärztin|student)\w*)\b",
    rf"\b(?:bin|und bin)(?: ich)? (?:[\w.]+ ){{0,3}}?(?:{occupations.GERMAN})(?:in)?\b|\bunterrichte\b|\barbeite (?:als|bei)\b",
    rf"\bje (?:travaille|suis (?:une? )?{JOBS})\b",
    r"\b(?:trabajo|trabalho|lavoro) (?:de|en|como|em|na|no|come|per)\b",
    r"\bik werk (?:als|bij|in)\b",
)

KIN: dict[str, str] = {
    "partner": r"\bmy (?:partner|wife|husband|spouse|girlfriend|boyfriend|fianc[eé]e?|ex[- ]\w+)\b|\b(?:mon|ma) (?:copine?|compagn\w+|mari|femme|conjoint\w?)\b|\bmein(?:e|em|en|er)? (?:partner\w*|frau|mann|freund(?:in)?|verlobte\w?)\b|\bmi (?:pareja|novi[oa]|espos[oa]|marido|mujer)\b|\b(?:meu|minha) (?:namorad[oa]|marido|espos[oa]|mulher)\b",
    "engaged": r"\b(?:i['’]m|i am|we['’]re|we got|i got|we are) (?:engaged|married|divorced|getting married)\b|\bproposed\b|\bwedding date\b",
    "child": r"\bmy (?:\w+[- ]){0,3}(?:sons?|daughters?|kids?|children|child|baby|toddler|twins|stepson|stepdaughter)\b|\b(?:mon fils|ma fille|mes enfants)\b|\bmein(?:e|em|en|er)? (?:sohn|tochter|kinder|kind)\b|\bmis? hij[oa]s?\b|\b(?:meus?|minhas?) filh[oa]s?\b",
    "mother": r"\bmy (?:mum|mom|mother)\b|\bma mère\b|\bmeine mutter\b|\bmi madre\b|\bminha mãe\b",
    "father": r"\bmy (?:dad|father)\b|\bmon père\b|\bmein vater\b|\bmi padre\b|\bmeu pai\b",
    "parents": r"\bmy parents\b|\bmes parents\b|\bmeine eltern\b|\bmis padres\b|\bmeus pais\b",
    "sibling": r"\bmy (?:\w+[- ]){0,2}(?:brothers?|sisters?|siblings|twin)\b|\b(?:mon frère|ma s[œo]e?ur)\b|\bmein(?:e|em|en|er)? (?:bruder|schwester)\b|\bmi herman[oa]\b|\b(?:meu irmão|minha irmã)\b",
    "aunt": r"\bi['’]m an (?:aunt|uncle)\b|\bmy (?:nephew|niece|aunt|uncle|cousin)\b",
    "grandparent": r"\b(?:my|our) (?:grand\w+|nan|gran)\b|\b(?:ma grand-mère|mon grand-père)\b|\bmeine? (?:oma|opa)\b|\bmi abuel[oa]\b|\bminha avó\b|\bavó\b",
    "pet": r"\b(?:my|our|have a|got a|we have an?) (?:\w+[- ]){0,2}(?:cat|dog|puppy|kitten|rabbit|horse|parrot|hamster)\b|\b(?:mon chat|mon chien|meine katze|mein hund|mi gat[oa]|mi perr[oa]|meu gato|meu cachorro)\b",
    "friend": r"\bmy (?:best |old |close )?friends? (?-i:[A-Z])",
}
"""A relation -> how people speak of it."""

PARTED = any_of(
    r"\b(?:divorced|separated|split up|broke up|my ex|getrennt|geschieden|scheiden|séparée?s?|divorcée?|separad[oa]s?|divorciad[oa]s?|lasciati|uit elkaar)\b"
)
"""A partner is one no more: of what is said of partners the newest holds."""

SELF = any_of(
    r"\bi['’]?m (?:just |also |basically |generally |really |quite |rather |very |pretty |a bit |kind of |such )*(?:an? )?(?:\w+ )?(?:perfectionist|introvert\w*|extrovert\w*|pessimist|optimist|realist|pragmatist|procrastinator|night owl|early bird|morning person|workaholic|planner|minimalist|sceptic|skeptic|nerd|geek|bore|"
    r"impatient|patient|curious|stubborn|shy|anxious|cautious|organi[sz]ed|disorgani[sz]ed|forgetful|competitive|sensitive|direct|blunt|honest|picky|lazy|messy|visual (?:learner|thinker)|slow learner|quick learner)\b",
    r"\bi(?:['’]m| am) (?:the|a) (?:kind|type|sort) of person\b",
    r"\bi(?: always| usually| generally)? (?:tend to|decide (?:slowly|quickly|fast)|overthink|procrastinate|worry (?:a lot|too much)|second-guess|never give up|get bored|can['’]t sit still)\b",
    r"\bi change my mind\b",
    r"\bone thing i know about myself\b",
    r"\bich bin (?:eher |sehr |ziemlich |ein |eine )*(?:perfektionist\w*|introvertiert|extrovertiert|ungeduldig|neugierig|chaotisch|stur|schüchtern)\b",
    r"\bje suis (?:plutôt |très |assez |une? )*(?:perfectionniste|introverti\w*|timide|curieu\w+|impatient\w*|têtue?)\b",
    r"\b(?:soy|sou|sono) (?:muy |muito |molto |una? |uma? )*(?:perfec\w+|perfez\w+|introvertid\w+|tímid\w+|curios\w+|impacient\w+)\b",
)
"""The person names a trait of their own."""

FEELS = any_of(
    r"\bi(?:['’]m| am| feel| felt| was)(?: so| very| really| a bit| still| quite| just)* (?:happy|sad|anxious|afraid|scared|frightened|worried|lonely|proud|overwhelmed|stressed|exhausted|homesick|grateful|angry|nervous|tired|depressed|relieved|guilty|ashamed|excited|burned out|burnt out)\b",
    r"\bi (?:feel|felt) (?:like|as if|that|so|better|worse|much)\b",
    r"\bi (?:cried|cry|miss|worry|panic|dread|fear|get anxious|get nervous|can['’]t sleep)\b",
    r"\b(?:makes|made) me (?:happy|sad|anxious|angry|cry|laugh|nervous)\b",
    r"\bich (?:fühle mich|habe angst|vermisse|mache mir sorgen|freue mich)\b",
    r"\bj['’]ai peur\b|\bje me sens\b|\bje suis (?:triste|heureu\w+|inquiète?|stressée?|fière?)\b",
    r"\b(?:me siento|estoy (?:triste|feliz|preocupad\w)|tengo miedo|tenho medo|estou (?:triste|feliz|preocupad\w)|tenho saudades|mi sento|ho paura)\b",
)

TONE = any_of(
    r"\bi (?:like|love|prefer|appreciate|hate) (?:it )?when you\b",
    r"\byour tone\b|\bsounding (?:certain|like)\b",
    r"\b(?:be|sound|stay|keep it|more|less|too|not so|don['’]t be) (?:more |less |a bit |so )*(?:direct|blunt|honest|formal|informal|casual|friendly|polite|neutral|kind|gentle|cheerful|enthusiastic|certain|dry|warm)\b",
    r"\b(?:filler|flattery|sugar-?coat\w*|small talk|apologi[sz]\w*|praise|waffle|jargon|buzzwords?|exaggerat\w+)\b",
    r"\btell me (?:when|if) (?:you['’]re|you are) (?:not sure|guessing|unsure|uncertain)\b|\bhow (?:sure|unsure|certain) you are\b",
)

BOUNDARY = any_of(
    r"\bi (?:refuse|won['’]t|will not|would never|will never)\b",
    r"\bi (?:don['’]t|do not) (?:want (?:to talk|to discuss|you|this|any|that)|send|share|talk about|discuss)\b",
    r"\bi prefer not to\b|\bnone of (?:your|their) business\b",
    r"\b(?:don['’]t|do not|never) (?:ask me|mention|bring up|put that in|remember|store|save)\b",
    r"\b(?:is|are) off limits\b",
)

NEGATIVE = any_of(
    r"(?:^|[,;:.]\s*|\b(?:please|and|but|so|ok|okay)\s+)(?:don['’]t|do not|never|stop|avoid|quit)\b",
    r"\bno (?:more )?(?:emojis?|bullet\w*|lists?|tables?|headings?|markdown|jargon|filler|small talk|preamble|disclaimers?|apologies|bold|exclamation|flattery)\b",
    r"\bwithout (?:emojis?|bullet|jargon|filler|preamble)\b|\brather than\b|\binstead of\b",
    r"\b(?:keine?n?|niemals|nie wieder|hör auf|vermeide)\b",
    r"\b(?:ne .{1,25} (?:pas|jamais|plus)|pas d['’e]|évite|arrête)\b",
    r"\b(?:evita|deja de|evite|pare de|smetti)\b",
)
"""An instruction that forbids."""

CONDITION = any_of(
    r"^(?:if|when|whenever|for|with|in|unless|wenn|si|quand|cuando|quando|se|als)\b",
    r"^from now on,? (?:if|when|with|for|in)\b",
    r"\bunless i\b",
)
"""An instruction that holds in certain cases."""

OF_THEMSELF = any_of(
    r"^(?:i|i['’]\w+|we|my|ich|je|j['’]\w+|yo|eu|io|ik)\b(?! (?:want|need|prefer|would (?:like|prefer)|like|['’]d) (?:you|it|the|your|answers?|them|short|to be|only|no|always)\b)(?! always want)"
)
"""A sentence about the person rather than to the assistant."""

EVENT = any_of(
    r"\b(?:moved|moving|engaged|married|marrying|wedding|born|pregnant|expecting|passed|graduat\w+|new job|started|starting|offered|quit|resigned|retired|bought|sold|finished|ran|signed up|entered|exam|surgery|operation|diagnosed|hospital|funeral|died|birthday|divorc\w+|holiday|moved in|first day)\b",
    r"\b(?:déménag\w+|examen|naissance|enceinte|hôpital)\b|\b(?:umgezogen|verheiratet|hochzeit|prüfung|geboren|krankenhaus)\b|\b(?:mudei|casamento|nasceu|mudé|boda|nació|casar\w*)\b",
)
"""Something that happens in a life."""

MEMORISE = any_of(
    r"\bremember\b(?! (?:the|when|that time))",
    r"\b(?:put|store|save|keep) .{0,30}(?:memory|in mind)\b",
    r"\bforget (?:that|about|what)\b",
    r"\b(?:merk dir|vergiss nicht|souviens-toi|retiens|recuerda|lembra-te|lembre|ricorda|onthoud)\b",
)

FORMATS = any_of(
    r"\b(?:bullet\w*|lists?|tables?|prose|headings?|markdown|paragraphs?|units?|metric|kilomet\w+|celsius|spelling|24-hour|type hints?|lower case|code|json|step by step|summary|examples?)\b"
)
DEPTH = any_of(
    r"\b(?:short|brief\w*|concise|detail\w*|in depth|long|length|thorough|one sentence|summary first|answer first)\b",
    r"\b(?:kurz|ausführlich|court\w*|détail\w*|breve|detalle|curt\w)\b",
)
ADDRESS = any_of(
    r"\bcall me\b|\b(?:you can|please) (?:address|call) me\b|\bmy pronouns\b|\bduze\w*\b|\bsiez\w*\b|\btutoie\w*\b|\bvouvoie\w*\b|\btutea\w*\b"
)
ENJOYS = any_of(
    r"\b(?:i|we) (?:\w+ )?(?:love|enjoy|adore|climb|run|swim|cycle|bake|cook|paint|draw|play|sing|garden|read|collect|knit|hike|dance|box|row|sail|surf|ski)\b",
    r"\bi['’]m (?:into|a (?:big |huge )?fan|obsessed|learning|training for|restoring|(?:building|writing) (?:an?|my)|hooked)\b",
    r"\b(?:ich )?(?:spiele?|laufe?|klettere?|bouldere?|schwimme?|lerne?|backe?|male?|singe?|tanze?|wandere?) (?:gerne?|seit|gerade|jeden|einmal|zweimal|dreimal|am liebsten)\b",
    r"\bj['’](?:adore|aime)\b|\bich (?:liebe|spiele|laufe|klettere)\b|\bme (?:encanta|gusta)\b|\badoro\b",
)

INSTRUCTS = any_of(
    r"\bfrom now on\b|\bin (?:the )?future,? (?:please|always|never|just)\b|\bgoing forward\b",
    r"^(?:please|always|never|don['’]t|do not|stop|avoid|remember|call me|address me|use|keep|answer|reply|tell me|give me|no|short|long|british|american|metric)\b",
    r"\bplease (?:stop|always|never|don['’]t|remember|use|keep|call|answer|only|be|give)\b|\bremember please\b",
    r"\bi(?:['’]d| would)? (?:like|love|prefer|hate|rather)(?: it)? (?:when |if )?you\b|^i always want (?:the |an? |my )?\w+ (?:written|shown|included|explained|listed|spelled|first)\b",
    r"^(?:antworte?|schreib|schreibe?|duz\w*|siez\w*|sag (?:du|sie)\b|sprich|benutze?|verwende|erkläre?|hör (?:bitte )?auf|responde|contesta|corrige|réponds|tutoie\w*|rispondi|antwoord)\b|^wenn ich\b.{2,50}\b(?:bitte|antworte)\b",
    r"^(?:ab jetzt|künftig|immer|nie|bitte|désormais|à partir de maintenant|toujours|jamais|siempre|nunca|a partir de ahora|sempre|d['’]ora in poi|vanaf nu|altijd|nooit)\b",
)
"""A standing request to the assistant."""

POLITE = any_of(r"\b(?:please|bitte|s['’]il te plaît|s['’]il vous plaît|por favor|per favore|alsjeblieft)\b")

DECIDES = any_of(
    r"\bdecid\w+|\bdecision|\bchose|\bchosen|\bquit\b|\bgave up|\bturned down|\bgiving up|\b(?:we|i)(?:['’]re| are|['’]m| am) (?:not )?(?:moving|leaving|quitting|switching|staying)\b",
    r"\bentschied\w*|\bdécidé|\bchoisi|\bdejé|\bparei|\bdeciso|\bbesloten",
)
"""A sentence that tells of a choice."""
