"""One element's bytes in, a typed struct out: at once where it is as expected, piece by piece where it isn't."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from soulprint import characters

T = TypeVar("T")

OUTLINED = 100
"""How many members of the object itself an outline shows."""
OUTLINED_INSIDE = 8
"""How many members of each object and list within it."""
OUTLINED_DEPTH = 5
OUTLINED_TEXT = 4_000
OUTLINED_AT_ONCE = 1024 * 1024
"""An element that the quick decoder refuses is outlined only up to this size."""

_MISFIT = object()


class Unusable(Exception):
    """The bytes are no object that could be read. The argument is the reason as the report names it."""


def decode(element: msgspec.Raw | memoryview, decoder: msgspec.json.Decoder[T]) -> T:
    """The element as the decoder's type, a struct whose fields all have defaults. Fields that don't fit are left at
    their defaults, members of lists and dicts that don't fit are left out. Raises `Unusable`."""
    try:
        return decoder.decode(element)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return fitted(tolerant(bytes(element)), decoder.type)


def fitted(value: object, type_: type[T]) -> T:
    """Plain objects as the struct `type_`, with what fits. Raises `Unusable` where `value` is no object at all."""
    made = _fitted(value, _shape(type_))  # type: ignore[arg-type]  # a type is hashable, to mypy a type[T] isn't
    if not isinstance(made, type_):
        raise Unusable("not_an_object")
    return made


@cache
def _shape(type_: object) -> inspect.Type:
    return inspect.type_info(type_)


def tolerant(content: bytes) -> object:
    """JSON that may hold NaN, control characters, lone surrogates, surrogates written as UTF-8 of their own and bytes
    that aren't UTF-8. Raises `Unusable`."""
    try:
        return json.loads(_text(content), strict=False, parse_constant=lambda _: None)
    except RecursionError as error:
        raise Unusable("too_deep") from error
    except ValueError as error:
        raise Unusable("not_json") from error


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content.decode("utf-8", "replace")


def _fitted(value: object, kind: inspect.Type) -> Any:
    match kind:
        case inspect.UnionType(types=types):
            fits = (_fitted(value, each) for each in types)
            return next((fit for fit in fits if fit is not _MISFIT), _MISFIT)
        case inspect.StructType(cls=cls, fields=fields) if isinstance(value, dict):
            made = {each.name: _fitted(value.get(each.encode_name, _MISFIT), each.type) for each in fields}
            return cls(**{name: each for name, each in made.items() if each is not _MISFIT})
        case inspect.ListType(item_type=item) if isinstance(value, list):
            return [fit for each in value if (fit := _fitted(each, item)) is not _MISFIT]
        case inspect.DictType(value_type=item) if isinstance(value, dict):
            members = ((characters.whole(name), _fitted(each, item)) for name, each in value.items())
            return {name: fit for name, fit in members if fit is not _MISFIT}
        case _:
            return _fitted_scalar(value, kind)


def _fitted_scalar(value: object, kind: inspect.Type) -> Any:
    match kind, value:
        case (inspect.StrType(), str()):
            return characters.whole(value)
        case (inspect.BoolType(), bool()) | (inspect.NoneType(), None) | (inspect.AnyType(), _):
            return value
        case (inspect.FloatType() | inspect.IntType(), int() | float()) if not isinstance(value, bool):
            return value
        case _:
            return _MISFIT


_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])
_scalar = msgspec.json.Decoder()


def outline(element: msgspec.Raw | memoryview) -> object:
    """What the element looks like, as plain objects of bounded size, however large it is. None for what can't be
    read."""
    try:
        return _outline(element, OUTLINED, OUTLINED_DEPTH)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    content = bytes(element[:OUTLINED_AT_ONCE]) if isinstance(element, memoryview) else bytes(element)
    try:
        return tolerant(content)
    except Unusable:
        return None


def _outline(element: msgspec.Raw | memoryview, members: int, depth: int) -> object:
    content = memoryview(element)
    opening = bytes(content[:1])
    if depth == 0 and opening in (b"{", b"["):
        return None
    if opening == b"{":
        inside = [*_members.decode(content).items()][:members]
        return {name: _outline(each, OUTLINED_INSIDE, depth - 1) for name, each in inside}
    if opening == b"[":
        return [_outline(each, OUTLINED_INSIDE, depth - 1) for each in _items.decode(content)[:members]]
    return _scalar.decode(content) if len(content) <= OUTLINED_TEXT else ""
