"""Train the classifier of first-person statements on the labelled sentences, and measure it on those held out.

`python -m evals.statements.train` prints the table; `--write` also stores the weights in the package.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.statements import blind
from soulprint.llm import minilm
from soulprint.measuring import statements

LABELLED = Path(__file__).parent / "labelled.jsonl"
WEIGHTS = Path(statements.__file__).parent / "weights.json"

BASE_RATE = 0.5
"""The share of self-description among what rules pick: 0.68 in the whole messages for tuning, and less in a history
where fewer messages hold any. Ours holds more, so the rest weighs more."""

PRECISION = {"rules": 0.85, "embedded": 0.88}
"""What cross-validation on the training sentences must reach at the base rate; the threshold is the least that does.
Set by hand after tables of held-out sentences and of the messages for tuning had been seen: the README lists the runs.
"""

FOLDS = 8
PENALTIES = {"rules": [(3.0, 1.0)], "embedded": [(f, v) for f in (1.0, 3.0) for v in (0.1, 0.3, 1.0)]}
"""L2 penalties to try, on the features and on the vector."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence as typed, and what rules find in it."""

    text: str
    language: str
    self: bool
    category: str
    kind: str
    split: str
    found: tuple[statements.Candidate, ...]


@dataclass(frozen=True, slots=True)
class Examples:
    """Candidates as a matrix: a row each, whose label is that of the sentence it was found in."""

    rows: list[Labelled]
    found: list[statements.Candidate]
    features: Floats
    vectors: Floats
    labels: Floats

    def matrix(self, name: str) -> Floats:
        return self.features if name == "rules" else np.hstack([self.features, self.vectors])

    def weights(self) -> Floats:
        """A weight for each row, such that the labels have the base rate."""
        share = self.labels.mean()
        return np.asarray(np.where(self.labels == 1, BASE_RATE / share, (1 - BASE_RATE) / (1 - share)))


def read() -> list[Labelled]:
    rows: list[dict[str, Any]] = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    return [Labelled(**row, found=tuple(statements.candidates(i, row["text"]))) for i, row in enumerate(rows)]


def read_messages() -> list[Labelled]:
    """What rules find in the whole messages of the split for tuning, each as a sentence of its own."""
    rows = blind.read("tune")
    return [
        _labelled(
            row,
            candidate,
            next((mark for mark in row.marked if blind.meets(candidate.start, candidate.end, mark)), None),
        )
        for row in rows
        for candidate in statements.candidates(row.number, row.text)
    ]


def _labelled(row: blind.Row, candidate: statements.Candidate, mark: blind.Marked | None) -> Labelled:
    category = mark.category if mark else "none"
    return Labelled(candidate.text, row.language, mark is not None, category, row.kind, "train", (candidate,))


def examples(rows: Sequence[Labelled], embedder: minilm.Embedder) -> Examples:
    pairs = [(row, candidate) for row in rows for candidate in (row.found[:1] if row.self else row.found)]
    return Examples(
        rows=[row for row, _ in pairs],
        found=[candidate for _, candidate in pairs],
        features=np.array([candidate.features for _, candidate in pairs]),
        vectors=embedder.embed([candidate.text for _, candidate in pairs]).astype(np.float64),
        labels=np.array([float(row.self) for row, _ in pairs]),
    )


# Logistic regression


def fit(x: Floats, y: Floats, weights: Floats, penalty: Floats) -> Floats:
    """The coefficients, bias last, that minimise weighted log loss + penalty · w²/2, by Newton's method."""
    x = np.hstack([x, np.ones((len(x), 1))])
    ridge = np.append(penalty, 1e-6)
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ w)))
        gradient = x.T @ (weights * (p - y)) + ridge * w
        hessian = (x * (weights * p * (1 - p))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        w = w - step
        if np.abs(step).max() < 1e-7:
            break
    return w


def predict(x: Floats, w: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(x @ w[:-1] + w[-1]))), dtype=np.float64)


def penalties(name: str, features: float, vector: float) -> Floats:
    tail = [vector] * minilm.DIMENSIONS if name == "embedded" else []
    return np.array([features] * len(statements.FEATURES) + tail)


def cross_validated(x: Floats, y: Floats, weights: Floats, penalty: Floats) -> Floats:
    """For each row the probability by a model that hasn't seen it."""
    fold = np.random.default_rng(7).permutation(len(y)) % FOLDS
    found = np.zeros(len(y))
    for k in range(FOLDS):
        seen = fold != k
        found[~seen] = predict(x[~seen], fit(x[seen], y[seen], weights[seen], penalty))
    return found


# Measuring


def precision(labels: Floats, weights: Floats, chosen: NDArray[np.bool_]) -> float:
    return float((labels * weights)[chosen].sum() / weights[chosen].sum()) if chosen.any() else 1.0


def least_threshold(p: Floats, labels: Floats, weights: Floats, wanted: float) -> float:
    """The least threshold at which precision at the base rate is what is wanted."""
    steps = np.arange(0.2, 0.99, 0.01)
    return float(round(next(step for step in steps if precision(labels, weights, p >= step) >= wanted), 2))


