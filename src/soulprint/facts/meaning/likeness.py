"""What a statement says, apart from how it is worded: which two are the same, and how near others come to it.

Two statements are the same where they are made of the same telling words, or where one of them has one such word more.
Names, figures, negation, tense and wish must be the same. A word in the place of another makes another statement:
nothing here knows what words mean.
"""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

LONGEST = 400
"""Code points of a statement that are looked at."""

MOST_WORDS = 24
"""A statement of more telling words is compared whole, never with a word left out."""

LEAST_SHARED = 3
"""Telling words that a statement must share with one that has one word more."""


class Wording(NamedTuple):
    """What a statement is made of."""

    words: tuple[str, ...]
    """The telling words, names and figures among them, as stems: sorted, or in order where the order tells."""
    solid: int
    """A bit for each word that can't be left out: names, figures, tense, wish, kin."""
    names: tuple[str, ...]
    figures: tuple[str, ...]
    negations: int
    subject: str
    """Whom it is of where that is not the person: `sister`."""

    @property
    def key(self) -> tuple[object, ...]:
        """The same for two statements that are made of the same."""
        return self.words, self.figures, self.names if len(self.names) > 1 else (), self.negations, self.subject

    def shorter_keys(self) -> Iterator[tuple[object, ...]]:
        """The keys of the statements that have one word less and may be the same."""
        if LEAST_SHARED < len(self.words) <= MOST_WORDS:
            for place in range(len(self.words)):
                if not self.solid >> place & 1:
                    words = self.words[:place] + self.words[place + 1 :]
                    yield self._replace(words=words).key


def read(statement: str, about: str = "") -> Wording:
    """The wording of a statement on the subject `about`. Linear in its length."""
    made = _Making()
    for place, token in enumerate(_tokens(statement)):
        made.take(token, place)
    if not statement.isascii():
        made.negations += sum(statement.count(sign) for sign in SIGNS_OF_NEGATION)
    words = made.words if made.is_ordered else sorted(made.words)
    solid = sum(1 << place for place, word in enumerate(words) if word in made.solid)
    return Wording(tuple(words), solid, tuple(made.names), tuple(made.figures), made.negations, subject(about))


def same(one: Wording, other: Wording) -> bool:
    """Whether two statements say the same."""
    return one.key == other.key or other.key in set(one.shorter_keys()) or one.key in set(other.shorter_keys())


def fits(one: Wording, other: Wording) -> bool:
    """Whether nothing in two statements speaks against their saying the same: figures, names and negation."""
    return (
        bool(one.negations) == bool(other.negations)
        and one.subject == other.subject
        and _one_in_other(one.figures, other.figures)
        and _one_in_other(one.names, other.names)
    )


def likeness(one: Wording, other: Wording) -> float:
    """The share of their telling words that two statements have in common, 0 to 1 (Dice)."""
    mine, theirs = set(one.words), set(other.words)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0


def exact(statement: str) -> str:
    """The statement in one case, without punctuation and with single spaces; `C`, `C++` and `C#` stay apart."""
    spelled = unicodedata.normalize("NFKC", statement).casefold().replace("+", " plus ").replace("#", " sharp ")
    return _NO_WORD.sub(" ", spelled).strip()


@functools.lru_cache(maxsize=4096)
def subject(about: str) -> str:
    """The person or animal that a subject names, where it names one other than the writer."""
    return next((KIN[word] for word in _plain(about).split() if word in KIN), "")


