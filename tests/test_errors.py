"""Errors as they are said and kept."""

from __future__ import annotations

import pickle

from soulprint import errors


def test_the_docstring_is_the_message() -> None:
    error = errors.DatabaseUnavailable(reason="the connection broke off")
    assert str(error).startswith("The database can't be reached: the connection broke off. Your data is untouched.")


def test_an_error_survives_being_pickled() -> None:
    error = errors.ModelRefused(model="openai:gpt-5-mini", reason="the account has no credit left")
    kept = pickle.loads(pickle.dumps(error))
    assert (type(kept), kept.details, str(kept)) == (type(error), error.details, str(error))
