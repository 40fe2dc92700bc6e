"""Finds secrets in text and masks them: keys, tokens, passwords, card and account numbers.

A value found once is a secret wherever else it stands, however little there says so.

Linear in the length of the text whatever it holds: no pattern can start inside what it has just read, or else it reads
no more than some hundred characters.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

API_KEY = "api key"
TOKEN = "token"  # noqa: S105
PASSWORD = "password"  # noqa: S105
PRIVATE_KEY = "private key"
CARD = "card number"
ACCOUNT = "bank account"
NATIONAL_ID = "social security number"
CONTACT = "contact"
PRIVATE = "private"
KINDS = (API_KEY, TOKEN, PASSWORD, PRIVATE_KEY, CARD, ACCOUNT, NATIONAL_ID, CONTACT, PRIVATE)

MASKED = re.compile(rf"\[secret: (?:{'|'.join(KINDS)})\]")
GONE = "\ue000"
"""Stands for a masked secret while the rest is searched. No pattern reads over it, or starts or ends beside it."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret stands in a text, in code points, and of which of `KINDS` it is."""

    kind: str
    start: int
    end: int


def mask(text: str, known: Collection[str] = ()) -> str:
    """`text` with every secret replaced by its kind, as in `[secret: api key]`. Masking twice changes nothing more.

    `known` are values that other texts told to be secrets, as `values` gives them.
    """
    found = find(text, known)
    while found:
        text = _without(text, found)
        found = find(text, known)
    return text


def find(text: str, known: Collection[str] = ()) -> list[Secret]:
    """The secrets in `text` in order, none overlapping. What is masked already is none."""
    searched = MASKED.sub(lambda masked: GONE * len(masked[0]), text) if "[secret: " in text else text
    folded = fold(searched)
    ruled = [Secret(rule.kind, *span) for rule in RULES for span in rule.spans(searched, folded)]
    again = dict.fromkeys(known, PASSWORD) | {text[one.start : one.end]: one.kind for one in ruled}
    return list(_merged(sorted([*ruled, *_repeated(searched, again)], key=lambda one: (one.start, -one.end))))


@dataclass(frozen=True, slots=True)
class Private:
    """What a person wants masked besides secrets."""

    words: frozenset[str] = frozenset()
    """Names and words, in whatever case, each on its own."""
    contacts: bool = False
    """E-mail addresses and telephone numbers."""

    def __bool__(self) -> bool:
        return self.contacts or bool(self.words)

    def mask(self, text: str) -> str:
        """`text` with all of it replaced by its kind, as in `[secret: contact]`. Linear in the length of the text."""
        if self.contacts:
            text = PHONE.sub(_dialled, EMAIL.sub(f"[secret: {CONTACT}]", text))
        return _worded(self.words).sub(f"[secret: {PRIVATE}]", text) if self.words else text


def _dialled(found: re.Match[str]) -> str:
    least, most = DIGITS
    return f"[secret: {CONTACT}]" if least <= sum(map(str.isdigit, found[0])) <= most else found[0]


@functools.lru_cache(maxsize=16)
def _worded(words: frozenset[str]) -> re.Pattern[str]:
    """The words, the longest first, with any white space between their parts."""
    sought = sorted((r"\s{1,4}".join(map(re.escape, word.split())) for word in words), key=lambda one: (-len(one), one))
    return re.compile(rf"(?<!\w)(?:{'|'.join(filter(None, sought))})(?!\w)", re.IGNORECASE)


def values(texts: Iterable[str]) -> set[str]:
    """The secrets of `texts` that can be told wherever they stand by themselves: no plain word among them."""
    return telling(told(texts))


def told(texts: Iterable[str]) -> set[str]:
    """The secrets of `texts`, as they stand there."""
    return {text[one.start : one.end] for text in texts for one in find(text)}


def telling(secrets: Iterable[str]) -> set[str]:
    """Those of `secrets` that can be told wherever they stand by themselves."""
    return {value for value in secrets if _telling(value)}


WORD = re.compile(r"[0-9A-Za-z]+|[^\W0-9A-Za-z_]+")
SHORTEST_TELLING, LONGEST_TELLING = 6, 300


