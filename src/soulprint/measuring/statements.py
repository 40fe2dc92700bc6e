"""What people say about themselves: messages come in, the sentences that state something durable about the writer go out.

Rules find the candidates; a small classifier over their features, and over the sentence's embedding where an embedder is
at hand, tells self-description from requests, pasted texts and fiction. Nothing is written that the person did not write.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from soulprint.measuring import rules

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from soulprint.llm.minilm import Embedder

CAP = 300
"""Candidates that are embedded: what two cores do in about 1.2 s (250 sentences a second)."""

SAME = 0.85
"""Two statements whose vectors have this cosine say the same."""

SENTENCE = 400
"""A longer stretch without a full stop or line break is no sentence, and is left alone."""

LONG_MESSAGE = 1800
"""Longer messages are mostly pasted; only their first part is read for what the person says."""

HEAD = 700


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of the person's that rules take for self-description: `text` is the message from `start` to `end`, in
    code points."""

    message: int
    start: int
    end: int
    text: str
    rule_score: float
    features: tuple[float, ...]
    category: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence in which the person most likely says something durable about themself."""

    message: int
    start: int
    end: int
    text: str
    category: str
    probability: float


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic regression: `weights` and `bias`, and the least probability that counts as a statement."""

    weights: tuple[float, ...]
    bias: float
    threshold: float


# Finding


def candidates(message_id: int, text: str) -> list[Candidate]:
    """The sentences of one message in which the person may speak of themself, in the order of the text.

    Code, quotations, pasted texts, role play and fiction are left out. Linear in the length of the text.
    """
    head = text if len(text) <= LONG_MESSAGE else text[:HEAD]
    hits = list(rules.find(head))
    if not hits:
        return []
    limit = _own_words_end(head)
    foreign = _foreign_spans(head)
    found = []
    for start, end, inside in _sentences(head, [hit for hit in hits if hit.start < limit]):
        if not any(a < inside[0].end and inside[0].start < b for a, b in foreign):
            found.append(_candidate(message_id, text, start, end, inside))
    return [candidate for candidate in found if candidate is not None]


_FRAME = re.compile(
    r"\b(?:proof-?read|translate|rewrite|re-write|paraphrase|rephrase|reword|summari[sz]e|shorten this|correct (?:the|this|my)|fix (?:the|this|my|any)"
    r"|(?:edit|improve|polish|refine|expand|identify|rate|grade|check|analy[sz]e|convert|turn) (?:this|the following|it|for|the|my|these|into|:)|improve:|bullet points?:"
    r"|act (?:as|like)|pretend|role-?play|simulate|imagine|suppose|assume (?:i|you|that)|let['’]?s (?:say|play|pretend)|what if i"
    r"|you(?: are|['’]re|r| will play| play) (?:an?|the|my|dm|dan|now)\b|be my \w+|in this (?:game|story|world)"
    r"|(?:write|continue|make|create|finish|tell|rap|compose|generate)\b.{0,40}\b(?:story|scene|poem|song|monologue|diary|character|dialogue|letter|novel|chapter|haiku|lyrics|script|about|review|email|cover|bio|post|essay|speech|ad)"
    r"|my story so far|once upon|chapter \w+|verse \d|lyrics|subtitles?\b|int\. |ext\. |dear (?:\w+[ ,]){1,4}|to whom it may|cover letter|personal statement|statement of purpose|resume:|cv:|passage|template"
    r"|survey|(?:he|she|they|who|friend|sister|brother|client|student|patient|man|tenant|coworker|someone|customer)\b.{0,15} (?:says?|said|wrote|writes|told|keeps)|forum post|reddit|aita|testimonial|reply to th"
    r"|is this sentence|which is (?:right|correct)|fill in|survey|continue[.:]"
    r"|übersetz\w*|korrigier\w*|verbesser\w* (?:diesen|den|mir|bitte|meinen)|formulier\w* um|formuliere|schreibe? (?:eine? )?(?:geschichte|gedicht|weiter)|tu so|du bist (?:ein|mein|der)|stell dir vor|sehr geehrte|anschreiben|zusammenfass\w*|fass"
    r"|tradui[st]\w*|corrige\w*|reformule\w*|résume\w*|améliore\w*|écris (?:une? )?(?:histoire|poème|lettre)|imagine|supposons|madame|tu es (?:un|mon|ma)|fais comme si"
    r"|traduce\w*|mejora\w*|resume\w*|resumen|escribe (?:un )?(?:cuento|historia|poema)|actúa como|imagina|estimad[oa]s?|continúa|reescribe"
    r"|traduz\w*|corrija|reescreva|resuma|melhore|escreva (?:uma )?(?:história|carta|poema)|aja como|finja|continue"
    r"|traduci\w*|correggi|riscrivi|riassumi|migliora|scrivi (?:una )?(?:storia|lettera|poesia)|fai finta|immagina|gentile|continua"
    r"|vertaal|verbeter|herschrijf|vat samen|schrijf (?:een )?(?:verhaal|brief|gedicht)|doe alsof|stel je voor|geachte"
    r"|переведи|исправь|перепиши|напиши (?:рассказ|историю)|представь|popraw|przetłumacz|napisz|çevir\w*|düzelt\w*)\b|訳して|直して|翻译|修改|润色",
    re.IGNORECASE,
)  # fmt: skip
_PASTED = re.compile(r"(?:^|\n)(?![^\n]{0,80}\b(?:about me|myself|situation|context|background|about us|über mich)\b)[^\n]{0,200}:[ \t]*\r?\n|\n---|:[ \t]*[\"“«]", re.IGNORECASE)  # fmt: skip


