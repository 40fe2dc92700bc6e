from __future__ import annotations

import itertools
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint.llm import masking

KEY = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9"

SECRETS = {
    "api key": [
        f"sk-proj-{KEY}",
        f"sk-ant-api03-{KEY}",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + KEY + KEY[:9],
        "github_pat_" + KEY,
        "xoxb-123456789012-" + KEY,
        "AIza" + KEY + "12345678",
        "sk_live_" + KEY,
        "npm_" + KEY + KEY[:9],
        "hf_" + KEY + KEY,
        "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0",
    ],
    "token": ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"],
    "private key": ["-----BEGIN RSA PRIVATE KEY-----\nMIIEow+/IBAAKCAQEA\n-----END RSA PRIVATE KEY-----"],
    "card number": ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"],
    "bank account": ["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19", "FR14 2004 1010 0505 0001 3M02 606"],
    "social security number": ["078-05-1120"],
}

SAID = [
    ("my wifi password is Sunny-Day99", "Sunny-Day99"),
    ("password: hunter2", "hunter2"),
    ("das Passwort ist geheim123", "geheim123"),
    ("mon mot de passe : azerty42", "azerty42"),
    ("la contraseña es Gato2020", "Gato2020"),
    ("a senha é Gato2020", "Gato2020"),
    ("пароль: qwerty123", "qwerty123"),
    ("我的密码是abc12345", "abc12345"),
    ("パスワードは neko2020 です", "neko2020"),
    ("password for the router is Kiwi2024", "Kiwi2024"),
    ("postgres://bob:s3cr3t@db.example/x", "s3cr3t"),
    ('{"password": "abcdef", "user": "x"}', "abcdef"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("api_key=9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c", "9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c"),
    ("Authorization: Bearer abcdef1234567890ghijk", "abcdef1234567890ghijk"),
]

HARMLESS = [
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "id 550e8400-e29b-41d4-a716-446655440000",
    "ISBN 978-3-16-148410-0, order 4111111111111112, invoice 2024-0042-0001",
    "call +49 171 1234567 or (555) 123-4567 or 0041 44 668 18 00",
    "my password is wrong and the token expired",
    "I forgot my password. Is it safe to reset it?",
    "def login(user: str, password: str = None) -> None: ...",
    "password = os.environ['DB_PASSWORD']",
    "Your password must have 8 characters.",
    "the key is to listen, the secret is patience",
    "see https://example.com:8080/a?b=c and mail me at bob@example.com",
    "2024-01-01T10:00:00Z 1700000000123 0.30000000000000004 3.14159265358979",
    "sk-spinner sk-circle-fade-dot is a class name",
    "Das Passwort ist falsch, le mot de passe est incorrect",
    "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----",
    "version 1.2.3.4 of node:18-alpine",
]


@pytest.mark.parametrize(("kind", "secret"), [(kind, one) for kind, some in SECRETS.items() for one in some])
@pytest.mark.parametrize("around", ["{}", "it is {}, ok?", "x=\n{}\n", "key:\t{}", "« {} »"])
def test_a_secret_is_masked(kind: str, secret: str, around: str) -> None:
    masked = masking.mask(around.format(secret))
    assert secret not in masked
    assert f"[secret: {kind}]" in masked or "[secret: api key]" in masked


@pytest.mark.parametrize(("text", "secret"), SAID)
def test_a_secret_that_is_told_is_masked(text: str, secret: str) -> None:
    masked = masking.mask(f"Hi! {text}\nThanks")
    assert secret not in masked
    assert masked.startswith("Hi! ")
    assert masked.endswith("Thanks")


def test_a_key_without_an_end_is_masked_as_far_as_it_may_go() -> None:
    assert masking.mask("Here:\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg") == "Here:\n[secret: private key]"


REPEATED = "heron-Lock41-mirfield"


@pytest.mark.parametrize(
    "text",
    [
        f"The wifi password is {REPEATED}, as in connect({REPEATED}) or x_{REPEATED}.",
        f'const char* PASS = "{REPEATED}";',
        f"{REPEATED}\npassword: {REPEATED}\n{REPEATED}",
        f"export DB_PASS={REPEATED}",
        f'wifiPass: "{REPEATED}"',
        f'#define WIFI_PASS "{REPEATED}"',
        f"char pass[] = '{REPEATED}';",
    ],
)
def test_a_secret_is_masked_wherever_it_stands(text: str) -> None:
    assert REPEATED not in masking.mask(text)


def test_a_plain_word_that_was_a_password_once_stays_elsewhere() -> None:
    masked = masking.mask('password: "banana" and then I ate a banana; pass the salt2, PASS "all tests passed"')
    assert masked == 'password: "[secret: password]" and then I ate a banana; pass the salt2, PASS "all tests passed"'


def test_a_value_is_not_masked_within_a_longer_word() -> None:
    assert masking.mask("password: Kiwi-Moa77 Kiwi-Moa778 aKiwi-Moa77").endswith("] Kiwi-Moa778 aKiwi-Moa77")


def test_secrets_that_other_texts_tell_are_masked() -> None:
    known = masking.values(["the password is Kiwi-Moa77", "nothing"])
    assert known == {"Kiwi-Moa77"}
    assert masking.mask("so Kiwi-Moa77 it is", known) == "so [secret: password] it is"


@pytest.mark.timeout(60)
def test_many_secrets_cost_no_more_than_one() -> None:
    told = "\n".join(f"password: a-{number}-Zz" for number in range(20_000))
    assert "Zz" not in masking.mask(told + "\n" + told.replace("password:", "then"))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masking.mask(text) == text


def test_spans_are_in_code_points() -> None:
    text = "🙂🙂 мой ключ AKIAIOSFODNN7EXAMPLE!"
    [found] = masking.find(text)
    assert text[found.start : found.end] == "AKIAIOSFODNN7EXAMPLE"


PIECES = [one for some in SECRETS.values() for one in some] + [text for text, _ in SAID] + HARMLESS
PIECES += [
    "password",
    " is ",
    ": ",
    "=",
    "[secret: password]",
    "[secret: ",
    "]",
    "token",
    '"',
    "sk-",
    "://",
    "@",
    "\n",
    "1",
]


@settings(max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=12).map("".join))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    masked = masking.mask(text)
    assert masking.mask(masked) == masked
    assert masking.find(masked) == []


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=8).map(" ".join))
def test_found_secrets_stand_in_order_apart(text: str) -> None:
    found = masking.find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


