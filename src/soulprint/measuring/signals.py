"""The wording that tells a person's own words from requests, pasted texts, roles and stories, as patterns.

All but `FOREIGN` and `NAMED` are for lowered text.
"""

# ruff: noqa: E501 - a list of words a line

from __future__ import annotations

import re
from collections.abc import Iterator

# fmt: off
FRAME = re.compile(
    r"[\s(\"'“:,.!?*^-](?:(?P<edit>proof-?read|translate|rewrite|re-write|paraphrase|rephrase|reword|summari[sz]e|shorten this|correct (?:the|this|my|gramm\w*)|fix (?:the|this|my|any)"
    r"|(?:edit|improve|polish|refine|expand|identify|rate|grade|check|analy[sz]e|convert|turn|classify|code|review|punch up) (?:this|the following|it|the|these|into|:)|(?:edit|improve|polish|refine|expand|check|rate|grade) my|improve:|bullet points?:)"
    r"|act (?:as|like)|pretend|role-?play|simulate|imagine|suppose|assume (?:i|you|that)|let['’]?s (?:say|play|pretend)|what if i|dm for me|stay in character|in the role"
    r"|you(?: are|['’]re|r| will play| play) (?:an?|the|my|dm|dan|now)\b|be my \w+|in this (?:game|story|world)"
    r"|(?:write|continue|make|create|finish|tell|rap|compose|generate|give)\b.{0,40}\b(?:story|scene|poem|song|monologue|diary|character|dialogue|novel|chapter|haiku|lyrics|(?:movie|film|tv|video) script|testimonial|creepypasta|rhyme|taglines?|first person)"
    r"|my story so far|once upon|chapter \w+|verse \d|first person|int\. |ext\. |to whom it may|personal statement|statement of purpose|resume:|cv:|narrator|protagonist|backstory"
    r"|is this sentence|which is (?:right|correct)|fill in|continue[.:]|how do you say"
    r"|übersetz\w*|korrigier\w*|verbesser\w* (?:diesen|den|mir|bitte|meinen)|formulier\w* um|formuliere|schreibe? (?:eine? )?(?:\w*geschichte|gedicht|weiter)|tu so|angenommen|du bist (?:ein|mein|der)|stell dir vor|rollenspiel\w*|spiele? (?:mal )?(?:eine?n?|meine?n?|den|die) \w+|du bist (?:kunde|arzt|chef|verkäufer|lehrer|jetzt|\w+in)\b|in der ich-form|erzähle? (?:mir |uns )?(?:eine? |noch eine? )?(?:[\w-]+ ){0,3}?\w*(?:geschichte|märchen)\b|schreibe? weiter|weiter(?=:)|(?:person|figur|rolle|charakter|character|sprecher|speaker|spieler|player|kunde|customer|nutzer|proband) ?\d*(?=:)|mach weiter|lebenslauf|aufsatz|hausaufgabe von|sehr geehrte|zusammenfass\w*|fass"
    r"|tradui[st]\w*|corrige\w*|reformule\w*|résume\w*|améliore\w*|écris (?:une? )?(?:histoire|poème|lettre)|rédige|supposons|madame|tu es (?:un|mon|ma)|fais comme si"
    r"|traduce\w*|mejora\w*|resume\w*|resumen|escribe (?:un )?(?:cuento|historia|poema)|actúa como|imagina|estimad[oa]s?|continúa|reescribe"
    r"|traduz\w*|corrija|revisa|reescreva|resuma|melhore|escreva (?:uma? )?(?:história|carta|poema)|primeira pessoa|aja como|finja|continue"
    r"|traduci\w*|correggi|riscrivi|rendil[ao]|riassumi|migliora|scrivi (?:una )?(?:storia|lettera|poesia)|fai finta|immagina|gentile|continua"
    r"|vertaal|verbeter|herschrijf|maak dit|vat samen|schrijf (?:een )?(?:verhaal|brief|gedicht|\w+gedicht)|doe alsof|stel je voor|geachte"
    r"|переведи|исправь|перепиши|напиши (?:рассказ|историю)|представь|popraw|przetłumacz|napisz|çevir\w*|düzelt\w*)\b|訳して|直して|翻译|修改|润色",
)
"""What opens a text to work on, a role or a story: what follows it is not the person's own. `edit` is a text to work
on, which begins below where there is anything below."""