def _own_words_end(text: str) -> int:
    """Where the person's own words end because a text to work on, a role or a story begins."""
    ends = [match.start() for match in (_FRAME.search(text), _PASTED.search(text)) if match]
    return min(ends, default=len(text)) + 1


_FOREIGN = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`|^[ \t]*(?:>|//|#|\* ?\w+ing\b|\*[^*\n]+\*|[A-Z][\w ]{0,15}:|—|\[\d)[^\n]*|\"[^\"\n]+\"|“[^”\n]+”|«[^»\n]+»", re.DOTALL | re.MULTILINE)  # fmt: skip


def _foreign_spans(text: str) -> list[tuple[int, int]]:
    """Code, quoted lines, comments, dialogue and words in quotation marks."""
    return [match.span() for match in _FOREIGN.finditer(text)]


_END = re.compile(r"(?:(?<![\s(]\d)(?<![\s(]\d\d)\.|[!?…])[.!?…]*[\"'”)\]]*(?=\s|$)|\n|[。！？]")


def _sentences(text: str, hits: Sequence[rules.Hit]) -> Iterator[tuple[int, int, list[rules.Hit]]]:
    """The sentence around each hit, once, with all hits inside it."""
    done = 0
    waiting: list[rules.Hit] = []
    start = 0
    for hit in hits:
        if hit.start < done and waiting:
            waiting.append(hit)
            continue
        if waiting:
            yield start, done, waiting
        start = _sentence_start(text, max(done, hit.start - SENTENCE), hit.start)
        end = _END.search(text, hit.start, start + SENTENCE)
        done = end.end() if end else min(len(text), start + SENTENCE)
        waiting = [hit] if end or done == len(text) else []
    if waiting:
        yield start, done, waiting


def _sentence_start(text: str, low: int, position: int) -> int:
    ends = ((text.rfind(mark, low, position), len(mark)) for mark in ("\n", ". ", "! ", "? ", "。", "！", "？"))
    return max((end + length for end, length in ends if end >= 0), default=low)


# Judging one sentence

_ASKS = re.compile(
    r"[,;:.–—-]*\s+(?:(?:so|and|but|then|now|und|et|y|e|en)\s+)?(?:please|pls|can you|could you|would you|will you|any (?:tips|ideas|advice)|do you|help me|tell me|should i|is there|are there|"
    r"write me|kannst du|könntest|hast du|peux-tu|puedes|pode |puoi |kun je)\b"
    r"|[,;:.–—-]+\s+(?:(?:so|and|but|then|now|und|et|y|e|en)\s+)?(?:can i|what|how|which|why|give me|write|explain|suggest|recommend|wie |was |gib |schreib|que (?:faire|puis)|comment |donne|qué |cómo |o que |como faço|cosa |come |wat |hoe )",
    re.IGNORECASE,
)  # fmt: skip
_TASK = re.compile(
    r"\b(?:this|these|following|below|above|error|code|function|files?|list|table|text|paragraph|version|option|essay|script|app|button|column|row|answer|question|query|page|screen|server|container|code|data(?:set|base)?|"
    r"class|method|string|array|loop|email|letter|slide|title|sentence|port|log|branch|build|install\w*|api|sql|npm|python|config|test|output|input|second|first|third|logo|idea|meeting|presentation|names?|numbers?|"
    r"fehler\w*|liste|tabelle|skript|folie|erreur|liste|script|tableau|lista|erro|errore?|código|codice|lijst|fout\w*|script)\b",
    re.IGNORECASE,
)  # fmt: skip
_WANTS = re.compile(
    r"\b(?:i (?:want|need|would like|wanna)|i['’]d (?:like|love)|i['’]?m (?:trying|looking|getting|using|stuck)|i am (?:trying|looking|getting|using|stuck)|ich (?:brauche|möchte|will|suche)|je (?:veux|cherche|voudrais)|quiero|necesito|busco|"
    r"quero|preciso|voglio|ho bisogno|ik (?:wil|zoek)|how to|fix)\b",
    re.IGNORECASE,
)  # fmt: skip
_LASTING = re.compile(
    r"\b(?:years?|yrs|months|since|always|every|usually|never|daily|weekly|anymore|ever|forever|used to|for good|often|most|lifelong|ago|last (?:year|summer|winter|spring|fall|autumn)|"
    r"seit|immer|jede[nrs]?|jahren?|nie|depuis|toujours|jamais|ans|chaque|desde|siempre|nunca|años|todos|anos|sempre|da quando|anni|mai|ogni|sinds|altijd|nooit|elke|jaar)\b",
    re.IGNORECASE,
)  # fmt: skip
_PASSING = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|right now|this (?:morning|evening|afternoon|week)|just now|an hour|minutes?|hours?|in a (?:hurry|row)|lunch|again|next weekend|heute|morgen|gestern|aujourd['’]hui|demain|hoy|mañana|hoje|amanhã|oggi|domani|vandaag)\b",
    re.IGNORECASE,
)  # fmt: skip
_PEOPLE = re.compile(
    r"\b(?:wife|husband|partner|girlfriend|boyfriend|mom|mum|mother|dad|father|parents|son|daughter|kids|children|sister|brother|family|grand\w+|dog|cat|frau|mann|kinder|tochter|sohn|mutter|vater|eltern|femme|mari|enfants|fille|fils|mère|père|"
    r"esposa|esposo|marido|hij[oa]s?|padres|madre|padre|filh[oa]s|moglie|marito|figli[oa]?|vrouw|man|kinderen|dochter|zoon)\b",
    re.IGNORECASE,
)  # fmt: skip
_LIFE = re.compile(
    r"\b(?:live|lives|living|job|career|married|born|grew|moved|house|apartment|flat|village|degree|university|diagnosed|allergic|religion|vegan|vegetarian|nurse|teacher|engineer|developer|student|retired|night shifts?|wohne|lebe|arbeite|beruf|habite|vis|travaille|"
    r"vivo|trabajo|moro|trabalho|abito|lavoro|woon|werk)\b",
    re.IGNORECASE,
)  # fmt: skip
_LETTER = re.compile(
    r"\b(?:passionate|motivated|dedicated|results|proven|apply|applying|application|position|candidate|hereby|sincerely|opportunity|company['’]s|dynamic|experience in|team of|responsible for)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:he|she|they|thee|captain|king|queen|dragon|castle|wizard|vampire|soldiers?|shadow|dark|whispered|said|smiled|lived|island|forest|prince\w*|ghost|heart|soul|sword)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?<=[\w,] )[A-ZÄÖÜÉ][a-zäöüßéèáíóúñç]{2,}")
_DATED = re.compile(
    r"\b(?:(?:19|20)\d\d|(?:\d\d?(?:st|nd|rd|th)?\.? (?:of |de |di )?)?(?:january|february|march|april|june|july|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|"
    r"janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janeiro|março|maio|junho|julho|setembro|outubro|dezembro|"
    r"gennaio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|maart|mei|augustus)|(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec) \d\d?)\b",
    re.IGNORECASE,
)  # fmt: skip
_SELF = re.compile(r"\b(?:i|my|me|i['’]m|im|we|our|ich|mein\w*|mir|wir|je|j['’]|mon|ma|yo|mi|me|eu|meu|minha|io|mio|mia|ik|mijn)\b", re.IGNORECASE)  # fmt: skip
_STANDING = re.compile(
    r"\b(?:from now|from here|future|going forward|always|never|ever|when(?:ever)? i|every time|in general|anymore|again|all (?:my|your|our)|remember|ab jetzt|immer|künftig|zukunft|mehr|toujours|à partir|dorénavant|plus|siempre|ahora|nunca|sempre|agora|d['’]ora|mai|altijd|nooit|vanaf)\b",
    re.IGNORECASE,
)  # fmt: skip
_SIGNALS = {
    "task": _TASK,
    "wants": _WANTS,
    "lasting": _LASTING,
    "passing": _PASSING,
    "people": _PEOPLE,
    "life": _LIFE,
    "letter": _LETTER,
    "told": _TOLD,
    "named": _NAMED,
    "dated": _DATED,
    "standing": _STANDING,
}
_CODE = re.compile(r"[{}<>=;_|\\]|\w\(|://|\.\w+\(")
_MILESTONE = re.compile(
    r"\b(?:moved|married|born|graduat\w+|started|finished|got|became|retired|divorced|died|lost|met|turn|sober|birthday|anniversary|due date|wedding|surgery|flight|exam|defen[cs]e|lease|since|gezogen|geheiratet|geburtstag|heiraten|kam|marie|déménagé|anniversaire|mudamos|mudei|"
    r"casé|casei|cumpleaños|aniversário|compleanno|trasferit\w|sposat\w|jarig|verhuisd|getrouwd|moving|getting|ends)\b",
    re.IGNORECASE,
)  # fmt: skip

FEATURES = (
    *("strength 1", "strength 2", "strength 3"),
    *rules.CATEGORIES,
    *_SIGNALS,
    *("hits", "words", "question", "request cut off", "late", "code", "self words", "rest of message"),
    *("first sentence", "lines", "colon", "not English", "rare language"),
)
"""The names of the features, in order."""


def _candidate(message: int, text: str, start: int, end: int, hits: list[rules.Hit]) -> Candidate | None:
    """The sentence without the request that follows the statement; None where too little is left."""
    standing = any(hit.rule.category == "instruction" for hit in hits)
    asks = None if standing else _ASKS.search(text, hits[0].end, end)
    kept = asks.start() if asks else end
    inside = [hit for hit in hits if hit.start < kept]
    start, kept = _stripped(text, start, kept)
    sentence = text[start:kept]
    unspaced = inside[0].rule.language in ("ja", "zh")
    if len(sentence) < (5 if unspaced else 9) or (not unspaced and " " not in sentence):
        return None
    best = max(inside, key=lambda hit: hit.rule.strength)
    category = _category(sentence, inside, best)
    features = _features(text, start, sentence, asks is not None, inside, best)
    return Candidate(message, start, kept, sentence, _logit(_models()["rules"], features), features, category)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in ",;:-–—•*"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _category(sentence: str, hits: Sequence[rules.Hit], best: rules.Hit) -> str:
    for hit in hits:
        if hit.rule.category == "instruction" and _STANDING.search(sentence):
            return "instruction"
    category = best.rule.category
    if category in ("about", "decisions", "projects") and _DATED.search(sentence) and _MILESTONE.search(sentence):
        return "dates" if category != "decisions" else category
    return category


def _features(
    text: str, start: int, sentence: str, trimmed: bool, hits: Sequence[rules.Hit], best: rules.Hit
) -> tuple[float, ...]:
    """What the classifier looks at beside the embedding; all between 0 and about 3."""
    words = sentence.count(" ") + 1
    language = best.rule.language
    return (
        *(float(best.rule.strength == strength) for strength in (1, 2, 3)),
        *(float(best.rule.category == category) for category in rules.CATEGORIES),
        *(min(len(signal.findall(sentence)), 3) / 1 for signal in _SIGNALS.values()),
        min(len(hits), 3) - 1.0,
        math.log(words) / 2,
        float(sentence.endswith("?") and not trimmed),
        float(trimmed),
        float(hits[0].start - start > 25),
        min(len(_CODE.findall(sentence)), 3) / 1,
        len(_SELF.findall(sentence)) / words * 3,
        math.log1p(len(text) - len(sentence)) / 4,
        float(start == 0),
        math.log1p(text.count("\n")) / 2,
        float(":" in sentence),
        float(language != "en"),
        float(language not in rules.LANGUAGES[:7]),
    )


# Ranking


def rank(found: Sequence[Candidate], embedder: Embedder | None, cap: int = CAP) -> list[Statement]:
    """The candidates that most likely are self-description, the surest first, each thing said once.

    With an embedder the best `cap` by rules are embedded and judged; without one rules alone judge, far more strictly.
    Where the same is said twice the newer one (later in `found`) is kept.
    """
    distinct = _distinct(found)
    if embedder is None:
        model = _models()["rules"]
        judged = [(candidate, _sigmoid(candidate.rule_score)) for candidate in distinct]
        return [_statement(*pair) for pair in _surest(judged, model.threshold)]
    best = sorted(distinct, key=lambda candidate: -candidate.rule_score)[:cap]
    if not best:
        return []
    vectors = embedder.embed([candidate.text for candidate in best])
    return _folded(best, vectors, {id(candidate): place for place, candidate in enumerate(found)})


def _distinct(found: Sequence[Candidate]) -> list[Candidate]:
    """Of the candidates with the same words only the last."""
    return list({re.sub(r"\W+", " ", candidate.text).strip().lower(): candidate for candidate in found}.values())


def _surest(judged: list[tuple[Candidate, float]], threshold: float) -> list[tuple[Candidate, float]]:
    return sorted((pair for pair in judged if pair[1] >= threshold), key=lambda pair: -pair[1])


def _statement(candidate: Candidate, probability: float) -> Statement:
    return Statement(
        candidate.message, candidate.start, candidate.end, candidate.text, candidate.category, round(probability, 4)
    )


def _folded(best: list[Candidate], vectors: NDArray[np.float32], places: dict[int, int]) -> list[Statement]:
    """The statements above the threshold, the surest first; of near-equal ones the newest, with the best probability."""
    model = _models()["embedded"]
    judged = [
        (i, _sigmoid(_logit(model, (*candidate.features, *vector))))
        for i, (candidate, vector) in enumerate(zip(best, vectors.tolist(), strict=True))
    ]
    judged = sorted((pair for pair in judged if pair[1] >= model.threshold), key=lambda pair: -pair[1])
    kept: list[int] = []
    sure: list[float] = []
    for i, probability in judged:
        twin = next((n for n, k in enumerate(kept) if float(vectors[k] @ vectors[i]) > SAME), None)
        if twin is None:
            kept.append(i)
            sure.append(probability)
        elif places[id(best[i])] > places[id(best[kept[twin]])]:
            kept[twin] = i
    return [_statement(best[i], probability) for i, probability in zip(kept, sure, strict=True)]


def _logit(model: Model, values: Sequence[float]) -> float:
    return model.bias + sum(weight * value for weight, value in zip(model.weights, values, strict=True))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


@functools.cache
def _models() -> dict[str, Model]:
    """The trained classifiers: `rules` over the features, `embedded` over the features and the sentence's vector."""
    stored = json.loads(resources.files(__package__).joinpath("weights.json").read_text())
    return {name: _model(**values) for name, values in stored["models"].items()}


def _model(features: dict[str, float], vector: list[float], bias: float, threshold: float) -> Model:
    return Model((*(features.get(name, 0.0) for name in FEATURES), *vector), bias, threshold)