def _telling(value: str) -> bool:
    """Whether `value` says nothing but the secret: one that is a word or a short number stands elsewhere by chance."""
    return SHORTEST_TELLING <= len(value) <= LONGEST_TELLING and not value.isalpha() and not value.isdigit()


def _repeated(text: str, kinds: dict[str, str]) -> Iterator[Secret]:
    """Where the values that `kinds` gives the kinds of stand in `text`, each on its own.

    Each word of the text is looked up as the first of a value, so that many values cost no more than one.
    """
    lengths: dict[str, set[int]] = {}
    sought: dict[str, str] = {}
    for value, kind in kinds.items():
        if _telling(value) and (first := WORD.search(value)):
            rest = value[first.start() :]
            sought[rest] = kind
            lengths.setdefault(first[0], set()).add(len(rest))
    for word in WORD.finditer(text) if sought else ():
        for length in lengths.get(word[0], ()):
            value = text[word.start() : word.start() + length]
            end = word.start() + len(value)
            if value in sought and not (value[-1].isalnum() and text[end : end + 1].isalnum()):
                yield Secret(sought[value], word.start(), end)


def _without(text: str, secrets: list[Secret]) -> str:
    pieces: list[str] = []
    position = 0
    for secret in secrets:
        pieces += text[position : secret.start], f"[secret: {secret.kind}]"
        position = secret.end
    return "".join(pieces) + text[position:]


def _merged(secrets: list[Secret]) -> Iterator[Secret]:
    """Overlapping secrets as one of the first's kind, so that no half of one stays behind."""
    current: Secret | None = None
    for secret in secrets:
        if current is None or secret.start >= current.end:
            if current:
                yield current
            current = secret
        elif secret.end > current.end:
            current = Secret(current.kind, current.start, secret.end)
    if current:
        yield current


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern whose group `secret` (or the whole match) is a secret when `holds` says so."""

    kind: str
    pattern: re.Pattern[str]
    holds: Callable[[re.Match[str]], bool] = bool
    hints: tuple[str, ...] = ()
    """Of which one, in whatever case, begins in every match or at most `reach` characters after its start: the pattern
    is tried only there, which is several times as quick as everywhere."""
    reach: int = 0

    def spans(self, text: str, folded: str) -> Iterator[tuple[int, int]]:
        group = "secret" if "secret" in self.pattern.groupindex else 0
        for match in self.matches(text, folded):
            if self.holds(match):
                yield match.span(group)

    def matches(self, text: str, folded: str) -> Iterator[re.Match[str]]:
        """Those that the pattern's `finditer` gives; `folded` is the text as `fold` gives it."""
        if len(folded) != len(text) or not self._is_rare(folded):
            yield from self.pattern.finditer(text)
            return
        end = 0
        for start in sorted(self._starts(folded)):
            if start >= end and (match := self.pattern.match(text, start)):
                yield match
                end = match.end()

    def _is_rare(self, folded: str) -> bool:
        """Whether the hints leave so few places that going to each is the quicker way."""
        places = sum(map(folded.count, self.hints)) * (self.reach + 1)
        return bool(self.hints) and places * 8 <= len(folded)

    def _starts(self, folded: str) -> set[int]:
        starts: set[int] = set()
        for hint in self.hints:
            at = folded.find(hint)
            while at >= 0:
                starts.update(range(max(0, at - self.reach), at + 1))
                at = folded.find(hint, at + 1)
        return starts


def fold(text: str) -> str:
    """`text` in lower case, with what a pattern that ignores case takes for an i or an s."""
    return text.lower() if text.isascii() else text.replace("İ", "i").lower().replace("ı", "i").replace("ſ", "s")


# What makes a value look like a secret