DRAFT = re.compile(
    r"[\s(\"'“:,.!?*-](?:(?:write|make|create|compose|generate|draft)\b.{0,40}\b(?:letter|about|review|e?mail|cover|bio|post|essay|speech|ad|profile)\b|dear (?:\w+[ ,]){1,4}|cover letter|template|passage|survey"
    r"|(?:he|she|they|who|friend|sister|brother|client|student|patient|man|tenant|coworker|someone|customer)\b.{0,15} (?:says?|said|wrote|writes|told|keeps)\b|forum post|reddit|aita|anschreiben)\b",
)
"""A text to be written, or words of another: the rest of the sentence is not the person's own."""

_ABOUT_ME = r"about (?:me|us)\b|myself|situation|context|background|über mich|my goals|plan\b|schedule"

PASTED = re.compile(rf"(?:^|\n)(?![^\n]{{0,80}}\b(?:{_ABOUT_ME}))[^\n]{{0,200}}:[ \t]*\r?\n|\n---|:[ \t]*[\"“«]")
"""A colon with a block under it, a rule of dashes, a colon with a quotation."""

DOCUMENT = re.compile(
    r"^(?:#{1,6} (?!About me|Context|Background|Me\b)\w|<\w+|(?:INT|EXT)\. |-{3,}|={3,}|\[\d\d?[:.]\d\d|(?:From|To|Subject|Sent|Von|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp): "
    r"|(?:Dear|Sehr geehrte|Estimad|Prezad|Egregi|Gentile|Geachte)\w* |(?:Hi|Hello|Hey|Hallo|Liebe|Bonjour|Cher|Chère|Hola|Olá|Ciao|Beste|Good (?:morning|evening)|To) [^\n]{1,30}[,:!][ \t]*$"
    r"|[A-Z][A-Z &]{5,40}$|(?:About|Summary|Abstract|Introduction|Ingredients|Experience|Requirements|Über|Zutaten)\b[^\n.,:?]{0,20}$|(?:Kind|Best|Warm) regards)",
    re.MULTILINE,
)
"""How a pasted document begins, in the text as typed: a heading, the head of a mail, a greeting, a line in capitals."""

ABOUT_TEXT = re.compile(
    rf"^(?!.{{0,200}}(?:{_ABOUT_ME})).{{0,400}}?\b(?:this|these|those|following|below|here['’]?s|here (?:is|are)|paste[ds]?|pasting|(?:what|does|can) (?:he|she|they)|is (?:he|she)|author\w*|summar\w+|tl;?dr|grade|classify|extract|reply|answer to|answer this|respond|explain|simplify|"
    r"evaluate|review|estimate|questions|letter|essay|e?mail|transcript|wrote|sent|says|readme|library|cover letter|bio|speech|license|fail\w*|dies\w*|folgende\w*|hier|antworte|bewerbung|schlägt|texte?|ceci|cette|voici|ci-dessous|"
    r"esto|siguiente|aquí|isto|esse|essa|questo|questa|ecco|deze|hieronder|dit)\b",
    re.DOTALL,
)
"""A question about a text that stands below or above it."""

