"""A JSON Schema validator for the keywords that record.schema.json uses, and no others."""

from __future__ import annotations

import re
from typing import Any

_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int,
          "number": (int, float)}
_ANNOTATIONS = {"$schema", "$defs", "title", "description"}


def errors(value: Any, schema: Any, root: dict[str, Any], where: str = "$") -> list[str]:
    """What is wrong with the value; empty when it is valid. KeyError: unknown keyword."""
    if isinstance(schema, bool):
        return [] if schema else [f"{where}: nothing may stand here"]
    found: list[str] = []
    for keyword, wanted in schema.items():
        if keyword not in _ANNOTATIONS:
            found += _KEYWORDS[keyword](value, wanted, schema, root, where)
    return found


def _ref(value: Any, wanted: str, _: Any, root: dict[str, Any], where: str) -> list[str]:
    return errors(value, root["$defs"][wanted.removeprefix("#/$defs/")], root, where)


def _type(value: Any, wanted: str, _s: Any, _r: Any, where: str) -> list[str]:
    right = isinstance(value, _TYPES[wanted]) and (wanted == "boolean") == isinstance(value, bool)
    return [] if right else [f"{where}: not of type {wanted}: {value!r}"]


def _enum(value: Any, wanted: list[Any], _s: Any, _r: Any, where: str) -> list[str]:
    return [] if value in wanted else [f"{where}: {value!r} is none of {wanted}"]


def _const(value: Any, wanted: Any, _s: Any, _r: Any, where: str) -> list[str]:
    return [] if value == wanted else [f"{where}: {value!r} is not {wanted!r}"]


def _any_of(value: Any, wanted: list[Any], _: Any, root: dict[str, Any], where: str) -> list[str]:
    tried = [errors(value, option, root, where) for option in wanted]
    return [] if any(not t for t in tried) else tried[0]


def _properties(value: Any, wanted: dict[str, Any], _: Any, root: dict[str, Any], where: str
                ) -> list[str]:
    if not isinstance(value, dict):
        return []
    return [e for key, s in wanted.items() if key in value
            for e in errors(value[key], s, root, f"{where}.{key}")]


def _required(value: Any, wanted: list[str], _s: Any, _r: Any, where: str) -> list[str]:
    return [f"{where}: {key} is missing" for key in wanted
            if isinstance(value, dict) and key not in value]


def _additional(value: Any, wanted: bool, schema: Any, _: Any, where: str) -> list[str]:
    assert wanted is False
    known = schema["properties"]
    return [f"{where}: unknown key {key}" for key in value if key not in known] \
        if isinstance(value, dict) else []


def _items(value: Any, wanted: Any, schema: Any, root: dict[str, Any], where: str) -> list[str]:
    first = len(schema.get("prefixItems", []))
    return [e for i, item in enumerate(value) if i >= first
            for e in errors(item, wanted, root, f"{where}[{i}]")] if isinstance(value, list) else []


def _prefix_items(value: Any, wanted: list[Any], _: Any, root: dict[str, Any], where: str
                  ) -> list[str]:
    return [e for i, (item, s) in enumerate(zip(value, wanted))
            for e in errors(item, s, root, f"{where}[{i}]")] if isinstance(value, list) else []


def _min_items(value: Any, wanted: int, _s: Any, _r: Any, where: str) -> list[str]:
    return [f"{where}: shorter than {wanted}"] \
        if isinstance(value, list) and len(value) < wanted else []


def _minimum(value: Any, wanted: float, _s: Any, _r: Any, where: str) -> list[str]:
    return [f"{where}: {value} is less than {wanted}"] \
        if isinstance(value, (int, float)) and value < wanted else []


def _pattern(value: Any, wanted: str, _s: Any, _r: Any, where: str) -> list[str]:
    return [f"{where}: {value!r} does not match {wanted}"] \
        if isinstance(value, str) and not re.search(wanted, value) else []


_KEYWORDS = {
    "$ref": _ref, "type": _type, "enum": _enum, "const": _const, "anyOf": _any_of,
    "properties": _properties, "required": _required, "additionalProperties": _additional,
    "items": _items, "prefixItems": _prefix_items, "minItems": _min_items, "minimum": _minimum,
    "pattern": _pattern,
}
