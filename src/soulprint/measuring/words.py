"""A message as it is counted: the person's own text without code and pastes, cut into lower-case words.

The cutting is done for a whole batch at once, which is what makes the counting fast.
"""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from soulprint.kinds import OWN, Modality
from soulprint.reading import Said

PLAIN = 400
"""A message this short, in code points, and without a code fence is taken as typed throughout."""

PARAGRAPHS = 1500
"""Of a longer message only the first and the last paragraph are taken as typed: in between stands what is talked of."""

LONGEST = 6000
"""Code points of own text that are looked at; nobody types more than that into a box."""

FOREIGN = (
    ("```", re.compile(r"```.*?(?:```|\Z)", re.DOTALL)),
    (">", re.compile(r"^[ \t]*>.*$", re.MULTILINE)),
    ('"', re.compile(r'"[^"]{120,}"?')),
    ("“", re.compile(r"“[^”“]{120,}”?")),
    ("«", re.compile(r"«[^»]{120,}»?")),
)
"""Code, lines cited as in mails, and long quotations, each with the sign without which there are none."""

BREAK = re.compile(r"\n\s*\n")

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")
"""Scripts without spaces: kana, Han, Thai."""

_SEPARATOR = "\x1e"
_PUNCTUATION = '.,;:!?()[]{}"<>/\\|*_=+~`#@%^&$-–—…“”„«»‹›¿¡。，、！？：；（）「」『』【】·•\n\t\r'


class Typed(NamedTuple):
    """A message ready to be counted."""

    said: Said
    own: str
    """The person's own text: no code blocks, no long quotations, no pasted paragraphs."""
    words: list[str]
    """Its words in lower case, punctuation and hyphens taken as spaces, apostrophes kept."""

    @property
    def is_typed(self) -> bool:
        return self.said.modality == Modality.TEXT


def typed(batch: Iterable[Said]) -> list[Typed]:
    """The messages of a batch ready to be counted; what isn't the person's own words is left out."""
    messages = [message for message in batch if message.modality in OWN]
    owns = [own(message.text) for message in messages]
    return [Typed(*row) for row in zip(messages, owns, split(owns), strict=True)]


def own(text: str) -> str:
    """What the person most likely typed of `text`. Linear in its length."""
    if len(text) < PLAIN and "```" not in text:
        return text
    rest = text[: 20 * LONGEST]
    for sign, pattern in FOREIGN:
        if sign in rest:
            rest = pattern.sub("\n\n", rest)
    paragraphs = [part for part in BREAK.split(rest) if part.strip()]
    announced = next((n for n, part in enumerate(paragraphs) if part.rstrip().endswith(":")), None)
    if announced is not None:
        paragraphs = paragraphs[: announced + 1]
    if len(paragraphs) > 2 and len(rest) > PARAGRAPHS:
        paragraphs = [part for part in (paragraphs[0], paragraphs[-1]) if len(part) < PARAGRAPHS]
    return "\n\n".join(paragraphs)[:LONGEST]


