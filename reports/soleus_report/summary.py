"""The run as counts and the requirements as rows: sorts what the record says, decides nothing."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from soleus_report.record import CaseRecord, Finding, RequirementRef, RunRecord, Verdict, worst_of
from soleus_report.units import quantity

_BAD_WHATEVER_WAS_FOUND = (Verdict.ERROR, Verdict.BLOCKED, Verdict.FLAKY)


def settled_cases(record: RunRecord) -> list[CaseRecord]:
    """The last attempt of every case, in the order of the plan."""
    last: dict[tuple[int, str], CaseRecord] = {}
    for case in record.cases:
        key = (case.index, case.id)
        if key not in last or case.attempt >= last[key].attempt:
            last[key] = case
    return sorted(last.values(), key=lambda c: c.index)


def not_run(record: RunRecord) -> list[str]:
    """Planned ids that left no case behind."""
    ran = Counter(c.id for c in settled_cases(record))
    missing: list[str] = []
    for planned in record.planned:
        if ran[planned] > 0:
            ran[planned] -= 1
        else:
            missing.append(planned)
    return missing


def unplanned(record: RunRecord) -> list[str]:
    surplus = Counter(c.id for c in settled_cases(record))
    surplus.subtract(Counter(record.planned))
    return sorted(surplus.elements())


@dataclass(frozen=True)
class Counts:
    by_verdict: dict[Verdict, int]
    not_run: int
    planned: int
    cut_short: int

    def adds_up(self) -> bool:
        return sum(self.by_verdict.values()) + self.not_run == self.planned


def count(record: RunRecord) -> Counts:
    cases = settled_cases(record)
    tally = Counter(c.verdict for c in cases)
    return Counts({v: tally[v] for v in Verdict}, len(not_run(record)), len(record.planned),
                  sum(not c.complete for c in cases))


def _weight(case: CaseRecord) -> Verdict:
    """A quarantined failure leaves the run INCONCLUSIVE; the rig decides which is one."""
    excused = case.quarantine is not None and case.verdict is Verdict.FAIL
    return Verdict.INCONCLUSIVE if excused else case.verdict


def quarantined(record: RunRecord) -> list[CaseRecord]:
    return [c for c in settled_cases(record) if c.quarantine is not None]


def contradictions(record: RunRecord) -> list[str]:
    """What in the record does not fit together. The page says so and changes nothing."""
    found: list[str] = []
    cases = settled_cases(record)
    if cases:
        worst = worst_of([_weight(c) for c in cases])
        if worst.gravity > record.verdict.gravity:
            found.append(f"The record calls the run {record.verdict.value}, yet a case in it "
                         f"is {worst.value}.")
    if record.verdict is Verdict.PASS and not record.finished:
        found.append("The record calls the run PASS, yet it did not finish.")
    if record.verdict is Verdict.PASS and not_run(record):
        found.append("The record calls the run PASS, yet planned cases were not run.")
    if record.verdict is Verdict.PASS and not any(c.findings() for c in cases):
        found.append("The record calls the run PASS, yet nothing was checked.")
    if extra := unplanned(record):
        found.append(f"{len(extra)} case(s) ran that were not planned, first: {extra[0]}.")
    for case in cases:
        worst_step = worst_of([s.verdict for s in case.steps]) if case.steps else Verdict.PASS
        if case.verdict is Verdict.PASS and worst_step is not Verdict.PASS:
            found.append(f"Case {case.id} is recorded as PASS, yet a step of it is "
                         f"{worst_step.value}.")
        if case.verdict is Verdict.PASS and not case.complete:
            found.append(f"Case {case.id} is recorded as PASS, yet it was cut short.")
    return found


def margin(finding: Finding) -> tuple[float, float] | None:
    """Distance of the value to the nearest bound, in the unit and relative: to half of the
    tolerance when there are two bounds, to the bound itself when there is one (infinite when that
    is zero). Negative is outside."""
    measured, limit = finding.measured, finding.limit
    if measured is None or limit is None or not math.isfinite(measured.value):
        return None
    room = [d for d in (None if limit.high is None else limit.high - measured.value,
                        None if limit.low is None else measured.value - limit.low) if d is not None]
    if not room:
        return None
    distance = min(room)
    if limit.low is not None and limit.high is not None:
        scale = (limit.high - limit.low) / 2
    else:
        scale = abs(limit.high if limit.high is not None else limit.low or 0.0)
    return distance, distance / scale if scale > 0 else math.copysign(math.inf, distance)


def margin_text(finding: Finding) -> str:
    """'12.1 ms (12 %)'."""
    found = margin(finding)
    if found is None or finding.limit is None:
        return ""
    distance, share = found
    text = quantity(distance, finding.limit.unit, 3)
    return f"{text} ({100 * share:.3g} %)" if math.isfinite(share) and abs(share) < 100 else text


@dataclass
class RequirementRow:
    requirement: RequirementRef
    limits: list[str] = field(default_factory=list)
    cases: list[CaseRecord] = field(default_factory=list)
    verdict: Verdict | None = None  # None: no case came to it
    findings: int = 0
    tightest: Finding | None = None
    unknown: bool = False  # a case names it, the spec does not know it

    @property
    def margin(self) -> str:
        return margin_text(self.tightest) if self.tightest else ""


def requirement_rows(record: RunRecord) -> list[RequirementRow]:
    """One row per requirement of the spec, then one per id that only the cases know. A row is as
    bad as the worst finding that names the requirement; a case also counts as a whole where it is
    ERROR, BLOCKED, FLAKY or cut short, or did not pass and has no such finding, or did not pass a
    finding that names no requirement: it may be about any that the case verifies. A case that
    passed without one makes no row PASS."""
    rows = {r.id: RequirementRow(r) for r in record.requirements}
    for case in settled_cases(record):
        findings: dict[str, list[Finding]] = {id: [] for id in case.verifies}
        for finding in case.findings():
            if finding.requirement_id():
                findings.setdefault(finding.requirement_id(), []).append(finding)
        nameless = any(f.verdict is not Verdict.PASS and not f.requirement_id() for f in case.findings())
        for id, found in findings.items():
            row = rows.setdefault(id, RequirementRow(RequirementRef(id=id), unknown=True))
            _add(row, case, found, nameless and id in case.verifies)
    return list(rows.values())


def _add(row: RequirementRow, case: CaseRecord, found: list[Finding], whole: bool) -> None:
    row.cases.append(case)
    row.findings += len(found)
    verdicts = [f.verdict for f in found]
    passed = case.verdict is Verdict.PASS and case.complete
    if case.verdict in _BAD_WHATEVER_WAS_FOUND or not case.complete or (not passed and (whole or not found)):
        verdicts.append(case.verdict)
    if row.verdict:
        verdicts.append(row.verdict)
    row.verdict = worst_of(verdicts) if verdicts else None
    for finding in found:
        text = finding.expected or (finding.limit.text if finding.limit else "")
        # "299 us .. 301 us (set.width +- 1 us)": the rule stands once, not with every setting.
        if text.endswith(")") and " (" in text:
            text = text[text.index(" (") + 2:-1]
        limit = f"{finding.quantity}: {text}"
        if text and limit not in row.limits:
            row.limits.append(limit)
        now, best = margin(finding), margin(row.tightest) if row.tightest else None
        if now is not None and (best is None or now[1] < best[1]):
            row.tightest = finding