def _entropy(value: str) -> float:
    """Shannon entropy, in bits a character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _random(match: re.Match[str]) -> bool:
    """A value of letters and digits without much repetition: no identifier, no word."""
    value = match["secret"]
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value) and _entropy(value) > 3.0


def _chosen(match: re.Match[str]) -> bool:
    """A password somebody chose, rather than what is said about a password ("password is wrong") or code."""
    value = match["secret"]
    if value.casefold() in PLACEHOLDERS or value[0] in "$({[<%*" or value.startswith(("os.", "process.", "self.")):
        return False
    mixed = any(c.isupper() for c in value[1:]) and any(c.islower() for c in value)
    marked = mixed or any(c.isdigit() for c in value) or any(c in "!@#$%^&*_+~" for c in value)
    quoted = match["quote"] != ""
    alone = match["sign"] is not None and match.string[match.end() : match.end() + 1] in ("", "\n", "\r")
    return marked or ((quoted or alone) and value.isascii())


def _assigned(match: re.Match[str]) -> bool:
    """What code gives to a variable for a password: a string, or bare letters and digits as in a file of settings."""
    whole = match.string[match.end() : match.end() + 1] == match["quote"] if match["quote"] else _random(match)
    return whole and _chosen(match)


PLACEHOLDERS = frozenset(
    [
        "string",
        "none",
        "null",
        "true",
        "false",
        "undefined",
        "required",
        "optional",
        "text",
        "secret",
        "password",
        "passwort",
        "changeme",
        "hidden",
        "redacted",
        "value",
        "input",
        "varchar",
        "bytes",
        "blank",
        "empty",
        "unknown",
        "missing",
        "wrong",
        "incorrect",
        "invalid",
        "correct",
        "expired",
        "forgotten",
        "reset",
        "falsch",
        "richtig",
        "abgelaufen",
        "vergessen",
        "incorrecto",
        "incorrecta",
        "faux",
        "oublié",
    ]
)


def _luhn(match: re.Match[str]) -> bool:
    digits = [int(c) for c in match[0] if c.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _iban(match: re.Match[str]) -> bool:
    value = match[0].replace(" ", "")
    if len(value) != IBAN_LENGTHS.get(value[:2]):
        return False
    return int("".join(str(int(c, 36)) for c in value[4:] + value[:4])) % 97 == 1


IBANS = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL",
    19: "MK SI",
    20: "AT BA EE KZ LT LU XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ",
    24: "AD CZ ES MD PK RO SA SE SK TN",
    25: "PT",
    26: "IS TR",
    27: "FR GR IT MC SM",
    28: "AL AZ BY CY DO HU LB PL",
    29: "BR EG PS QA UA",
    30: "JO KW",
    31: "MT",
}
IBAN_LENGTHS = {country: length for length, countries in IBANS.items() for country in countries.split()}


# The rules

START = rf"(?<![0-9A-Za-z_{GONE}])"
END = rf"(?![0-9A-Za-z_{GONE}])"

VENDOR_KEYS = "|".join(
    (
        r"A(?:KIA|SIA|IDA|ROA)[A-Z0-9]{16}",  # AWS
        r"gh[pousr]_[A-Za-z0-9]{36,255}",
        r"github_pat_[A-Za-z0-9_]{22,255}",
        r"glpat-[A-Za-z0-9_-]{20,100}",
        r"xox[abeoprs]-[A-Za-z0-9-]{10,250}",
        r"xapp-[A-Za-z0-9-]{20,250}",
        r"hooks\.slack\.com/services/[A-Za-z0-9/]{20,100}",
        r"AIza[A-Za-z0-9_-]{35}",
        r"GOCSPX-[A-Za-z0-9_-]{20,60}",
        r"ya29\.[A-Za-z0-9_-]{20,250}",
        r"[srp]k_(?:live|test)_[A-Za-z0-9]{16,250}",  # Stripe
        r"whsec_[A-Za-z0-9+/=]{20,100}",
        r"npm_[A-Za-z0-9]{36}",
        r"pypi-[A-Za-z0-9_-]{50,255}",
        r"hf_[A-Za-z0-9]{30,100}",
        r"gsk_[A-Za-z0-9]{40,100}",
        r"xai-[A-Za-z0-9]{40,120}",
        r"pplx-[A-Za-z0-9]{40,80}",
        r"r8_[A-Za-z0-9]{37}",
        r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}",  # SendGrid
        r"key-[0-9a-f]{32}",  # Mailgun
        r"dop_v1_[0-9a-f]{64}",
        r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
        r"dapi[0-9a-f]{32}",
        r"glsa_[A-Za-z0-9_]{32,60}",
        r"lin_api_[A-Za-z0-9]{40}",
        r"ntn_[A-Za-z0-9]{40,60}",
        r"ATATT3[A-Za-z0-9_=-]{50,250}",
        r"AGE-SECRET-KEY-1[0-9A-Z]{58}",
        r"[0-9]{8,10}:[A-Za-z0-9_-]{35}",  # a Telegram bot
    )
)
BRANDED_CARDS = "|".join(
    (
        r"4[0-9]{3}(?P<a>[ -]?)[0-9]{4}(?P=a)[0-9]{4}(?P=a)[0-9]{4}",
        r"4[0-9]{12}(?:[0-9]{6})?",
        r"(?:5[1-5][0-9]{2}|2[2-7][0-9]{2}|6011|65[0-9]{2}|64[4-9][0-9]|35[2-8][0-9]|62[0-9]{2})"
        r"(?P<b>[ -]?)[0-9]{4}(?P=b)[0-9]{4}(?P=b)[0-9]{4}",
        r"3[47][0-9]{2}(?P<c>[ -]?)[0-9]{6}(?P=c)[0-9]{5}",
        r"3(?:0[0-5]|[68][0-9])[0-9](?P<d>[ -]?)[0-9]{6}(?P=d)[0-9]{4}",
    )
)
PASSWORDS = (
    r"(?<![^\W_])(?:pass(?:word|wort|wd|phrase|code|ord)|pwd|psw|kennwort|mot de passe|mdp|contraseña|contrasena|clave|"
    r"senha|wachtwoord|parola|parolă|hasło|haslo|пароль|lösenord|adgangskode|salasana|şifre|sifre|heslo|jelszó|κωδικός)"
    r"(?![^\W_])|密码|密碼|口令|パスワード|비밀번호"
)
PASSWORD_HINTS = (
    *("pass", "pwd", "psw", "kennwort", "mot de passe", "mdp", "contrase", "clave", "senha", "wachtwoord", "parol"),
    *("hasł", "haslo", "парол", "lösenord", "adgangskode", "salasana", "şifre", "sifre", "heslo", "jelsz", "κωδικ"),
    *("密码", "密碼", "口令", "パスワード", "비밀번호"),
)
ABOUT = (
    r"(?:\s(?:for|to|of|für|zum|zur|vom|am|im|pour|du|de|del|para|do|da|di|per|voor|для|от|på|na)"
    r"(?:\s[^\s:=]{1,30}){1,4}?)?"
)
SAID_IS = r"(?:\s(?:is|was|ist|war|lautet|est|es|é|è|is:|är|er|on|to|=)\s|\s?(?:は|是|为|為|은|는)\s?|\s[—–-]\s)"
OPENING = r"(?P<quote>[\"'`«„“]?)"
PLAIN = rf"[^\s\"'`<>«»„“”,;{GONE}]"

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[^\W_](?:[\w-]{0,62}\.){1,5}[^\W\d_]{2,24}(?![\w-])")
PHONE = re.compile(
    r"(?<![\w.,/+-])(?![0-3]?[0-9][./-][01]?[0-9][./-][0-9]{4}(?![0-9]))"
    r"(?:(?:\+|00)[1-9][0-9]{0,3}|\(?0[1-9][0-9]{0,4}\)?"
    r"|\(?[2-9][0-9]{2}\)?(?=[ .-]{1,2}[0-9]{3}[ .-][0-9]{4}(?![\w-])))"
    r"(?:[ ./-]{0,2}\(?[0-9]{1,8}\)?){1,6}(?!\w)"
)
DIGITS = (9, 15)
"""The least and the most of a telephone number."""

RULES = (
    Rule(
        PRIVATE_KEY,
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
            rf"(?:[^-{GONE}]|-(?!----)){{0,20000}}+(?:-----END [A-Z ]{{0,40}}PRIVATE KEY(?: BLOCK)?-----)?"
        ),
        hints=("-----begin ",),
    ),
    Rule(API_KEY, re.compile(rf"{START}(?P<secret>sk-[A-Za-z0-9_-]{{20,250}}){END}"), _random, hints=("sk-",)),
    Rule(API_KEY, re.compile(rf"{START}(?:{VENDOR_KEYS}){END}")),
    Rule(
        TOKEN,
        re.compile(
            rf"(?<![0-9A-Za-z_.{GONE}-])eyJ[A-Za-z0-9_-]{{10,4000}}+\.eyJ[A-Za-z0-9_-]{{10,8000}}+(?:\.[A-Za-z0-9_-]{{0,1000}}+)?{END}"
        ),
        hints=("eyj",),
    ),
    Rule(TOKEN, re.compile(rf"{START}[MNO][A-Za-z0-9_-]{{23,25}}\.[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{27,38}}{END}")),
    Rule(
        TOKEN,
        re.compile(rf"(?i:\b(?:bearer|basic)) {{1,3}}(?P<secret>[A-Za-z0-9+/=_.~-]{{16,2000}}+)(?!{GONE})"),
        _random,
        hints=("bearer ", "basic "),
    ),
    Rule(
        PASSWORD,
        re.compile(
            rf"(?<![0-9A-Za-z+.-])[A-Za-z][A-Za-z0-9+.-]{{1,20}}+://"
            rf"[^\s/:@\"'<>{GONE}]{{0,100}}+:(?P<secret>[^\s/@\"'<>{GONE}]{{1,200}}+)@"
        ),
        hints=("://",),
        reach=22,
    ),
    Rule(
        PASSWORD,
        re.compile(
            rf"(?i:{PASSWORDS}){ABOUT}[\"'`]?(?:(?P<sign>\s{{0,3}}(?::=|=>|[:：=]{{1,2}})\s{{0,3}})|(?i:{SAID_IS}))"
            rf"{OPENING}(?P<secret>{PLAIN}{{3,127}}+(?<![.,:)\]}}])|{PLAIN}{{3,127}}(?<![.,:)\]}}]))(?!{GONE})"
        ),
        _chosen,
        hints=PASSWORD_HINTS,
    ),
    Rule(
        PASSWORD,
        re.compile(
            rf"(?:(?<![^\W_])(?i:pass|pw|psk|passwd)|(?<=[a-z0-9])(?:Pass(?:word|wd)?|Pwd|Psk|Pw))(?:_?[0-9]{{1,2}})?"
            rf"(?:\[[0-9]{{0,4}}\])?[\"'`]?(?P<sign>\s{{0,3}}(?::=|=>|[:=])\s{{0,3}}|\s)(?<!\n){OPENING}"
            rf"(?P<secret>{PLAIN}{{3,127}}+(?<![.,:)\]}}])|{PLAIN}{{3,127}}(?<![.,:)\]}}]))(?![{GONE}(])"
        ),
        _assigned,
        hints=("pass", "pw", "psk"),
    ),
    Rule(
        API_KEY,
        re.compile(
            r"(?i:(?:secret|token|api[ _-]?key|access[ _-]?key|account[ _-]?key|client[ _-]?secret|private[ _-]?key|"
            r"signing[ _-]?key|encryption[ _-]?key|credentials?|auth[ _-]?key))"
            rf"[A-Za-z0-9_]{{0,20}}[\"'`]?(?:\s{{0,3}}(?::=|=>|[:=]{{1,2}})\s{{0,3}}|(?i:{SAID_IS}))[\"'`]?"
            rf"(?P<secret>[A-Za-z0-9+/=_.~-]{{16,250}}+)(?![{GONE}(])"
        ),
        _random,
        hints=("secret", "token", "key", "credential"),
        reach=11,
    ),
    Rule(CARD, re.compile(rf"(?<![0-9A-Za-z_.,/+{GONE}-])(?:{BRANDED_CARDS})(?![0-9A-Za-z_{GONE}]|[.,-][0-9])"), _luhn),
    Rule(
        ACCOUNT,
        re.compile(rf"{START}[A-Z]{{2}}[0-9]{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?{END}"),
        _iban,
    ),
    Rule(
        NATIONAL_ID,
        re.compile(
            rf"(?<![0-9A-Za-z_{GONE}-])(?!000|666|9)[0-9]{{3}}-(?!00)[0-9]{{2}}-(?!0000)[0-9]{{4}}(?![0-9A-Za-z_{GONE}-])"
        ),
        hints=("-",),
        reach=3,
    ),
)
