"""qualification: makes the page of a qualification, of what `rig qualify` found out.

Exit codes: 0 written; 2 usage or unreadable input; 3 the page could not be made or written.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from soleus_report import svg
from soleus_report.decode import InputError, decode
from soleus_report.page import environment, write
from soleus_report.record import Verdict

SCHEMA = "soleus-rig qualification 1"
_DETECTED, _MISSED, _LIMIT = "#1b6b3a", "#7a5c00", "#a4161a"


@dataclass
class Grade:
    magnitude: int = 0
    detected: bool = False
    share: float | None = None


@dataclass
class Grading:
    unit: str = ""
    to: int = 0
    smallest_detected: int | None = None
    largest_missed: int = 0
    tried: list[Grade] = field(default_factory=list)
    error: str = ""


@dataclass
class Fault:
    id: str = ""
    title: str = ""
    requirement: str = ""
    expected_check: str = ""
    verdict: str = ""
    caught_by: str | None = None
    case: str | None = None
    found: str = ""
    time_to_detect_s: float | None = None
    wall_to_detect_s: float = 0
    first_caught_by: str | None = None
    first_requirement: str = ""
    first_case: str = ""
    first_time_s: float = 0
    rare: str = ""
    error: str = ""
    cases: int = 0
    failed_requirements: list[str] = field(default_factory=list)
    grading: Grading | None = None

    @property
    def first_is_expected(self) -> bool:
        return (self.first_caught_by, self.first_case) == (self.caught_by, self.case)


@dataclass
class Alarm:
    seed: int = 0
    case: str = ""
    verdict: Verdict = Verdict.ERROR
    reason: str = ""


@dataclass
class Qualification:
    tool: str = ""
    started_utc: str = ""
    suite: str = ""
    filter: str = ""
    bench: str = ""
    bench_sha256: str = ""
    spec_sha256: str = ""
    firmware_sha256: str = ""
    seed: int = 0
    suite_cases: int = 0
    finished: bool = False
    seeded: int = 0
    detected: int = 0
    detection_at_least: float = 0
    clean_runs: int = 0
    clean_cases: int = 0
    false_alarms: int = 0
    false_alarm_rate_at_most: float = 1
    alarms: list[Alarm] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    requirements_never_failed: list[tuple[str, str]] | None = None
    processor_s: list[tuple[str, float]] = field(default_factory=list)
    jobs: int = 0
    wall_s: float = 0


@dataclass
class Kills:
    """The faults that break one requirement."""

    requirement: str
    faults: list[Fault]

    @property
    def detected(self) -> int:
        return sum(f.verdict == "detected" for f in self.faults)


def kill_matrix(q: Qualification) -> list[Kills]:
    rows: dict[str, list[Fault]] = {}
    for fault in q.faults:
        rows.setdefault(fault.requirement or "any", []).append(fault)
    return [Kills(id, rows[id]) for id in sorted(rows)]


def load(path: Path) -> Qualification:
    """Throws InputError."""
    try:
        parsed = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}") from error
    if not isinstance(parsed, dict) or parsed.get("schema") != SCHEMA:
        raise InputError(f"{path}: schema: expected '{SCHEMA}'")
    return decode(Qualification, parsed, str(path))


class Plotter:
    def __init__(self) -> None:
        self._figure = Figure()
        FigureCanvasSVG(self._figure)
        self._drawn = 0

    def _finish(self, description: str) -> str:
        self._drawn += 1
        buffer = io.BytesIO()
        self._figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        return svg.inline(buffer.getvalue(), f"q{self._drawn}", description)

    def sensitivity(self, fault: Fault) -> str:
        """How much of its limit the named check saw used up, over the fault's magnitude."""
        grading = fault.grading
        assert grading is not None
        axes = self._axes(4.2, 2.3)
        known = [g for g in grading.tried if g.share is not None]
        axes.plot([g.magnitude for g in known], [g.share for g in known], color="#9aa5b1",
                  linewidth=1, zorder=1)
        for detected, colour, marker in ((True, _DETECTED, "o"), (False, _MISSED, "x")):
            points = [g for g in grading.tried if g.detected is detected]
            axes.scatter([g.magnitude for g in points], [g.share or 0 for g in points],
                         color=colour, marker=marker, s=26, zorder=3,
                         label="detected" if detected else "not detected")
        axes.axhline(1, color=_LIMIT, linestyle="--", linewidth=1.1)
        if grading.smallest_detected is not None:
            axes.axvline(grading.smallest_detected, color=_DETECTED, linestyle=":", linewidth=1.2)
        if grading.tried and grading.tried[0].magnitude > grading.tried[-1].magnitude:
            axes.invert_xaxis()
        largest = max((g.share for g in known if g.share is not None), default=1.0)
        if largest > 20:
            axes.set_yscale("symlog", linthresh=1)
            axes.yaxis.set_major_formatter("{x:g}")
        axes.set_xlabel(f"magnitude, {grading.unit}")
        axes.set_ylabel("share of the limit")
        axes.legend(fontsize=7, frameon=False)
        return self._finish(f"sensitivity of the check of {fault.requirement} to {fault.id}")

    def detection_times(self, faults: Sequence[Fault]) -> str:
        """Faults detected, over bench time."""
        axes = self._axes(8.6, 2.4)
        times = sorted(f.time_to_detect_s for f in faults if f.time_to_detect_s is not None)
        axes.step([0.1, *times], range(len(times) + 1), where="post", color=_DETECTED)
        axes.axhline(len(faults), color="#777777", linestyle=":", linewidth=1)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("bench time from the begin of the suite to the check that fails, s")
        axes.set_ylabel("faults detected")
        return self._finish(f"{len(times)} of {len(faults)} faults detected over bench time")

    def _axes(self, width: float, height: float):  # type: ignore[no-untyped-def]
        self._figure.clear()
        self._figure.set_size_inches(width, height)
        axes = self._figure.add_axes((0.55 / width, 0.45 / height,
                                      1 - 0.7 / width, 1 - 0.55 / height))
        axes.grid(True, color="#dddddd", linewidth=0.5)
        return axes


def render(q: Qualification) -> str:
    plotter = Plotter()
    return environment().get_template("qualification.html.j2").render(
        q=q, matrix=kill_matrix(q), graded=[f for f in q.faults if f.grading],
        not_detected=[f for f in q.faults if f.verdict != "detected"],
        curves={f.id: plotter.sensitivity(f) for f in q.faults if f.grading},
        times=plotter.detection_times(q.faults) if q.detected else "",
        css=(Path(__file__).parent / "style.css").read_text(encoding="utf-8"))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="soleus_report.qualification",
                                     description="Makes the page of a qualification.")
    parser.add_argument("file", type=Path, help="qualification.json")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        write(render(load(options.file)), options.out)
    except InputError as error:
        print(f"soleus_report: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"soleus_report: {error.filename or options.out}: {error.strerror}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
