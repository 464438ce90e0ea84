"""JSON to dataclasses, driven by their type hints; an error names the file and the key."""

from __future__ import annotations

import dataclasses
import enum
import functools
import types
import typing
from typing import Any

# Controls, and the marks that reorder text: a device must not be able to hide what it said.
_VISIBLE: dict[int, str] = {
    **{c: chr(0x2400 + c) for c in range(0x20) if c not in (0x09, 0x0A)},
    **{c: f"<U+{c:04X}>" for span in ((0x7F, 0xA0), (0x202A, 0x202F), (0x2066, 0x206A))
       for c in range(*span)},
}


class InputError(Exception):
    """The input cannot be read; the message is one line that says where and why."""


def visible(text: str) -> str:
    """The text with control characters made visible and lone surrogates replaced."""
    return text.encode("utf-8", "replace").decode("utf-8").translate(_VISIBLE)


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _wrong(where: str, expected: str, found: Any) -> InputError:
    shown = "nothing" if found is None else visible(repr(found)).replace("\n", " ")
    if len(shown) > 60:
        shown = shown[:57] + "..."
    return InputError(f"{where}: expected {expected}, found {shown}")


def _scalar(kind: type, value: Any, where: str) -> Any:
    is_bool = isinstance(value, bool)
    if kind is str and isinstance(value, str):
        return visible(value)
    if kind is bool and is_bool:
        return value
    if kind is int and isinstance(value, int) and not is_bool:
        return value
    if kind is float and isinstance(value, (int, float)) and not is_bool:
        return float(value)
    if kind is float and value in ("nan", "inf", "-inf"):
        return float(value)
    names = {str: "a text", bool: "true or false", int: "an integer", float: 'a number or "nan"'}
    raise _wrong(where, names[kind], value)


def decode(kind: Any, value: Any, where: str) -> Any:
    """Builds `kind` from parsed JSON. Keys that are absent keep the default of their field; keys
    that no field knows are ignored. Throws InputError."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return None if value is None else decode(args[0], value, where)
    if origin is list:
        if not isinstance(value, list):
            raise _wrong(where, "a list", value)
        return [decode(args[0], item, f"{where}[{i}]") for i, item in enumerate(value)]
    if origin is tuple:
        if not isinstance(value, list) or len(value) != len(args):
            raise _wrong(where, f"a list of {len(args)}", value)
        return tuple(decode(a, v, f"{where}[{i}]") for i, (a, v) in enumerate(zip(args, value)))
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise _wrong(where, "an object", value)
        hints = _hints(kind)
        return kind(**{f.name: decode(hints[f.name], value[f.name], f"{where}.{f.name}")
                       for f in dataclasses.fields(kind) if f.name in value})
    if issubclass(kind, enum.Enum):
        if value not in [e.value for e in kind]:
            raise _wrong(where, "one of " + ", ".join(e.value for e in kind), value)
        return kind(value)
    return _scalar(kind, value, where)
