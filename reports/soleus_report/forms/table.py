"""A form as data, and the lines of it that a run can fill. A figure is a finding of the record, or
computed from findings by a formula that the page prints; what the run does not have stays open."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from soleus_report.capture import sha256_of
from soleus_report.record import (CaptureRef, CaseRecord, Finding, Measurement, RunRecord, Verdict,
                                  worst_of)
from soleus_report.story import first_failing_stage
from soleus_report.summary import margin, settled_cases
from soleus_report.trace import findings_of
from soleus_report.units import uncertain

ALTERED, NOT_MEASURED = "ALTERED", "NOT MEASURED"
DECLARE, OTHER_MODE = "TO DECLARE", "OTHER MODE"  # nothing is missing


class Pick(enum.Enum):
    """Which of several figures stands in the table."""

    LARGEST = "largest"  # by magnitude
    WORST = "worst"      # the one nearest to its limit
    RANGE = "range"      # from the smallest to the largest
    WORDS = "words"      # what was found, in words


@dataclass(frozen=True)
class Shown:
    """A unit of the form, and what one of the record's is worth in it."""

    unit: str
    per: float


MA_PER_CM2 = Shown("mA/cm2", 0.1)   # from A/m2
W_PER_CM2 = Shown("W/cm2", 1e-4)    # from W/m2


@dataclass(frozen=True)
class Line:
    """Filled by the findings of one quantity in the cases of one scenario of the form's suite."""

    file: str  # the scenario's name, without its ending
    quantity: str
    label: str = ""
    where: tuple[tuple[str, str], ...] = ()  # parameters that the case has to have
    pick: Pick = Pick.LARGEST
    capture: str = ""    # only findings from it
    held: bool = False   # only findings that stand under a requirement
    shown: Shown | None = None
    percent: bool = False  # U in percent of the figure besides
    words: Callable[[Measurement], str] | None = None  # instead of the figure


@dataclass(frozen=True)
class Derived:
    """Computed from several findings of one case, for every case that has them all."""

    file: str
    label: str
    inputs: tuple[str, ...]
    formula: str
    value: Callable[..., tuple[float, float]]  # of the measurements: value, standard uncertainty
    unit: str


@dataclass(frozen=True)
class Declared:
    """What no bench can measure."""

    label: str
    how: str = "to be declared by the manufacturer"


Part = Line | Derived | Declared


@dataclass(frozen=True)
class Row:
    label: str
    parts: tuple[Part, ...]
    note: str = ""
    clause: str = ""


@dataclass(frozen=True)
class Form:
    name: str
    title: str
    suite: str      # folder of scenarios/standards
    edition: str    # the text that asks for it, and how well it is known
    about: str      # what the figures rest on
    general: tuple[Row, ...]
    of_mode: tuple[Row, ...] = ()   # with the traces, once for each value of the parameter `mode`

    @property
    def suite_path(self) -> str:
        return f"scenarios/standards/{self.suite}"


@dataclass(frozen=True)
class LimitView:
    text: str
    sure: str
    source: str
    requirement: str
    verdict: str


@dataclass
class Cell:
    """One line of the finished table."""

    label: str = ""
    text: str = ""
    small: str = ""
    verdict: str = NOT_MEASURED
    reasons: list[str] = field(default_factory=list)
    limits: list[LimitView] = field(default_factory=list)
    evidence: list[int] = field(default_factory=list)

    @property
    def doubtful(self) -> bool:
        return self.verdict not in (Verdict.PASS.value, Verdict.FAIL.value)

    @property
    def figure(self) -> bool:
        return self.verdict not in (NOT_MEASURED, DECLARE, OTHER_MODE)


@dataclass
class Figure:
    """One value of one case; several findings where several limits are held against it."""

    case: CaseRecord
    ref: CaptureRef | None
    findings: list[Finding]

    @property
    def measured(self) -> Measurement | None:
        return self.findings[0].measured

    def finite(self) -> bool:
        m = self.measured
        return m is not None and math.isfinite(m.value) and math.isfinite(m.k * m.u)


def sure_word(sure: str, source: str) -> str:
    """How sure the source of a limit is, for a reviewer. A figure of an IEC standard counts as
    verified only in a bought copy, and none was bought: quotes of it are secondary."""
    if sure == "F":
        return "secondary" if "IEC" in source else "verified"
    return {"f": "secondary", "B": "not verified", "GK": "not verified", "C": "computed",
            "house": "own figure"}.get(sure, "no source")


SURE_WORDS = {
    "verified": "read in the named source",
    "secondary": "quoted by others; not compared with a bought copy of the standard",
    "not verified": "commonly stated or general knowledge; not verified against a bought standard",
    "computed": "computed from other limits",
    "own figure": "set by the device's own specification, no standard's",
    "no source": "stands in the scenario only",
}


