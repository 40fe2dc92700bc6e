from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text

from soulprint import lexemes
from soulprint.database import launcher
from soulprint.database.engine import driver_url
from tests.rows import literal


@pytest.fixture(scope="module")
def connection(server: launcher.Server) -> Iterator[Connection]:
    engine = create_engine(driver_url(server.url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def vector(said: str) -> bytes:
    return lexemes.vector(lexemes.counted(said))


def taken(connection: Connection, vector: bytes) -> str:
    """The vector as Postgres shows it when it has received it."""
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.transaction(force_rollback=True), driver.cursor() as cursor:
        cursor.execute("create temporary table vectors (number int, vector tsvector) on commit drop")
        with cursor.copy("copy vectors from stdin (format binary)") as copy:
            length = len(vector).to_bytes(4)
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\0\2\0\0\0\4" + bytes(4) + length + vector + b"\xff\xff")
        shown = cursor.execute("select vector::text from vectors").fetchone()[0]
    return str(shown)


def matches(connection: Connection, vector: str, words: list[str]) -> bool:
    queries = [lexemes.query(word) for word in words]
    each = "select cast(:vector as tsvector) @@ cast(query as tsquery) from unnest(cast(:queries as text[])) as query"
    return all(connection.scalars(text(each), {"vector": vector, "queries": queries}))


def every_kind_of_text() -> st.SearchStrategy[str]:
    kinds = st.characters(exclude_categories=["Cs"])
    some = st.sampled_from("aÄ ß'’–«。東京ガｶﾞをสวั한ﷺ㍿İΣς\u0308\u200d\xad\0_-3½™")
    return st.lists(st.one_of(st.text(kinds), st.text(some), st.text(some, min_size=100)), max_size=5).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(said=every_kind_of_text())
def test_postgres_takes_the_vector_of_every_text_and_finds_it_by_its_words(connection: Connection, said: str) -> None:
    shown = taken(connection, vector(said))
    words = lexemes.words(said)
    assert not words or matches(connection, shown, words)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(said=every_kind_of_text(), start=st.integers(0, 50), length=st.integers(1, 20))
def test_a_part_of_a_text_between_spaces_finds_it(connection: Connection, said: str, start: int, length: int) -> None:
    part = " ".join(said.split(" ")[start : start + length])
    words = lexemes.words(part)
    assert not words or matches(connection, literal(vector(said)), words)


def test_an_ascii_text_has_the_same_lexemes_beside_other_letters() -> None:
    said = "It's Rust_2024: e-mail ME at a.b@c.de, x=1"
    assert lexemes.words(said) == ["it", "s", "rust", "2024", "e", "mail", "me", "at", "a", "b", "c", "de", "x", "1"]
    assert lexemes.words(said + " ж")[:-1] == lexemes.words(said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Don't, L’eau", ["don", "t", "l", "eau"]),
        ("„Köln“ — «Ünï»…", ["köln", "ünï"]),
        ("foo—bar\u00a0baz\u3000qux", ["foo", "bar", "baz", "qux"]),
        ("ＡＢＣ１２ ｶﾞｽ m²", ["abc12", "ガス", "m2"]),
        ("İstanbul ΟΔΟΣ οδός", ["istanbul", "οδοσ", "οδόσ"]),
        ("東京へiPhoneを、買う", ["東京", "京へ", "iphone", "を", "買う"]),
        ("हिन्दी می\u200cخواهم Donau\xaddampf", ["हिन्दी", "میخواهم", "donaudampf"]),
        ("❤️ 👍🏽 ™", []),
    ],
)
def test_words_end_at_signs_and_are_spelled_in_one_way(said: str, words: list[str]) -> None:
    assert lexemes.words(said) == words


def test_a_word_is_counted_by_its_positions(connection: Connection) -> None:
    assert taken(connection, vector("one two Two TWO zwö Zwö")) == "'one' 'two':1,2,3 'zwö':1,2"


@pytest.mark.parametrize(
    "piece", ["a ", "x" * 9, "Ж", "東", "京都", "ﷺ", "㍿", "ก", "\u3099ก", "\u0e38\u0e48", "e\u0301\u0323"]
)
def test_the_longest_texts_are_taken_in_little_time(connection: Connection, piece: str) -> None:
    assert taken(connection, vector(piece * 100_000)) or not lexemes.words(piece)


def test_the_most_different_lexemes_stay_below_what_postgres_takes(connection: Connection) -> None:
    wide = "".join(chr(0x20000 + number) for number in range(40_000))
    assert taken(connection, vector(wide + wide[::-1]))
    assert taken(connection, vector(" ".join(f"{number:x}ж" for number in range(20_000))))


def test_a_long_word_is_found_by_itself(connection: Connection) -> None:
    for word in ("f" * 5_000, "ж" * 5_000, "ab" * 70_000):
        assert matches(connection, taken(connection, vector(f"see {word} there")), lexemes.words(word))
