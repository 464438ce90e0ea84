"""The trace matrix: requirement, case, finding, and the hash of the capture it was measured from.
Lines up what the record says, and says what in the chain is missing."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from typing import Any

from soleus_report.record import (CaptureRef, CaseRecord, Finding, RequirementRef, RunRecord,
                                  StepRecord)
from soleus_report.summary import RequirementRow, requirement_rows, settled_cases

SCHEMA = "soleus-rig trace 1"  # reports/trace.schema.json


@dataclass(frozen=True)
class Link:
    """One line of the matrix. Without a finding: the case names the requirement, and that is all."""

    requirement: RequirementRef
    case: CaseRecord
    step: StepRecord | None = None
    finding: Finding | None = None
    capture: CaptureRef | None = None

    @property
    def broken(self) -> bool:
        """The finding names a capture that the case did not leave behind, or one without a hash."""
        return bool(self.finding and self.finding.capture
                    and not (self.capture and self.capture.sha256))


@dataclass
class Served:
    """A capture, and what it was taken for."""

    ref: CaptureRef
    case: CaseRecord
    requirements: list[str] = field(default_factory=list)
    findings: int = 0


@dataclass
class Trace:
    rows: list[RequirementRow] = field(default_factory=list)
    links: dict[str, list[Link]] = field(default_factory=dict)  # by requirement
    captures: list[Served] = field(default_factory=list)
    free: int = 0  # findings that stand under no requirement

    @property
    def uncovered(self) -> list[str]:
        return [r.requirement.id for r in self.rows if not r.findings and not r.unknown]

    @property
    def unknown(self) -> list[str]:
        return [r.requirement.id for r in self.rows if r.unknown]

    @property
    def unused(self) -> list[Served]:
        return [c for c in self.captures if not c.findings]

    def grouped(self, requirement: str) -> list[list[Link]]:
        """The lines of a requirement, those of one case and one capture together."""
        groups: dict[tuple[int, int, str], list[Link]] = {}
        for link in self.links[requirement]:
            key = (id(link.case), id(link.capture), link.finding.capture if link.finding else "")
            groups.setdefault(key, []).append(link)
        return list(groups.values())

    @property
    def broken(self) -> list[Link]:
        return [link for links in self.links.values() for link in links if link.broken]


def findings_of(case: CaseRecord) -> list[tuple[StepRecord, Finding, CaptureRef | None]]:
    """Every finding with its step and the capture it was measured from: the latest of that name."""
    captures: dict[str, CaptureRef] = {}
    found: list[tuple[StepRecord, Finding, CaptureRef | None]] = []
    for step in case.steps:
        captures.update({ref.name: ref for ref in step.captures})
        found += [(step, f, captures.get(f.capture)) for f in step.findings]
    return found


def trace_of(record: RunRecord) -> Trace:
    trace = Trace(requirement_rows(record))
    trace.links = {row.requirement.id: [] for row in trace.rows}
    known = {row.requirement.id: row.requirement for row in trace.rows}
    for case in settled_cases(record):
        served = {id(ref): Served(ref, case) for ref in case.captures()}
        trace.captures += served.values()
        named: set[str] = set()
        for step, finding, ref in findings_of(case):
            requirement = finding.requirement_id()
            if requirement:
                named.add(requirement)
                trace.links[requirement].append(
                    Link(known[requirement], case, step, finding, ref))
            else:
                trace.free += 1
            if ref:
                served[id(ref)].findings += 1
                if requirement and requirement not in served[id(ref)].requirements:
                    served[id(ref)].requirements.append(requirement)
        for requirement in case.verifies:
            if requirement not in named:
                trace.links[requirement].append(Link(known[requirement], case))
    return trace


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else repr(value)


def _flat(link: Link, known: bool) -> dict[str, Any]:
    step, f, ref = link.step, link.finding, link.capture
    m, limit = (f.measured, f.limit) if f else (None, None)
    return {
        "requirement": link.requirement.id, "known": known, "title": link.requirement.title,
        "source": link.requirement.source, "sure": link.requirement.sure,
        "case": link.case.id, "file": link.case.file, "seed": link.case.seed,
        "attempt": link.case.attempt,
        "case_verdict": link.case.verdict.value, "complete": link.case.complete,
        "step": step.path if step else "", "where": step.where if step else "",
        "quantity": f.quantity if f else "",
        "value": _number(m.value) if m else None, "U": _number(m.k * m.u) if m else None,
        "k": _number(m.k) if m else None, "unit": m.unit if m else "",
        "found": f.found if f else "", "expected": f.expected if f else "",
        "rule": limit.rule if limit else "",
        "verdict": f.verdict.value if f else "NO FINDING", "reason": f.reason if f else "",
        "capture": f.capture if f else "", "capture_file": ref.file if ref else "",
        "capture_sha256": ref.sha256 if ref else "",
    }


def as_lines(trace: Trace) -> list[dict[str, Any]]:
    """The matrix flat, in the order of the specification; a requirement without a case has one line
    that says so."""
    lines: list[dict[str, Any]] = []
    for row in trace.rows:
        links = trace.links[row.requirement.id]
        lines += [_flat(link, not row.unknown) for link in links]
        if not links:
            empty = _flat(Link(row.requirement, CaseRecord()), True)
            lines.append({k: empty[k] for k in ("requirement", "known", "title", "source", "sure")}
                         | {"verdict": "NO CASE"})
    return lines


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    # A spreadsheet would take "== 2" for a formula, and run one that a device had sent.
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") and not _is_number(value):
        return f" {value}"
    return value


def as_csv(trace: Trace) -> str:
    buffer = io.StringIO()
    lines = as_lines(trace)
    writer = csv.DictWriter(buffer, list(_flat(Link(RequirementRef(), CaseRecord()), True)),
                            lineterminator="\n")
    writer.writeheader()
    for line in lines:
        writer.writerow({k: _cell(v) for k, v in line.items()})
    return buffer.getvalue()


def as_json(record: RunRecord, trace: Trace, altered: list[str]) -> dict[str, Any]:
    return {
        "schema": SCHEMA, "run": record.id, "verdict": record.verdict.value,
        "finished": record.finished, "altered": altered,
        "content_sha256": record.content_sha256, "spec_sha256": record.spec_sha256,
        "requirements": len(trace.rows), "uncovered": trace.uncovered, "unknown": trace.unknown,
        "broken": [f"{link.case.id}: {link.finding.capture}" for link in trace.broken
                   if link.finding],
        "findings_without_requirement": trace.free,
        "captures_without_finding": [c.ref.file for c in trace.unused],
        "captures": [{"file": c.ref.file, "sha256": c.ref.sha256, "case": c.case.id,
                      "requirements": c.requirements, "findings": c.findings}
                     for c in trace.captures],
        "trace": as_lines(trace),
    }