def _one_in_other(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return set(one) <= set(other) or set(other) <= set(one)


class _Making:
    """A wording in the making."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.solid: set[str] = set()
        self.names: list[str] = []
        self.figures: list[str] = []
        self.negations = 0
        self.is_ordered = False

    def take(self, token: str, place: int) -> None:
        lower = _plain(token)
        self.is_ordered = self.is_ordered or lower in RELATIONS
        if lower in NUMBERS or lower[0].isdigit():
            word = NUMBERS.get(lower, lower.replace(",", "."))
            self.figures.append(word)
        elif lower in NEGATIONS or lower.endswith("n't"):
            word = WITHOUT_NOT.get(lower, "")
            self.negations += 1
        elif lower in FILLERS:
            return
        elif place and token[0].isupper():
            word = lower.removesuffix("'s")
            self.names.append(word)
        else:
            word = _stem(lower)
            self.negations += lower in DISLIKES
        if word:
            self.words.append(word)
        if lower in SOLID or word in SOLID or word in self.names or word in self.figures:
            self.solid.add(word)


_NO_WORD = re.compile(r"[\W_]+")
_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*[+#]{0,2}")
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]")


def _tokens(statement: str) -> list[str]:
    text = unicodedata.normalize("NFKC", statement[:LONGEST])
    if _SPACELESS.search(text):
        text = text.translate(PARTICLES)
    return _TOKEN.findall(text)


@functools.lru_cache(maxsize=65536)
def _plain(token: str) -> str:
    """In lower case and, in Latin script, without accents."""
    lower = token.casefold().replace("’", "'")
    if lower.isascii():
        return lower
    parts = unicodedata.normalize("NFD", lower)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return bare if bare.isascii() else lower


@functools.lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """A word without the endings of number, person and gender; the past keeps its own."""
    word = word.removesuffix("'s")
    word = SYNONYMS.get(word, word)
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ing") and len(word) > 5:
        word = word[:-3]
        word = word[:-1] if word[-1] == word[-2] and word[-1] not in "ls" else word
    elif word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("en") and len(word) > 5:
        return word[:-2]
    return word[:-1] if len(word) > 3 and word[-1] in "aeoy" and not word.endswith("te") else word


# Words


def _words(text: str) -> frozenset[str]:
    return frozenset(_plain(word) for word in text.split())


FILLERS = _words(
    """
    a an the i im i'm ive i've id i'd ill i'll we we're we've my me mine our us ours you your they they're their them
    theirs themself themselves myself user users person the is am are be been being has have having do does did of at in
    on for to with as that this these those it its it's which who and by into onto about around really very quite
    currently now nowadays still also just actually basically simply definitely generally too both so kind sort bit lot
    who's there here
    ich mein meine meinen meinem meiner mich mir wir uns der die das den dem des ein eine einen einem einer eines bin
    bist ist sind sein seit habe hat haben im in an am auf bei mit zu zum zur und als sehr wirklich auch noch derzeit
    gerade aktuell es fur von vom sich
    je j'ai j'aime suis est es mon ma mes moi nous notre nos le la les un une des du de au aux en dans a et ai as avec
    pour sur tres vraiment aussi encore actuellement maintenant que qui se s il elle on
    yo mi mis me nos nuestro nuestra el los las una unos unas soy estoy es esta del al con por para y muy tambien
    todavia ahora tengo tiene lo su sus ha he
    eu meu minha meus minhas o os as um uma sou estou tenho tem do da dos das com e muito tambem ainda
    io mio mia miei mie il gli sono ho una uno della dei delle nel nella di da molto anche ancora ora che si
    ik mijn mij het een ben heb heeft zijn van voor op te met en erg ook nog nu
    я мой моя мои мне меня у и в на с по это очень сейчас тоже
    """
)

NEGATIONS = _words(
    """
    not no never without neither nor none nobody nothing cannot cant dont doesnt didnt isnt wont arent
    nicht kein keine keinen keinem keiner keines nie niemals ohne
    pas jamais sans aucun aucune ni
    nunca jamas sin tampoco ningun ninguna nao nem sem nenhum nenhuma senza nessun nessuna niente non
    niet geen nooit zonder inte ikke aldri aldrig ej nie bez nigdy degil yok ei
    не нет ни никогда без
    """
)

WITHOUT_NOT = {"can't": "can", "cannot": "can", "cant": "can", "won't": "will", "wont": "will"} | {
    f"{word}n't": word for word in ("could", "would", "should", "must", "was", "were", "had", "did")
}
"""What is left of a negated word, where that tells something: the tense, the wish."""

SIGNS_OF_NEGATION = ("ない", "ません", "不", "没", "沒", "无", "未", "안 ", "않", "못", "없", "아니", "ไม่")

DISLIKES = frozenset("dislike dislikes disliking hate hates hating detest detests loathe loathes".split())

SYNONYMS = {
    other: word
    for word, others in {
        "like": "likes love loves loving enjoy enjoys enjoying liking adore adores fond dislike dislikes disliking "
        "hate hates hating detest detests loathe loathes",
        "was": "were",
        "live": "lives living reside resides residing",
        "mother": "mum mom mummy mama",
        "father": "dad daddy papa",
        "child": "children kid kids",
        "favorite": "favourite",
        "color": "colour",
        "license": "licence",
        "organize": "organise organises",
        "program": "programme programmes",
    }.items()
    for other in others.split()
}

NUMBERS = {
    word: str(number)
    for number, words in enumerate(
        (
            "zero null nul cero",
            "one once",
            "two zwei deux dos dois duas due twee twice",
            "three drei trois tres tre drie",
            "four vier quatre cuatro quatro quattro",
            "five funf cinq cinco cinque vijf",
            "six sechs seis zes",
            "seven sieben sept siete sete sette zeven",
            "eight acht huit ocho oito otto",
            "nine neun neuf nueve nove negen",
            "ten zehn dix diez dez dieci tien",
            "eleven elf onze",
            "twelve zwolf douze doce doze dodici twaalf",
        )
    )
    for word in words.split()
}

KIN = {
    word: name
    for name, words in {
        "mother": "mother mum mom mama mutter mere madre mae moeder",
        "father": "father dad papa vater pere padre pai vader",
        "parents": "parents parent eltern padres pais genitori ouders",
        "sister": "sister sisters schwester soeur hermana irma sorella zus",
        "brother": "brother brothers bruder frere hermano irmao fratello broer",
        "son": "son sons sohn fils hijo filho figlio zoon",
        "daughter": "daughter daughters tochter fille hija filha figlia dochter",
        "child": "child children kid kids kind kinder enfant enfants hijos filhos figli kinderen baby",
        "partner": "partner wife husband spouse girlfriend boyfriend fiance fiancee frau mann freundin freund femme "
        "mari compagne compagnon esposa esposo marido mujer novia novio namorada namorado moglie marito vrouw man",
        "grandparent": "grandmother grandfather grandma grandpa granny nan oma opa abuela abuelo nonna nonno",
        "aunt": "aunt uncle tante onkel tia tio zia zio",
        "cousin": "cousin cousins niece nephew",
        "in-law": "mother-in-law father-in-law sister-in-law brother-in-law in-laws",
        "friend": "friend friends amie ami amiga amigo amica amico vriend vriendin",
        "colleague": "boss manager colleague colleagues coworker neighbour neighbor flatmate roommate",
        "dog": "dog dogs hund chien perro cao cane hond puppy",
        "cat": "cat cats katze gato gatto kat kitten",
        "pet": "pet pets horse",
    }.items()
    for word in words.split()
}
"""Whom a statement may be of, other than the person who wrote it."""

RELATIONS = _words(
    """
    over than instead rather from before after until till since between but because more less better worse
    als statt lieber vor nach bevor nachdem bis aber plutot avant apres jusque mais plus moins depuis
    antes despues desde hasta mas menos pero prima dopo invece piu meno liever depois ate
    """
)
"""Words that make the order of the others tell something."""

SOLID = (
    frozenset(KIN)
    | RELATIONS
    | _words(
        """
        was were had used formerly former ex previously once ago will would could might may can should must maybe
        perhaps plan plans planned planning want wants wanted wish wishes hope hopes hoping consider considers
        considering think thinks thinking dream dreams intend intends going try tries trying tried stop stops stopped
        quit start starts started begin began finish finished left leave leaves leaving always sometimes rarely seldom
        only almost half first last next new old second third lik hop wish think dream tri
        war waren hatte wohnte arbeitete fruher will mochte wurde werde vielleicht nur immer manchmal
        etais etait avais avait autrefois veux voudrais peut-etre seulement toujours parfois
        era fue vivia trabajaba quiero quizas solo siempre fui quero talvez sempre vivevo lavoravo vorrei forse
        wilde wil misschien alleen altijd soms
        """
    )
)
"""Words that change a statement where they are left out."""

PARTICLES: dict[int, str | None] = {ord(sign): None for sign in "はがをもねよ的了是我"} | {
    ord(sign): " " for sign in "、。，！？・「」『』【】（）"
}
