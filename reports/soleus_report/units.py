"""Numbers for people: SI prefixes, and an uncertainty that says how many digits count."""

from __future__ import annotations

import math

_PREFIXES: dict[int, str] = {-12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
# These take no prefix.
_PLAIN = {"", "1", "%", "logic", "ppm", "dB", "bit", "mL", "mL/s", "mL/min", "L/min", "mmHg", "cm2", "mA/cm2", "W/cm2"}


def exponent_of(magnitude: float, unit: str) -> int:
    """The power of ten, a multiple of three, by which a value of this size is shown."""
    if unit in _PLAIN or magnitude == 0 or not math.isfinite(magnitude):
        return 0
    # 999.96 is shown as 1000 with four digits, so the size is rounded before it is classed.
    rounded = float(f"{abs(magnitude):.4g}")
    return min(9, max(-12, 3 * math.floor(math.log10(rounded) / 3)))


def unit_name(unit: str, exponent: int) -> str:
    return "" if unit == "1" else _PREFIXES[exponent] + unit


def _join(number: str, unit: str) -> str:
    return f"{number} {unit}" if unit else number


def _not_a_number(value: float) -> str:
    return "not a number" if math.isnan(value) else ("infinite" if value > 0 else "-infinite")


def quantity(value: float, unit: str, digits: int = 4) -> str:
    """'300 us', '20.5 mA': `digits` significant digits, no trailing zeros."""
    if not math.isfinite(value):
        return _not_a_number(value)
    exponent = exponent_of(value, unit)
    number = f"{value / 10**exponent:.{digits}g}"
    if "e" in number:
        tiny = abs(float(number)) < 1e-3
        number = f"{float(number):.{digits - 1}e}" if tiny else f"{float(number):.0f}"
    return _join(number, unit_name(unit, exponent))


def uncertain(value: float, u: float, unit: str, k: float) -> str:
    """'251.30 ms ± 0.40 ms': value and U = k u, to two significant digits of U."""
    if not math.isfinite(value):
        return _not_a_number(value)
    expanded = k * u
    if not math.isfinite(expanded) or expanded < 0:
        return f"{quantity(value, unit)}, uncertainty unknown"
    if expanded == 0:
        return f"{quantity(value, unit, 6)} ± 0"
    exponent = exponent_of(max(abs(value), expanded), unit)
    scaled = expanded / 10**exponent
    # Past nine decimals the value is as good as exact, and the digits would only be noise.
    decimals = min(9, max(0, 1 - math.floor(math.log10(scaled))))
    name = unit_name(unit, exponent)
    shown = _join(f"{value / 10**exponent:.{decimals}f}", name)
    return f"{shown} ± {_join(f'{scaled:.{decimals}f}', name)}"


def probability(p: float | None) -> str:
    """A conformance probability in per cent; never rounded to certainty."""
    if p is None:
        return ""
    if not math.isfinite(p):
        return "unknown"
    if p < 1e-4:
        return "< 0.01 %"
    if p > 1 - 1e-4:
        return "> 99.99 %"
    return f"{100 * p:.4g} %"


def clock(ps: int, decimals: int = 6) -> str:
    """An instant in seconds, cut (not rounded) at `decimals`: '1.000 250 s' without grouping."""
    sign, ps = ("-", -ps) if ps < 0 else ("", ps)
    whole, rest = divmod(ps, 10**12)
    return f"{sign}{whole}.{rest:012d}"[: len(sign) + len(str(whole)) + 1 + decimals] + " s"


def span(seconds: float) -> str:
    """A duration for people: '2.31 s', '4 min 10 s', '2 h 3 min'."""
    if not math.isfinite(seconds):
        return _not_a_number(seconds)
    if seconds < 60:
        return quantity(seconds, "s", 3)
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """A count with thin groups: '10 000 000'."""
    return f"{count:,}".replace(",", "\u202f")
