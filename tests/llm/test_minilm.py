from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from soulprint import errors
from soulprint.llm import minilm

pytestmark = [
    pytest.mark.usefixtures("anyio_backend"),
    pytest.mark.skipif(not minilm.available(), reason="needs the extra `local`"),
]


@pytest.fixture(scope="module")
def embedder() -> minilm.Embedder:
    return minilm.Embedder.load()


def test_vectors_have_length_one(embedder: minilm.Embedder) -> None:
    found = embedder.embed(["I live in Ghent.", "", "hi", "x" * 5000, "наш дом 家 🏡", "word " * 2000])
    assert found.shape == (6, minilm.DIMENSIONS)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_nothing_in_nothing_out(embedder: minilm.Embedder) -> None:
    assert embedder.embed([]).shape == (0, minilm.DIMENSIONS)


def test_a_paraphrase_is_closer_than_another_topic(embedder: minilm.Embedder) -> None:
    said, again, other = embedder.embed(
        ["I work as a nurse on night shifts.", "My job is nursing, mostly at night.", "Sort this list of integers."]
    )
    assert said @ again > 0.6
    assert said @ again > said @ other + 0.3


def test_rows_stand_in_the_order_of_the_texts_whatever_their_length(embedder: minilm.Embedder) -> None:
    texts = [("long walk by the sea " * (40 - i)).strip() for i in range(40)]
    together = embedder.embed(texts)
    assert np.allclose(together[17], embedder.embed([texts[17]])[0], atol=1e-4)


def test_one_embedder_a_process() -> None:
    assert minilm.Embedder.load() is minilm.Embedder.load()


def test_a_file_that_differs_by_one_byte_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "tampered_weights"
    package.mkdir()
    genuine = minilm.read_pinned(minilm.TOKENIZER)
    (package / "tokenizer.json").write_bytes(genuine[:-1] + b" ")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(errors.EmbedderTampered, match="not the file we trust"):
        minilm.read_pinned(replace(minilm.TOKENIZER, package="tampered_weights", path="tokenizer.json"))


def test_the_package_that_holds_the_file_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "explosive_weights"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('this code must not run')")
    (package / "tokenizer.json").write_bytes(minilm.read_pinned(minilm.TOKENIZER))
    monkeypatch.syspath_prepend(tmp_path)
    assert minilm.read_pinned(replace(minilm.TOKENIZER, package="explosive_weights", path="tokenizer.json"))
    assert "explosive_weights" not in sys.modules


def test_a_package_that_is_not_there_is_named() -> None:
    with pytest.raises(errors.EmbedderMissing, match=r"no_such_weights/model\.onnx"):
        minilm.read_pinned(replace(minilm.WEIGHTS, package="no_such_weights"))
