"""Whether a stretch of a message is the person speaking of their own life, rather than quoted, pasted, played or supposed."""

# ruff: noqa: E501 - a list of words a line

from __future__ import annotations

import re
from functools import cached_property

from soulprint.measuring import own_words, signals

Span = tuple[int, int]

BEGUN = 2
"""Words from which on a stretch is taken to be begun by the person themself."""

LONGEST_SENTENCE = 400
"""Code points before and after a stretch in which its sentence begins and ends."""


def is_own(span: Span, text: str) -> bool:
    """Whether nothing says that `span` of `text` is someone else's."""
    return Message(text).is_own(span)


class Message:
    """One message, looked through once for all the stretches of it that are asked about."""

    def __init__(self, text: str) -> None:
        self.text = text

    def is_own(self, span: Span) -> bool:
        """Whether nothing says that `span` is someone else's: quoted, pasted, code, a text to work on, a role, a
        story."""
        return not any(_reaches_into(one, span, self.text) for one in self._foreign)

    def is_supposed(self, span: Span) -> bool:
        """Whether the sentence around `span` only supposes what stands there."""
        start, end = sentence(span, self.text)
        before, said = _lowered(self.text[start : span[0]]), _lowered(self.text[span[0] : span[1]])
        whole = _lowered(self.text[start:end])
        supposed = _SUPPOSED.search(whole)
        if (supposed and supposed.start() <= len(before)) or _GOVERNED.search(before):
            return True
        if _IF.match(said):
            return "?" in whole or bool(_WOULD.search(whole) or _UNREAL.match(said))
        said, whole = _ASKED_OF_YOU.sub(" ", said), _ASKED_OF_YOU.sub(" ", whole)
        return bool(_WOULD.search(said) and not _LIKES.search(said) and _ANY_IF.search(whole))

    @cached_property
    def _foreign(self) -> list[Span]:
        """The stretches that aren't the person's own. Linear in the length of the text."""
        text = self.text
        low = _DOING.sub(lambda words: words[1] + "-" * len(words[2]), _lowered(text))
        told = _OF_THEIR_KIND.sub(lambda words: words[1] + "-" * len(words[2]), low)
        foreign = [one for one in own_words.foreign(text, told) if not _is_labelled(one, text)]
        foreign += [match.span() for match in _QUOTED.finditer(text)]
        foreign += [match.span(match.lastgroup or 0) for match in _LED.finditer(low)]
        foreign += [(0, len(text))] if _TO_GO_ON.search(low) else []
        played = _PLAYED.search(low)
        return foreign + ([(played.start(), len(text))] if played else [])


def sentence(span: Span, text: str) -> Span:
    """The sentence, or sentences, that `span` of `text` lies in."""
    floor, ceiling = max(0, span[0] - LONGEST_SENTENCE), min(len(text), span[1] + LONGEST_SENTENCE)
    start = floor
    for match in signals.END.finditer(text, floor, span[0]):
        start = match.end()
    closing = signals.END.search(text, max(span[1] - 1, span[0]), ceiling)
    return start, closing.end() if closing else ceiling


def _reaches_into(foreign: Span, span: Span, text: str) -> bool:
    """Whether they overlap. What the person begins to say themself may end with words they cite or ask for."""
    if not (foreign[0] < span[1] and span[0] < foreign[1]):
        return False
    begun = text[span[0] : max(foreign[0], span[0])]
    mostly = 2 * (min(foreign[1], span[1]) - max(foreign[0], span[0])) > span[1] - span[0]
    return mostly or len(begun.split()) < BEGUN or "\n" in text[span[0] : span[1]].strip()


def _is_labelled(foreign: Span, text: str) -> bool:
    """Whether it is a line for the sole reason that a heading stands at its beginning: "WEDDING DATE: 6 June"."""
    label = _LABEL.match(text, *foreign)
    return (
        label is not None
        and text.count("\n") < 2
        and text[label.end() : label.end() + 2].strip() not in ("", '"', "“", "«")
    )


def _lowered(text: str) -> str:
    """In lower case, at the same positions."""
    low = text.lower()
    return (
        low
        if len(low) == len(text)
        else "".join(one if len(one) == 1 else sign for sign in text for one in [sign.lower()])
    )


_QUOTED = re.compile(
    r"„[^“”\"\n]{1,600}|「[^」\n]{1,600}|『[^』\n]{1,600}|‹[^›\n]{1,600}|(?<!\w)['‘](?=[^'’\n]{1,80} [^'’\n])(?:[^'’\n]|(?<=\w)['’](?=\w)){2,600}['’](?!\w)"
)
"""Quotations that `signals.FOREIGN` doesn't know."""

