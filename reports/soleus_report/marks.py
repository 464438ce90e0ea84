"""What is drawn into a waveform besides the samples: events, the deciding pulse, limits. The
quantities named here are those of the rig's catalogue that a waveform can show; the others stand in
the table only."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import numpy as np

from soleus_report.capture import Capture, Channel
from soleus_report.record import AppliedDisturbance, CaseRecord, Finding
from soleus_report.units import quantity

_PS = 10**12
_STATISTICS = (".mean", ".min", ".max", ".first", ".last", ".sd")
_LONGEST_PULSE_PS = 3 * 10**9  # 3 ms: what is looked at from the onset of a pulse
_LONGEST_GAP_PS = 10**9        # 1 ms: phases further apart belong to separate pulses


class Kind(enum.Enum):
    EVENT = "event"
    DECIDING = "deciding"
    FOUND = "found"
    LIMIT = "limit"
    TRIGGER = "trigger"
    BASELINE = "baseline"


@dataclass(frozen=True)
class VLine:
    """An instant."""

    at_ps: int
    label: str
    kind: Kind


@dataclass(frozen=True)
class VBand:
    """The stretch in which an edge has to lie."""

    from_ps: int
    to_ps: int
    label: str


@dataclass(frozen=True)
class HLimit:
    """A bound of the value, in the channels of one unit, over a stretch of time or everywhere."""

    value: float
    unit: str
    label: str
    from_ps: int | None = None
    to_ps: int | None = None
    kind: Kind = Kind.LIMIT


@dataclass
class Marks:
    lines: list[VLine] = field(default_factory=list)
    bands: list[VBand] = field(default_factory=list)
    limits: list[HLimit] = field(default_factory=list)


@dataclass(frozen=True)
class Phase:
    """A run of one sign beyond half of the largest magnitude near it. For drawing only: the
    numbers in the record come from the rig."""

    begin_ps: int
    end_ps: int


def base_name(finding: Finding) -> str:
    """The catalogue's name of the quantity, without its statistic."""
    name = finding.measured.name if finding.measured else finding.quantity
    for suffix in _STATISTICS:
        if name.endswith(suffix):
            return name[: -len(suffix)]
    return name


def main_channel(capture: Capture) -> Channel:
    named = [c for c in capture.channels if c.name == "current"]
    return (named or capture.channels)[0]


def phases_from(capture: Capture, channel: Channel, onset_ps: int) -> list[Phase]:
    """The phases of the pulse that begins at `onset_ps`. Empty when nothing stands out there."""
    lead = 20  # samples: the onset is an interpolated instant, its edge may begin before it
    begin = capture.index_at(onset_ps) - lead
    end = capture.index_at(onset_ps + _LONGEST_PULSE_PS)
    index, value = capture.samples(channel, begin, end)
    if len(value) < 3:
        return []
    strength = np.nan_to_num(np.abs(value))
    # Half of the largest would do, were it not for one sample of noise or overshoot.
    half = 0.5 * float(np.quantile(strength, 1 - 3 / len(strength)))
    if half <= 0:
        return []
    sign = np.where(strength >= half, np.sign(value), 0)
    edges = np.flatnonzero(np.diff(sign, prepend=0, append=0))
    phases: list[Phase] = []
    for a, b in zip(edges[:-1], edges[1:]):
        if sign[a] == 0 or b - a < 3:
            continue
        phase = Phase(capture.time_ps(int(index[a])), capture.time_ps(int(index[b - 1])))
        if phases and phase.begin_ps - phases[-1].end_ps > _LONGEST_GAP_PS:
            break
        phases.append(phase)
    return phases


def disturbances_in(case: CaseRecord, capture: Capture) -> list[AppliedDisturbance]:
    last = capture.time_ps(capture.end)
    return [d for d in case.disturbances() if capture.armed_at_ps <= d.achieved_ps <= last]


def event_of(case: CaseRecord, capture: Capture, finding: Finding) -> tuple[int, str] | None:
    """What a latency counts from: the last thing done to the device before the deciding pulse, or
    the first one after it when the output stopped at once."""
    found = [(d.achieved_ps, d.what) for d in disturbances_in(case, capture)]
    if not found:
        last = capture.time_ps(capture.end)
        found = [(e.at_ps, f"sent: {e.meaning}") for e in case.dialogue()
                 if e.to_device and e.meaning.startswith("stop")
                 and capture.armed_at_ps <= e.at_ps <= last]
    at = finding.measured.at_ps if finding.measured else None
    before = [f for f in found if at is None or f[0] <= at]
    event = before[-1] if before else (found[0] if found else None)
    if event and finding.event_ps is not None:  # the host's instants are less sharp than its edge
        return finding.event_ps, event[1]
    return event


def event_lines(case: CaseRecord, capture: Capture) -> list[VLine]:
    return [VLine(d.achieved_ps, d.what, Kind.EVENT) for d in disturbances_in(case, capture)]


def latency_marks(finding: Finding, event_ps: int) -> list[VLine]:
    """Where the output had to be off, and where it was."""
    marks: list[VLine] = []
    if finding.limit and finding.limit.high is not None:
        bound = finding.limit.high
        marks.append(VLine(event_ps + round(bound * _PS), f"limit {quantity(bound, 's')}",
                           Kind.LIMIT))
    if finding.measured and np.isfinite(finding.measured.value):
        value = finding.measured.value
        marks.append(VLine(event_ps + round(value * _PS), f"off {quantity(value, 's')}",
                           Kind.FOUND))
    return marks


def is_latency(finding: Finding) -> bool:
    return finding.measured is not None and base_name(finding) == "output.off_latency"


def _edge_band(finding: Finding, begin_ps: int, what: str) -> VBand | None:
    limit = finding.limit
    if limit is None or limit.high is None:
        return None
    low = 0.0 if limit.low is None else limit.low
    return VBand(begin_ps + round(low * _PS), begin_ps + round(limit.high * _PS), what)


def _bounds(finding: Finding, phase: Phase | None, mirrored: bool) -> list[HLimit]:
    limit = finding.limit
    if limit is None:
        return []
    marks: list[HLimit] = []
    for bound in (limit.low, limit.high):
        if bound is None:
            continue
        for value in {bound, -bound} if mirrored else {bound}:
            marks.append(HLimit(value, limit.unit, quantity(value, limit.unit),
                                phase.begin_ps if phase else None, phase.end_ps if phase else None))
    return sorted(marks, key=lambda m: m.value)


def pulse_marks(findings: list[Finding], phases: list[Phase]) -> Marks:
    """The limits that these findings put on one pulse."""
    marks = Marks()
    for finding in findings:
        name = base_name(finding)
        number = 1 if name.startswith("phase2.") else 0
        phase = phases[number] if number < len(phases) else None
        if name in ("phase1.width", "phase2.width") and phase:
            label = f"phase {number + 1} ends: {_limit_text(finding)}"
            if band := _edge_band(finding, phase.begin_ps, label):
                marks.bands.append(band)
        elif name == "gap" and phases:
            if band := _edge_band(finding, phases[0].end_ps, f"gap ends: {_limit_text(finding)}"):
                marks.bands.append(band)
        elif name in ("phase1.amplitude", "phase2.amplitude"):
            marks.limits += _bounds(finding, phase, mirrored=False)
        elif name in ("current.peak", "voltage.peak"):
            marks.limits += _bounds(finding, None, mirrored=True)
    marks.bands = list(dict.fromkeys(marks.bands))
    marks.limits = list(dict.fromkeys(marks.limits))
    return marks


def _limit_text(finding: Finding) -> str:
    assert finding.limit is not None
    return finding.limit.text or finding.expected