def log_loss(p: Floats, labels: Floats, weights: Floats) -> float:
    p = p.clip(1e-6, 1 - 1e-6)
    return float(-(weights * (labels * np.log(p) + (1 - labels) * np.log(1 - p))).sum() / weights.sum())


@dataclass(frozen=True, slots=True)
class Trained:
    name: str
    penalty: tuple[float, float]
    coefficients: Floats
    threshold: float
    loss: float

    def stored(self) -> dict[str, Any]:
        rounded = [round(float(value), 4) for value in self.coefficients]
        cut = len(statements.FEATURES)
        features = dict(zip(statements.FEATURES, rounded[:cut], strict=True))
        return {"features": features, "vector": rounded[cut:-1], "bias": rounded[-1], "threshold": self.threshold}


def train(name: str, data: Examples) -> Trained:
    """The model of the penalty with the least cross-validated loss, with its threshold."""
    x, y, weights = data.matrix(name), data.labels, data.weights()

    def outcome(penalty: tuple[float, float]) -> tuple[float, tuple[float, float], Floats]:
        p = cross_validated(x, y, weights, penalties(name, *penalty))
        return log_loss(p, y, weights), penalty, p

    loss, penalty, p = min((outcome(penalty) for penalty in PENALTIES[name]), key=lambda found: found[0])
    threshold = least_threshold(p, y, weights, PRECISION[name])
    return Trained(name, penalty, fit(x, y, weights, penalties(name, *penalty)), threshold, loss)


# Reporting


def report(trained: Sequence[Trained], data: Examples, rows: Sequence[Labelled]) -> None:
    total = sum(row.self for row in rows)
    own = int(data.labels.sum())
    print(f"Held out: {len(rows)} sentences, {total} of them self-description.")
    print("\n| judge | threshold | shown | precision | at base rate | recall | top 50 | top 100 |\n|" + "---|" * 8)
    print(
        f"| rules alone | | {len(data.labels)} | {data.labels.mean():.2f} | {BASE_RATE:.2f} | {own / total:.2f} | | |"
    )
    for model in trained:
        print(_line(model, data, total))
    by_groups(trained[-1], data, rows)


def _line(model: Trained, data: Examples, total: int) -> str:
    p = predict(data.matrix(model.name), model.coefficients)
    chosen = p >= model.threshold
    ranked = data.labels[np.argsort(-p)]
    figures = [
        data.labels[chosen].mean(),
        precision(data.labels, data.weights(), chosen),
        data.labels[chosen].sum() / total,
        ranked[:50].mean(),
        ranked[:100].mean(),
    ]
    cells = " | ".join(f"{figure:.2f}" for figure in figures)
    return f"| {model.name} | {model.threshold} | {chosen.sum()} | {cells} |"


def by_groups(model: Trained, data: Examples, rows: Sequence[Labelled]) -> None:
    chosen = predict(data.matrix(model.name), model.coefficients) >= model.threshold
    shown = [row for row, is_chosen in zip(data.rows, chosen, strict=True) if is_chosen]
    groups: list[tuple[str, Callable[[Labelled], str]]] = [
        ("language", lambda r: r.language),
        ("kind", lambda r: r.kind),
        ("category", lambda r: r.category),
    ]
    for title, key in groups:
        print(f"\n| {title} | sentences | self | shown | rightly | recall |\n|" + "---|" * 6)
        for value in sorted({key(row) for row in rows}):
            mine = [row for row in rows if key(row) == value]
            own, seen = sum(row.self for row in mine), [row for row in shown if key(row) == value]
            right = sum(row.self for row in seen)
            print(f"| {value} | {len(mine)} | {own} | {len(seen)} | {right} | {f'{right / own:.2f}' if own else ''} |")
    right_category = [
        c.category == row.category for row, c, ok in zip(data.rows, data.found, chosen, strict=True) if ok and row.self
    ]
    print(f"\nRight category among what is rightly shown: {np.mean(right_category):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the weights in the package")
    parser.add_argument(
        "--errors", action="store_true", help="list what the training split gets wrong by cross-validation"
    )
    arguments = parser.parse_args()
    rows, embedder = read(), minilm.Embedder.load()
    data = examples([row for row in rows if row.split == "train"] + read_messages(), embedder)
    trained = [train(name, data) for name in ("rules", "embedded")]
    for model in trained:
        print(
            f"{model.name}: penalty {model.penalty}, cross-validated loss {model.loss:.3f}, threshold {model.threshold}"
        )
    if arguments.errors:
        errors(trained[-1], data)
    held_out = [row for row in rows if row.split == "test"]
    report(trained, examples(held_out, embedder), held_out)
    if arguments.write:
        stored = {"models": {model.name: model.stored() for model in trained}}
        WEIGHTS.write_text(json.dumps(stored, ensure_ascii=False) + "\n", encoding="utf-8")


def errors(model: Trained, data: Examples) -> None:
    p = cross_validated(data.matrix(model.name), data.labels, data.weights(), penalties(model.name, *model.penalty))
    for i in np.argsort(-np.abs(p - data.labels)):
        if (p[i] >= model.threshold) != bool(data.labels[i]):
            print(f"{p[i]:.2f} {data.rows[i].kind:12} {data.found[i].category:12} {data.found[i].text}")


if __name__ == "__main__":
    main()