_DOING = re.compile(
    r"(\b(?:i|we|i['’]d|i do|i can|i can['’]t|ich|je|io|eu|yo|ik|my \w+|when(?:ever)? you|if you|before you|how you)(?: (?:also|often|usually|always|mostly|sometimes|only|never|still|currently|mainly))? )"
    r"(suppose|imagine|assume|pretend|proof-?reads?|translates?|rewrites?|paraphrases?|rephrases?|summari[sz]es?|edits?|improves?|polish|refine|expand|identify|rates?|grades?|checks?|analy[sz]es?|converts?|turns?|classif(?:y|ies)|codes?|reviews?|acts?|simulates?|"
    r"übersetze|korrigiere|formuliere|traduis|corrige|rédige|résume|traduco|correggo|traduzo|traduzco|vertaal|verbeter)\b"
)
"""What someone says they do is no request for it."""

_OF_THEIR_KIND = re.compile(
    r"(\b(?:people|persons?|folks?|those|anyone|anybody|someone|somebody|everyone|everybody|men|women|friends|colleagues|managers|leaders|teachers|doctors|clients|students|guys|kids) who (?:\w+ ){0,2})"
    r"(says?|said|writes?|wrote|tells?|told|keeps?)\b(?! (?:that|it['’]s|i|i['’]\w+|my|me|we|our|us|you|your|he|she|they|to|goodbye)\b|\W{0,2}[\"“”«„:,]| ['‘])"
)
"""What kind of people someone speaks of is no report of what these said: "those who say little"."""

_TO_GO_ON = re.compile(
    r"\b(?:continue|go on|carry on|finish|write on|schreibe? (?:bitte )?weiter|erzähle? weiter|continúa|sigue|continua|continue|prosegui|poursuis|continuez|ga verder|schrijf verder|продолжи|продолжай)\b(?: (?:this|the|my|die|la|a|il|el|with)\b[^.!?\n]{0,60}| tu| please)?[.!?)\s]*\Z|\((?:haiku|poem|story|lyrics|rap)\b[^)\n]{0,30}\)\s*\Z"
)
"""A story's end, where the model is to go on."""

_LED = re.compile(
    r"^[^\n:]{0,120}?\b(?:(?:this|that|these|cette|ce|diese[rsnm]?|dieser|est[ea]|quest[oa]|dit|dez[e]|это[тй]?) \w+|the following|tweet|post|text|sentence|phrase|say(?:s|ing)?|wrote|writes|posted|texted|tweeted|announced|reads|reply|replied|email|message|review|bio|caption|paragraph|article|comment|status|lyrics|line|abstract|advert\w*|ad)\b[^\n:]{0,40}(?<!list): *(?:\n\s*)?(?P<text>(?=\W{0,3}(?:\w+,? ){0,3}?(?:i|i['’]\w+|my|we|our|ich|mein\w*|wir|je|j['’]\w+|mon|ma|nous|yo|mi|soy|tengo|vivo|eu|meu|sou|io|mio|sono|ik|mijn|я|мой|jag)\b)[^\n]+)"
    r"|\A[^\n]{0,80}\b(?:phishing|scam|spam|legit|genuine|real|fake|trustworthy|ai[- ]generated|betrug|arnaque|estafa|truffa|golpe|oplichting)\b[^\n]{0,20}\n\s*\n(?P<below>.+)",
    re.MULTILINE | re.DOTALL,
)
"""What is led in as a text to look at."""

_LABEL = re.compile(r"(?:[A-Z]{3,}(?: [A-Z]+)+|[A-Z][a-z]+ [a-z]+):(?= )")

_PLAYED = re.compile(
    r"^(?:lyrics|rap|song|tagline|monologue|voiceover)\b|\b(?:check|correct|fix)(?: the| my| for)? (?:grammar|spelling|punctuation|typos)\b|\bmake (?:this|it|these) (?:sound|shorter|better|longer|more|less|funnier|nicer|clearer|formal)\b|(?:the book|novel|story) should open|you enter\b|\b(?:let['’]?s (?:role-?play|pretend|imagine|play a)|role-?play|in character|as a character|my character|for my (?:novel|story|campaign)|be (?:sherlock|my \w+|a \w+|the \w+)\. i am|you(?: are|['’]re) (?:my|the|an?|now) (?!only|best|right|wrong|help|good|great|bad|bit|little|lot|lifesaver|star|legend|genius)\w+|"
    r"rollenspiel|wir spielen|jeu de rôle|jouons|juego de rol|gioco di ruolo|jogo de papéis|rollenspel|ролевая игра|rollspel)|角色扮演|扮演|ロールプレイ|역할극",
)