CASES = (str, str.upper, str.title, str.swapcase)
WORDS = st.sampled_from(
    [*PIECES, *(hint for rule in masking.RULES for hint in rule.hints), "i\u0307", "ſ", "ı", "İ", "K"]
)
CASED = st.builds(lambda case, word: case(word), st.sampled_from(CASES), st.one_of(WORDS, st.text(max_size=4)))


@given(st.lists(CASED, max_size=12), st.sampled_from(["", " ", ": ", " = "]))
def test_hints_miss_nothing(pieces: list[str], between: str) -> None:
    text = between.join(pieces) + " " * 4000
    folded = masking.fold(text)
    for rule in masking.RULES:
        quick = [match.span() for match in rule.matches(text, folded)]
        assert quick == [match.span() for match in rule.pattern.finditer(text)]


@given(st.uuids(), st.integers(0, 2**160 - 1))
def test_uuids_and_hashes_stay(one: uuid.UUID, number: int) -> None:
    text = f"{one} {number:040x}"
    assert masking.mask(text) == text


HOSTILE = (
    *(
        "a",
        "sk-",
        "password ",
        "password is ",
        "eyJ",
        "1",
        "1 ",
        "4111 ",
        "-----BEGIN PRIVATE KEY-----",
        "a://:",
        "token=",
    ),
    *("DE89 ", " ", "\n", "password for a ", "bearer ", "[secret: password]", "密码", "pypi-", "-", "x@", "secret is "),
)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_of_anything_is_searched(piece: str) -> None:
    masking.mask(piece * (1_000_000 // len(piece)))


PRIVATE = masking.Private(frozenset({"Ada Lovelace", "Acme", "C++", "ß-team"}), contacts=True)


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("Ask ADA\nLovelace.", "Ask [secret: private]."),
        ("Acme’s boss, acmeology and AcmeCorp", "[secret: private]’s boss, acmeology and AcmeCorp"),
        ("I write C++ daily", "I write [secret: private] daily"),
        ("the ß-Team met", "the [secret: private] met"),
        ("mail ada.l+x@mail.example.co.uk, now", "mail [secret: contact], now"),
        ("call +33 6 12 34 56 78 or (030) 1234-5678", "call [secret: contact] or [secret: contact]"),
        ("call 0049 170 1234567.", "call [secret: contact]."),
        ("call 555-010-4477 today", "call [secret: contact] today"),
    ],
)
def test_what_a_person_wants_masked_is_masked(said: str, masked: str) -> None:
    assert PRIVATE.mask(said) == masked
    assert PRIVATE.mask(masked) == masked


@pytest.mark.parametrize(
    "said",
    [
        "on 2024-05-01 at 12:30",
        "from 01.02.2024 to 03.04.2025",
        "it cost 1.200.000 or 1 200 000",
        "version 10.0.12.3, room 0412",
        "user@localhost and a @mention",
        "ISBN 978-3-16-148410-0",
    ],
)
def test_what_only_looks_like_a_contact_stays(said: str) -> None:
    assert PRIVATE.mask(said) == said


@given(st.text(alphabet="Aa dLlovce@.+-0139()/\n", max_size=400))
def test_what_is_private_is_gone_and_masking_again_changes_nothing(text: str) -> None:
    once = PRIVATE.mask(text)
    assert PRIVATE.mask(once) == once
    assert "ada lovelace" not in " ".join(f" {once} ".lower().split(" "))


def test_nothing_private_changes_nothing() -> None:
    assert not masking.Private()
    assert masking.Private().mask("ada@example.org") == "ada@example.org"