FOREIGN = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{1,200}`|^[ \t]*(?:>|//|#|\* ?\w+ing\b|\*[^*\n]+\*|(?!(?:In|My|For|From|About|Background|Context|Also|Please|Note|Situation|PS)\b)[A-Z]\w{0,15}(?: \w{1,15})?:|—|\[(?:\d|[^\]\n]{1,25}\][ \t]))[^\n]*|\"[^\"\n]{1,600}\"|“[^”\n]{1,600}”|«[^»\n]{1,600}»", re.DOTALL | re.MULTILINE)
"""Code, quoted lines, comments, dialogue and words in quotation marks, in the text as typed."""

END = re.compile(r"(?:(?<![\s(]\d)(?<![\s(]\d\d)\.|[!?…])[.!?…]*[\"'”)\]]*(?=\s|$)|\n|[。！？]")
"""The end of a sentence; the stop in "14. Mai" is none."""

ASKS = re.compile(
    r"[,;:.–—-]*\s+(?:(?:so|and|but|then|now|und|et|y|e|en)\s+)?(?:please|pls|can you|could you|would you|will you|any (?:tips|ideas|advice)|do you|help me|tell me|should i|is there|are there|"
    r"write me|kannst du|könntest|hast du|peux-tu|puedes|pode |puoi |kun je)\b"
    r"|[,;:.–—-]+\s+(?:(?:so|and|but|then|now|und|et|y|e|en)\s+)?(?:is (?:it|that|this) (?!(?:a|the|my) )|ist das |ist es |macht das |darf (?:das|man|ich|sie|er)\b|geht das|realistisch|normal\b|welche\w* |wo |wann |wieviel|erklär|mach |how |argumente|rezept|ideen|corrige|can i|what|how|which|why|give me|write|explain|suggest|recommend|wie |was |gib |schreib|que (?:faire|puis)|comment |donne|qué |cómo |o que |como faço|cosa |come |wat |hoe )",
)
"""A request that follows a statement in the same sentence."""

LAST_ASKS = re.compile(r"[,;:–—][^,;:–—?]{2,60}\?+\s*$")
"""A question after the last comma of a sentence."""

LEAD = re.compile(r"(?:(?:for|some|ok so|so)? ?(?:context|background)|btw|by the way|fyi|ps|p\.s\.|note|kontext|übrigens)\s*[:,]\s*")
"""Words before a statement that say nothing."""

TASK = re.compile(
    r"\b(?:this|these|following|below|above|error|code|function|files?|list|table|text|paragraph|version|option|essay|script|app|button|column|row|answer|question|query|page|screen|server|container|code|data(?:set|base)?|"
    r"class|method|string|array|loop|email|letter|slide|title|sentence|port|log|branch|build|install\w*|api|sql|npm|python|config|test|output|input|second|first|third|logo|idea|meeting|presentation|names?|numbers?|"
    r"fehler\w*|liste|tabelle|skript|folie|erreur|liste|script|tableau|lista|erro|errore?|código|codice|lijst|fout\w*|script)\b",
)

WANTS = re.compile(
    r"\b(?:i (?:want|need|would like|wanna)|i['’]d (?:like|love)|i['’]?m (?:trying|looking|getting|using|stuck)|i am (?:trying|looking|getting|using|stuck)|ich (?:brauche|möchte|will|suche)|je (?:veux|cherche|voudrais)|quiero|necesito|busco|"
    r"quero|preciso|voglio|ho bisogno|ik (?:wil|zoek)|how to|fix)\b",
)

LASTING = re.compile(
    r"\b(?:years?|yrs|months|since|always|every|usually|never|daily|weekly|anymore|ever|forever|used to|for good|often|most|lifelong|ago|last (?:year|summer|winter|spring|fall|autumn)|"
    r"seit|immer|jede[nrs]?|jahren?|nie|depuis|toujours|jamais|ans|chaque|desde|siempre|nunca|años|todos|anos|sempre|da quando|anni|mai|ogni|sinds|altijd|nooit|elke|jaar)\b",
)

PASSING = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|right now|this (?:morning|evening|afternoon|week)|just now|an hour|minutes?|hours?|in a (?:hurry|row)|lunch|again|next weekend|heute|morgen|gestern|aujourd['’]hui|demain|hoy|mañana|hoje|amanhã|oggi|domani|vandaag)\b",
)

PEOPLE = re.compile(
    r"\b(?:wife|husband|partner|girlfriend|boyfriend|mom|mum|mother|dad|father|parents|son|daughter|kids|children|sister|brother|family|grand\w+|dog|cat|frau|mann|kinder|tochter|sohn|mutter|vater|eltern|femme|mari|enfants|fille|fils|mère|père|"
    r"esposa|esposo|marido|hij[oa]s?|padres|madre|padre|filh[oa]s|moglie|marito|figli[oa]?|vrouw|man|kinderen|dochter|zoon)\b",
)

LIFE = re.compile(
    r"\b(?:live|lives|living|job|career|married|born|grew|moved|house|apartment|flat|village|degree|university|diagnosed|allergic|religion|vegan|vegetarian|nurse|teacher|engineer|developer|student|retired|night shifts?|wohne|lebe|arbeite|beruf|habite|vis|travaille|"
    r"vivo|trabajo|moro|trabalho|abito|lavoro|woon|werk)\b",
)

LETTER = re.compile(
    r"\b(?:passionate|motivated|dedicated|results|proven|apply|applying|application|position|candidate|hereby|sincerely|opportunity|company['’]s|dynamic|experience in|team of|responsible for)\b",
)

TOLD = re.compile(
    r"\b(?:he|she|they|thee|captain|king|queen|dragon|castle|wizard|vampire|soldiers?|shadow|dark|whispered|said|smiled|lived|island|forest|prince\w*|ghost|heart|soul|sword)\b",
)

DATED = re.compile(
    r"\b(?:(?:19|20)\d\d|(?:\d\d?(?:st|nd|rd|th)?\.? (?:of |de |di )?)?(?:january|february|march|april|june|july|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|"
    r"janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janeiro|março|maio|junho|julho|setembro|outubro|dezembro|"
    r"gennaio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|maart|mei|augustus)|(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec) \d\d?)\b",
)

STANDING = re.compile(
    r"\b(?:from now|from here|future|going forward|always|never|ever|when(?:ever)? i|every time|in general|anymore|again|all (?:my|your|our)|remember|ab jetzt|immer|künftig|zukunft|mehr|toujours|à partir|dorénavant|plus|siempre|ahora|nunca|sempre|agora|d['’]ora|mai|altijd|nooit|vanaf)\b",
)
"""What makes an instruction hold beyond one answer."""

SIGNALS = {
    "task": TASK,
    "wants": WANTS,
    "lasting": LASTING,
    "passing": PASSING,
    "people": PEOPLE,
    "life": LIFE,
    "letter": LETTER,
    "told": TOLD,
    "dated": DATED,
    "standing": STANDING,
}
"""Kinds of words that the classifier counts."""

NAMED = re.compile(r"(?<=[\w,] )[A-ZÄÖÜÉ][a-zäöüßéèáíóúñç]{2,}")

SELF = re.compile(r"\b(?:i|my|me|i['’]m|im|we|our|ich|mein\w*|mir|wir|je|j['’]|mon|ma|yo|mi|me|eu|meu|minha|io|mio|mia|ik|mijn)\b")

CODE = re.compile(r"[{}<>=;_|\\]|\w\(|://|\.\w+\(")

MILESTONE = re.compile(
    r"\b(?:moved|married|born|graduat\w+|started|finished|got|became|retired|divorced|died|lost|met|turn|sober|birthday|anniversary|due date|wedding|surgery|flight|exam|defen[cs]e|lease|gezogen|geheiratet|geburtstag|heiraten|kam|marie|déménagé|anniversaire|mudamos|mudei|"
    r"casé|casei|cumpleaños|aniversário|compleanno|trasferit\w|sposat\w|jarig|verhuisd|getrouwd|moving|getting|ends)\b",
)
"""With a date, these make a sentence one about dates."""
# fmt: on


def sentence_start(text: str, low: int, position: int) -> int:
    """Where the sentence begins that holds `position`, not before `low`."""
    ends = [(text.rfind(mark, low, position), len(mark)) for mark in ("\n", "! ", "? ", "… ", "。", "！", "？")]
    stop = text.rfind(". ", low, position)
    while stop >= 0 and _ORDINAL.search(text, max(low, stop - 2), stop + 6):
        stop = text.rfind(". ", low, stop)
    return max((end + length for end, length in (*ends, (stop, 2)) if end >= 0), default=low)


_ORDINAL = re.compile(r"\b\d\d?\. (?:ja|fe|m[äa]|ap|ju|au|se|ok|no|de|\d)", re.IGNORECASE)
"""A stop that belongs to a date: "14. Mai"."""


def counts(sentence: str) -> list[int]:
    """How often the words of each signal stand in a lowered sentence, in the order of `SIGNALS`."""
    found = [0] * len(SIGNALS)
    for word in _WORD.findall(sentence):
        for number in _SIGNALS_OF.get(word, ()):
            found[number] += 1
    for match in _PHRASES.finditer(sentence):
        found[int((match.lastgroup or "")[1:])] += 1
    return found


def _spelled_out(pattern: str) -> Iterator[str]:
    """The alternatives of a signal, those with an optional last part as two."""
    inner = pattern.removeprefix(r"\b(?:").removesuffix(r")\b")
    for part in _ALTERNATIVE.findall(inner):
        optional = re.fullmatch(r"(\w+)(?:(\w)|\(\?:([\w|]+)\))\?", part)
        if optional:
            yield optional[1]
            yield from (optional[1] + tail for tail in (optional[2] or optional[3]).split("|"))
        elif part:
            yield part


def _words_and_phrases() -> tuple[dict[str, tuple[int, ...]], re.Pattern[str]]:
    """For each plain word its signals, as looking words up is faster than searching for each; and the rest."""
    words: dict[str, tuple[int, ...]] = {}
    phrases = []
    for number, signal in enumerate(SIGNALS.values()):
        parts = dict.fromkeys(_spelled_out(signal.pattern))
        for word in (part for part in parts if _WORD.fullmatch(part)):
            words[word] = (*words.get(word, ()), number)
        rest = [part for part in parts if not _WORD.fullmatch(part)]
        phrases += [f"(?P<g{number}>{'|'.join(rest)})"] if rest else []
    return words, re.compile(rf"\b(?:{'|'.join(phrases)})\b")


_WORD = re.compile(r"\w+")
_ALTERNATIVE = re.compile(r"(?:[^|()]|\((?:[^()]|\([^()]*\))*\))+")
_SIGNALS_OF, _PHRASES = _words_and_phrases()