_IF = re.compile(
    r"[\s\"“(]*(?:(?:and|but|so|what|even|only) )?(?:if|wenn|falls|si|s['’]|se|als ik|jeśli|gdyby\w*|если|om jag|eğer|лише|hvis)\b|[\s]*(?:如果|假如|要是|もし|만약)"
)
_UNREAL = re.compile(
    r"[\s\"“(]*(?:what )?(?:if (?:i|we|my \w+) (?:were|was|had|lived|worked|\w+ed|could|would|did)\b|(?:wenn|falls) ich\b.{0,60}\b(?:wäre|hätte|würde|könnte|\w+te)\b|si (?:j['’]|je |nous )\w*(?:ais|ions)\b|si (?:yo )?\w+(?:ara|iera|era|ase|iese)\b|se (?:io |eu )?\w+(?:ssi|sse|sse)\b)",
)
_ANY_IF = re.compile(
    r"\b(?:if|wenn|falls|si|s['’]il|se|als|gdyby\w*|jeśli|если|om|hvis|eğer)\b|如果|假如|要是|もし|만약"
)
_WOULD = re.compile(
    r"\b(?:would|wouldn['’]t|could|i['’]d|we['’]d|might|würde|hätte|wäre|könnte|(?:je|j['’]|nous) ?\w+rai(?:s|ent)|\w{2,}rías?|\w{2,}aria|\w{2,}eria|\w{2,}iria|\w+rei|zou|zouden|skulle|бы)\b",
)
_LIKES = re.compile(
    r"\b(?:(?:would|['’]d|wouldn['’]t)(?: really| rather| much)? (?:like|love|prefer|rather|mind|appreciate|say|be (?:glad|happy|grateful))|['’]d rather|würde (?:sagen|gern\w*|lieber)|(?:hätte|möchte)\w* (?:gern\w*|lieber)|voudrais|aimerais|préfère\w*|me gustar[íi]a|prefer\w+|vorrei|gostaria|zou (?:graag|liever)|skulle vilja|хотел\w* бы)\b",
)
_ASKED_OF_YOU = re.compile(
    r"(?:(?<=[,;:.!(–—])|^|\b(?:and|but|or|then|always|also|please|never|just|don['’]t|to))\s*(?:say|ask|check|see|flag|mention|note|point out|let (?:me|us) know|(?:tell|warn|ask|remind) (?:me|us)|sag(?:e|t)?(?: mir)?|frag(?:e|t)? (?:mich|nach)|prüfe?|dis(?:-moi)?|demande(?:-moi)?|dime|pregunta(?:me)?|avisa(?:me)?|dimmi|diga(?:-me)?|zeg(?: me)?|säg(?: till)?)"
    r" (?:if|whether|wenn|ob|si|se|of|om)\b(?! (?:i|we|my|ich|wir|mein\w*|je|nous|mon|ma|yo|mi|io|eu|ik|jag)\b)[^,;:.!?\n]*"
)
"""What the assistant is to say or to ask about is no condition: "say if a query would be slow"."""

_SUPPOSED = re.compile(
    r"(?:^|[\s,;:(\"“—–-])(?:(?<!\bi )(?<!\bwe )(?<!\bi['’]d )(?:suppose|supposing|imagine|pretend)|assum(?:e|ing) (?:i|we|my|that|you)|let['’]?s (?:say|assume|suppose|pretend|imagine)|(?<!i['’]d )(?<!i )say (?=i\b|we\b|my\b)|what if|hypothetical(?:ly)?|given that (?=i\b|we\b|my\b)|in theory|theoretically|if only|as if|as though|(?:i|we) wish(?:ed)?|dreamt? (?:that )?(?=i\b|we\b)|in my dream|in a parallel|thought experiment|"
    r"angenommen|nehmen wir an|sagen wir|gesetzt den fall|stell dir vor|hypothetisch|was wäre,? wenn|als ob|als wäre|tun wir so|"
    r"supposons|imaginons|admettons|disons que|mettons que|et si|comme si|en théorie|imagine que|"
    r"supongamos|supón|imagina\w*|imaginemos|digamos que|pongamos|qué pasaría si|y si|como si|ojalá|"
    r"supponiamo|immagin\w+|mettiamo (?:che|il caso)|diciamo che|come se|e se|poniamo|"
    r"suponha\w*|imagin\w+|digamos|vamos supor|faz de conta|e se eu|como se|"
    r"stel(?: je voor)?(?: dat)? (?=ik|we)|stel dat|stel je voor|alsof|"
    r"załóżmy|wyobraź sobie|powiedzmy|gdyby\w*|jakby\w*|допустим|представь\w*|предположим|если бы|как будто|"
    r"antag att|tänk om|anta att|föreställ dig|låt oss säga|som om|diyelim|varsayalım|farz et\w*|sanki)\b"
    r"|假设|假如|如果我|要是我|假定|想象一下|仮に|もしも?|としたら|만약|만일|가정|افترض|لو كنت|تخيل",
)
_GOVERNED = re.compile(
    r"^\W*(?:what )?if (?:i|we|my \w+) (?:was|were|had|lived|earned|could|would)\b[^,;:]*$|\b(?:if|whether|unless|wenn|falls|ob|jeśli|czy|если|eğer|hvis)(?: (?!you\b)[^\s,;:]+){0,3}\s*$|\b(?:si|s['’]|se|als|om)(?: (?:je|j['’]|nous|on|yo|io|eu|ik|we|wij|jag|vi))?\s*$(?<!als )",
)
"""A condition that what follows belongs to."""