def split(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text, in its order."""
    joined = _SEPARATOR.join([text.replace(_SEPARATOR, " ") for text in texts]).lower().replace("’", "'")
    for sign in _PUNCTUATION:
        joined = joined.replace(sign, " ")
    return [part.split() for part in joined.split(_SEPARATOR)] if texts else []


def count(message: Typed) -> int:
    """Words of the message; in a script without spaces two characters are taken for a word."""
    if message.own.isascii() or not CJK.search(message.own):
        return len(message.words)
    characters = len(CJK.findall(message.own))
    return (characters + 1) // 2 + sum(1 for word in message.words if not CJK.search(word))


GRAMMAR = frozenset(
    """
    a about above actually after again against ain't all almost alone along already also although always am among an
    and another any anybody anyone anything anyway are aren't around as ask asked at away b back basically be became
    because become been before behind being below between both but by c came can can't cannot come comes coming
    could couldn't d did didn't do does doesn't doing don't done down during e each either else end enough
    especially even ever every everybody everyone everything exactly f far few find first for found from full
    further g gave get gets getting give given gives giving go goes going gone gonna good got great had hadn't has
    hasn't have haven't having he he'd he'll he's hello help her here here's hers herself hey hi him himself his hm
    hmm how how's however i i'd i'll i'm i've if important in including instead into is isn't it it'd it'll it's its
    itself j just k keep know l last later least left less let let's like likely little ll longer look looking looks
    m made main make makes making many may maybe me might mine more most mostly much must my myself n need needed
    needs neither never new next nice no nobody none nor not nothing now o obviously of off often oh ok okay old on
    once one ones only onto or other others ought our ours ourselves out over own p part per perhaps please possible
    probably put q quite r rather re read really right s said same say saying says second see seem seems seen sense
    several shall shan't she she'd she'll she's should shouldn't show simple simply since so some somebody someone
    something sometimes somewhere soon sorry still such sure t take taken takes tell than thank thanks that that'd
    that'll that's the their theirs them themselves then there there's these they they'd they'll they're they've
    think this those though thought three through till time times to together told too took toward try two u under
    until up upon us usually v ve very via w wait want wanted wants was wasn't way ways we we'd we'll we're we've
    well went were weren't what what's when where where's whether which while who who's whole whom whose why will
    with within without won't would wouldn't x y yeah yes yet you you'd you'll you're you've your yours yourself z
    im ive dont cant doesnt didnt isnt thats whats id lets pls plz thx
    aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis bist bitte
    da dabei damit danke dann das dass dein deine dem den denn der des dich die dies diese diesem diesen dieser
    dieses dir doch dort du durch ein eine einem einen einer eines er es etwa etwas euch euer für ganz gar geht gern
    gerne gibt gut habe haben hat hatte hätte hier hin ich ihm ihn ihnen ihr ihre im immer in ist ja jede jetzt kann
    kannst kein keine können könntest machen mal man mehr mein meine meinem meinen meiner mich mir mit muss nach
    nicht nichts noch nun nur ob oder ohne schon sehr sein seine selbst sich sie sind so soll sollte sondern um und
    uns unser unter viel vom von vor war was weil wenn wer werden wie wieder will wir wird wo wurde würde zu zum zur
    über ai alors après as au aussi autre aux avais avait avant avec avez avoir avons bien bon bonjour c'est ce cela
    celle celui ces cet cette ceux chez chose comme comment contre d'un d'une dans de depuis des deux dire dit dois
    donc du elle elles en encore entre es est et était été être eu eux fait faire faut il ils j'ai je jamais jour
    juste l'ai la là le les leur lui ma mais me même mes mieux moi moins mon n'est ne ni non nos notre nous on ont
    ou où oui par parce pas peu peut peux plus pour pourquoi qu'il qu'on quand que quel quelle quelque qui quoi s'il
    sa sans se sera ses si son sont sous suis sur ta te tes toi ton toujours tous tout toute très trop tu un une va
    vais veux voici voilà vos votre vous vraiment ça merci stp plaît al algo algún ante antes así aún bien cada como
    con cuando cómo de del desde donde dos el ella ellos en entre era es esa ese eso esta estaba estado estar estas
    este esto estos está están estoy fue gracias ha hace hacer hasta hay he hola la las le les lo los me mi mis muy
    más nada ni no nos o os otra otro para pero poco por porque puede puedes puedo que qué quiero se sea ser si sido
    sin sobre solo son soy su sus sí también te tengo tiene toda todo todos tu tus un una uno unos usted ya yo ao
    aos até com da das dela dele do dos e ela ele em era essa esse esta estou está eu foi fazer isso isto já lhe
    mais mas me mesmo meu minha muito na nas nem no nos não nós o os ou para pela pelo por pode posso quando que
    quem se sem ser seu sua são só também te tem tenho tua teu um uma você à às é obrigada obrigado olá ad alla allo
    anche ancora che chi ci col come con cosa così cui da dal dalla degli dei del della delle di dove e ed era
    essere fa fare già gli grazie ha hai hanno ho il in io la le lei lo loro lui ma mi mia mio molto ne nel nella no
    noi non nostro o ogni per perché più può puoi quale quando quella quello questa questo qui se sei senza si sia
    sono sta su sua suo sul tra tu tutto un una uno vorrei è aan al alleen als bij ben dan dat de deze die dit doen
    door dus een en er geen goed had heb hebben heeft het hier hij hoe ik in is ja je jij kan kunnen maar me meer
    met mij mijn moet na naar niet niets nog nu of om omdat ook op over te tegen toch toen tot u uit van veel voor
    waar was wat we wel werd wie wil worden wordt zal ze zelf zich zij zijn zo zou
    """.split()
)
"""Function words of seven languages."""

STOP = GRAMMAR | frozenset(
    """
    best better bit idea kind long lot lots mean means short sort stuff thing things today tomorrow tonight trying turn
    use used useful uses using wonder word words work works write writing wrote year years yesterday answer advice
    analysis approach basic change check chat compare comparison correct create detail details different discussion
    draft edit email example examples explain explained explanation fix format generate guide improve improvement info
    information inquiry issue issues line lines list message methods name number numbers option options overview
    paragraph paste pasting point points problem problems prompt question questions quick reason reply request review
    rewrite second sentence sentences shorter shortly solution step steps suggest suggestion suggestions summarise
    summarize summary support task test text tip tips title topic translate translation understand understanding update
    version week weeks day days month months hour hours minute minutes morning evening night people person man woman
    friend big small high low early late free real true wrong bad hard easy start stop working half letter letters page
    pages table tables user users system data file files code script note notes home house place mail messages report
    reports story case cases date dates photo picture meeting call calls money reading opinion thought thoughts log logs
    room order form cost price mum mom dad mother father parents sister brother wife husband partner boyfriend
    girlfriend son daughter kid kids january february march april may june july august september october november
    december monday tuesday wednesday thursday friday saturday sunday
    """.split()
)
"""Words that say nothing about a subject: those of grammar, and what every request is made of."""