class Filler:
    """Fills the lines of a form from one run."""

    def __init__(self, form: Form, folder: Path, record: RunRecord, altered: list[str]) -> None:
        self._form, self._folder, self._altered = form, folder.resolve(), altered
        self._planned = record.planned
        self._requirements = {r.id: r for r in record.requirements}
        self.cases = [c for c in settled_cases(record)
                      if PurePosixPath(c.file).parent.name == form.suite]
        self.evidence: list[tuple[CaseRecord, CaptureRef | None]] = []
        self._kept: dict[str, bool] = {}

    @property
    def modes(self) -> list[str]:
        return list(dict.fromkeys(v for c in self.cases for k, v in c.parameters if k == "mode"))

    def rows(self, rows: tuple[Row, ...], mode: str = "") -> list[tuple[Row, list[Cell]]]:
        return [(row, [self.cell(part, mode) for part in row.parts]) for row in rows]

    def cell(self, part: Part, mode: str = "") -> Cell:
        if isinstance(part, Declared):
            return Cell(part.label, part.how, verdict=DECLARE)
        cell = self._line(part, mode) if isinstance(part, Line) else self._derived(part, mode)
        if cell.verdict == NOT_MEASURED:
            self._say_why(part.file, mode, cell)
        elif self._altered:
            cell.verdict = ALTERED
        return cell

    def _say_why(self, file: str, mode: str, cell: Cell) -> None:
        others = [v for c in self.cases_of(file, ()) for k, v in c.parameters if k == "mode"]
        planned = any(f"{self._form.suite}/{file}" in id and f"mode={mode}" in id
                      for id in self._planned)
        if mode and others and mode not in others and not planned:
            cell.verdict = OTHER_MODE
            cell.text = f"mode {', '.join(dict.fromkeys(others))} only"
        else:
            cell.text = f"not measured in this run: run {self._form.suite_path}"
            cell.small = ""

    def cases_of(self, file: str, where: tuple[tuple[str, str], ...]) -> list[CaseRecord]:
        return [c for c in self.cases if PurePosixPath(c.file).stem == file
                and all(pair in c.parameters for pair in where)]

    def number(self, case: CaseRecord, ref: CaptureRef | None) -> int:
        """The number under which the evidence is listed."""
        for n, (known, capture) in enumerate(self.evidence):
            if known is case and capture is ref:
                return n + 1
        self.evidence.append((case, ref))
        return len(self.evidence)

    def kept(self, ref: CaptureRef) -> bool:
        """The capture's file is the one that the run left."""
        if ref.file not in self._kept:
            path = (self._folder / ref.file).resolve()
            whole = bool(ref.file and ref.sha256) and path.is_relative_to(self._folder) \
                and path.is_file()
            self._kept[ref.file] = whole and sha256_of(path) == ref.sha256
        return self._kept[ref.file]

    def _figures(self, case: CaseRecord, line: Line) -> Iterator[Figure]:
        found: dict[tuple[int, str, str], Figure] = {}
        for _, finding, ref in findings_of(case):
            if finding.quantity != line.quantity or (line.held and not finding.requirement_id()) \
                    or (line.capture and finding.capture != line.capture):
                continue
            value = repr(finding.measured.value) if finding.measured else finding.found
            key = (id(ref), finding.capture, value)
            found.setdefault(key, Figure(case, ref, [])).findings.append(finding)
        yield from found.values()

    def _line(self, line: Line, mode: str) -> Cell:
        cell = Cell(line.label)
        cases = self.cases_of(line.file, line.where + ((("mode", mode),) if mode else ()))
        if not cases:
            return cell
        figures: list[Figure] = []
        verdicts: list[Verdict] = []
        for case in cases:
            mine = list(self._figures(case, line))
            figures += mine
            verdicts += self._judged(case, mine, line.quantity, cell)
        cell.verdict = worst_of(verdicts).value
        self._spoilt(figures, cell)
        if line.pick is Pick.WORDS:
            chosen = list({f.findings[0].found: f for f in figures}.values())
            cell.text = ", ".join(f.findings[0].found for f in chosen) or "nothing"
        else:
            chosen = _chosen([f for f in figures if f.finite()], line.pick)
            cell.text = " to ".join(_text(f.measured, line) for f in chosen if f.measured) \
                or "no figure"
        self._describe(cell, chosen, figures)
        if line.percent and chosen and chosen[0].measured and chosen[0].measured.value:
            share = abs(100 * chosen[0].measured.k * chosen[0].measured.u / chosen[0].measured.value)
            cell.small = f"± {share:.2g} %{', ' if cell.small else ''}{cell.small}"
        return cell

    def _judged(self, case: CaseRecord, figures: list[Figure], what: str,
                cell: Cell) -> list[Verdict]:
        """What the case says about the line, its own troubles included."""
        verdicts = [f.verdict for figure in figures for f in figure.findings]
        for figure in figures:
            cell.reasons += [f.reason or f"{f.quantity}: {f.found}" for f in figure.findings
                             if f.verdict is not Verdict.PASS]
            if figure.measured is not None and not figure.finite():
                verdicts.append(Verdict.ERROR)
        bad = case.verdict in (Verdict.ERROR, Verdict.BLOCKED, Verdict.FLAKY)
        if bad or not case.complete or not figures:
            why = case.reason or (first_failing_stage(case) if case.verdict is not Verdict.PASS
                                  or not case.complete else f"it has no finding of {what}")
            cell.reasons.append(f"{case.id} is {case.verdict.value}: {why}")
            verdicts.append(case.verdict if bad and case.complete else Verdict.ERROR)
        return verdicts

    def _spoilt(self, figures: list[Figure], cell: Cell) -> None:
        for figure in figures:
            if figure.ref and not self.kept(figure.ref):
                cell.verdict = ALTERED
                cell.reasons.append(f"{figure.ref.file} is not the file that was recorded")

    def _describe(self, cell: Cell, chosen: list[Figure], figures: list[Figure]) -> None:
        measured = chosen[0].measured if chosen else None
        if measured and measured.count > 1:
            which = {"every": "worst of", "window": "over"}
            cell.small = f"{which.get(measured.statistic, measured.statistic + ' of')} " \
                         f"{measured.count} pulses"
        cases = {id(f.case) for f in figures}
        if len(cases) > max(1, len(chosen)):
            cell.small += f"{', ' if cell.small else ''}of {len(cases)} cases"
        cell.reasons = list(dict.fromkeys(cell.reasons))
        for figure in chosen:
            cell.evidence.append(self.number(figure.case, figure.ref))
            cell.limits += [self._limit(f, len(chosen) > 1) for f in figure.findings]
        cell.limits = list(dict.fromkeys(cell.limits))
        cell.evidence = sorted(set(cell.evidence))

    def _limit(self, finding: Finding, shortly: bool) -> LimitView:
        id = finding.requirement_id()
        known = self._requirements.get(id)
        sure = sure_word(known.sure, known.source) if known else "no source"
        text = finding.expected
        if shortly and text.endswith(")") and " (" in text:  # "299 us .. 301 us (set.width +- 1 us)"
            text = text[text.index(" (") + 2:-1]
        return LimitView(text, sure, known.source if known else "", id,
                         finding.verdict.value)

    def _derived(self, part: Derived, mode: str) -> Cell:
        cell = Cell(part.label, small=part.formula)
        texts: list[str] = []
        verdicts: list[Verdict] = []
        for case in self.cases_of(part.file, (("mode", mode),) if mode else ()):
            figures = [next(self._figures(case, Line(part.file, q)), None) for q in part.inputs]
            whole = [f for f in figures if f and f.finite()]
            verdicts += self._judged(case, [f for f in figures if f], ", ".join(part.inputs), cell)
            self._spoilt([f for f in figures if f], cell)
            if len(whole) < len(part.inputs):
                texts.append("no figure")
                verdicts.append(Verdict.ERROR)
                continue
            value, u = part.value(*(f.measured for f in whole))
            texts.append(_unbroken(uncertain(value, u, part.unit, 2.0)))
            cell.evidence.append(self.number(case, whole[0].ref))
        if not verdicts:
            return cell
        cell.verdict = ALTERED if cell.verdict == ALTERED else worst_of(verdicts).value
        cell.text = ", ".join(dict.fromkeys(texts))
        cell.reasons = list(dict.fromkeys(cell.reasons))
        return cell


def _chosen(figures: list[Figure], pick: Pick) -> list[Figure]:
    def value(figure: Figure) -> float:
        assert figure.measured is not None
        return figure.measured.value

    def nearness(figure: Figure) -> float:
        margins = [m[1] for m in map(margin, figure.findings) if m]
        return min(margins, default=math.inf)

    if not figures:
        return []
    if pick is Pick.RANGE:
        ends = [min(figures, key=value), max(figures, key=value)]
        return ends if value(ends[0]) < value(ends[1]) else ends[:1]
    if pick is Pick.WORST:
        return [min(figures, key=nearness)]
    return [max(figures, key=lambda f: abs(value(f)))]


def _text(measured: Measurement, line: Line) -> str:
    if line.words:
        return line.words(measured)
    if line.shown:
        per = line.shown.per
        return _unbroken(uncertain(measured.value * per, measured.u * per, line.shown.unit,
                                   measured.k))
    return _unbroken(uncertain(measured.value, measured.u, measured.unit, measured.k))


def _unbroken(text: str) -> str:
    """A figure breaks at its sign at most."""
    return text if "±" not in text else text.replace(" ", "\u00a0").replace("\u00a0±", " ±")
