"""The record of a run as dataclasses: field names and cautious defaults are those of the rig's own
record. Times are picoseconds of the bench clock unless they say wall."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, field
from pathlib import Path

from soleus_report.decode import InputError, decode

SCHEMA = "soleus-rig record 1"


class Verdict(enum.Enum):
    """In order of gravity: a whole is as bad as its worst part."""

    PASS = "PASS"
    FLAKY = "FLAKY"
    INCONCLUSIVE = "INCONCLUSIVE"
    BLOCKED = "BLOCKED"
    FAIL = "FAIL"
    ERROR = "ERROR"

    @property
    def gravity(self) -> int:
        return list(Verdict).index(self)


def worst_of(verdicts: list[Verdict]) -> Verdict:
    """REQUIRES: at least one."""
    return max(verdicts, key=lambda v: v.gravity)


@dataclass
class Measurement:
    name: str = ""
    value: float = float("nan")
    u: float = float("nan")  # standard uncertainty
    k: float = 2.0  # coverage factor: U = k u
    budget: list[tuple[str, float]] = field(default_factory=list)  # source, standard uncertainty
    unit: str = ""
    statistic: str = ""
    count: int = 0
    lowest: float = float("nan")
    highest: float = float("nan")
    at_ps: int | None = None


@dataclass
class Limit:
    low: float | None = None
    high: float | None = None
    unit: str = ""
    text: str = ""
    requirement: str = ""
    rule: str = ""


@dataclass
class Finding:
    quantity: str = ""
    capture: str = ""
    measured: Measurement | None = None
    limit: Limit | None = None
    requirement: str = ""
    expected: str = ""
    found: str = ""
    reason: str = ""
    conformance: float | None = None
    instant: str | None = None
    event_ps: int | None = None
    verdict: Verdict = Verdict.ERROR

    def requirement_id(self) -> str:
        return self.requirement or (self.limit.requirement if self.limit else "")


@dataclass
class ClockFit:
    drift: float = float("nan")
    drift_u: float = float("nan")
    offset_s: float = float("nan")
    offset_u_s: float = float("nan")
    residual_rms_s: float = float("nan")
    residual_max_s: float = float("nan")
    arrivals: int = 0
    points: int = 0
    blind_s: float = float("nan")


@dataclass
class CaptureRef:
    name: str = ""
    file: str = ""
    sha256: str = ""
    samples: int = 0
    segments: int = 0
    segments_kept: int = 0
    lost: int = 0
    clipped: list[tuple[str, int]] = field(default_factory=list)
    clock: ClockFit | None = None


@dataclass
class Exchange:
    at_ps: int = 0
    to_device: bool = False
    bytes: str = ""
    meaning: str = ""


@dataclass
class AppliedDisturbance:
    what: str = ""
    asked_ps: int = 0
    achieved_ps: int = 0


@dataclass
class StepRecord:
    path: str = ""
    where: str = ""
    kind: str = ""
    text: str = ""
    verdict: Verdict = Verdict.ERROR
    error: str = ""
    begun_ps: int = 0
    ended_ps: int = 0
    findings: list[Finding] = field(default_factory=list)
    captures: list[CaptureRef] = field(default_factory=list)
    dialogue: list[Exchange] = field(default_factory=list)
    disturbances: list[AppliedDisturbance] = field(default_factory=list)


@dataclass
class CaseRecord:
    index: int = 0
    id: str = ""
    scenario: str = ""
    file: str = ""
    verifies: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    parameters: list[tuple[str, str]] = field(default_factory=list)
    seed: int = 0
    attempt: int = 1
    quarantine: str | None = None  # why a FAIL of it does not decide the run
    verdict: Verdict = Verdict.ERROR
    reason: str = ""
    steps: list[StepRecord] = field(default_factory=list)
    bench_time_ps: int = 0
    wall_seconds: float = 0
    complete: bool = False

    def findings(self) -> list[Finding]:
        return [f for step in self.steps for f in step.findings]

    def captures(self) -> list[CaptureRef]:
        return [c for step in self.steps for c in step.captures]

    def dialogue(self) -> list[Exchange]:
        return sorted((e for step in self.steps for e in step.dialogue), key=lambda e: e.at_ps)

    def disturbances(self) -> list[AppliedDisturbance]:
        return sorted((d for step in self.steps for d in step.disturbances),
                      key=lambda d: d.achieved_ps)


@dataclass
class RequirementRef:
    id: str = ""
    title: str = ""
    text: str = ""
    source: str = ""
    sure: str = ""


@dataclass
class RunRecord:
    schema: str = ""
    id: str = ""
    tool: str = ""
    bench: str = ""
    bench_file: str = ""
    bench_sha256: str = ""
    device: str = ""
    firmware: str = ""
    firmware_sha256: str = ""
    spec_file: str = ""
    spec_sha256: str = ""
    instruments: list[tuple[str, str]] = field(default_factory=list)
    seed: int = 0
    started_utc: str = ""
    wall_seconds: float = 0
    requirements: list[RequirementRef] = field(default_factory=list)
    planned: list[str] = field(default_factory=list)
    cases: list[CaseRecord] = field(default_factory=list)
    finished: bool = False
    ended_by: str | None = None  # what ended it early
    verdict: Verdict = Verdict.ERROR
    content_sha256: str = ""


def load_record(folder: Path) -> RunRecord:
    """Reads record.json of a run folder. Throws InputError."""
    path = folder / "record.json"
    try:
        parsed = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from error
    if not isinstance(parsed, dict) or parsed.get("schema") != SCHEMA:
        found = parsed.get("schema", "nothing") if isinstance(parsed, dict) else "no object"
        raise InputError(f"{path}: schema: expected '{SCHEMA}', found {found!r}")
    try:
        return decode(RunRecord, parsed, str(path))
    except RecursionError as error:
        raise InputError(f"{path}: nested too deeply") from error
