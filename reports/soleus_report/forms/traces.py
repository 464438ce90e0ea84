"""The traces that the FDA table asks for: for each mode a single pulse at 500 ohm, 2 kohm and
10 kohm, and a train at 500 ohm, drawn from the captures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from soleus_report.capture import Capture, CaptureError
from soleus_report.forms.table import Filler
from soleus_report.marks import HLimit, Kind, Marks
from soleus_report.plots import Plotter, View
from soleus_report.record import CaptureRef, CaseRecord, Verdict

_PS = 10**12
_BEFORE, _AFTER = 100e-6, 1250e-6  # s, shown around the onset of a pulse


@dataclass
class TraceView:
    title: str
    svg: str = ""
    caption: str = ""
    missing: str = ""     # why it is not drawn
    warning: str = ""
    evidence: int = 0


_WANTED = (("output", "500 ohm"), ("output", "2 kohm"), ("output", "10 kohm"), ("train", "500 ohm"))


def settings_of(case: CaseRecord) -> str:
    """What was set before the output was looked at, in the words of the steps."""
    words = [s.text for s in case.steps if s.kind in ("load", "supply", "set")]
    return "; ".join(dict.fromkeys(words)) or "the device's own settings"


def traces_of(filler: Filler, mode: str, folder: Path, plotter: Plotter,
              suite: str) -> list[TraceView]:
    """One view for each trace that is asked for, drawn or not."""
    views: list[TraceView] = []
    for file, load in _WANTED:
        what = "Single pulse" if file == "output" else "Train"
        view = TraceView(f"{what}, {load}" + (f", mode: {mode}" if mode else ""))
        views.append(view)
        where = ((("mode", mode),) if mode else ()) + \
            ((("load", load),) if file == "output" else ())
        cases = filler.cases_of(file, where)
        refs = [(c, ref) for c in cases for ref in c.captures()]
        if not refs:
            view.missing = f"not measured in this run: run {suite}"
            continue
        case, ref = refs[0]
        view.evidence = filler.number(case, ref)
        try:
            _draw(view, case, ref, folder, plotter, file == "output")
        except CaptureError as error:
            view.missing = f"cannot be drawn: {error}"
        if not filler.kept(ref):
            view.warning = "ALTERED: the file is not the one that was recorded"
        elif case.verdict is not Verdict.PASS:
            view.warning = f"the case is {case.verdict.value}"
    return views


def _draw(view: TraceView, case: CaseRecord, ref: CaptureRef, folder: Path, plotter: Plotter,
          single: bool) -> None:
    path = (folder / ref.file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise CaptureError(f"'{ref.file}' is not a file of the run folder")
    with Capture(path) as capture:
        if capture.rows == 0:
            raise CaptureError("no samples in it")
        if single:
            onset = _strongest_onset(capture)
            begin = onset - round(_BEFORE * capture.rate)
            end = onset + round(_AFTER * capture.rate)
            origin, label = capture.time_ps(onset), "time from the onset"
        else:
            begin, end = int(capture.first[0]), capture.end
            origin, label = capture.time_ps(begin), "time from arming"
        shown = [c for c in capture.channels if c.unit in ("A", "V")]
        baseline = [HLimit(0.0, unit, "baseline", kind=Kind.BASELINE)
                    for unit in dict.fromkeys(c.unit for c in shown)]
        view.svg = plotter.draw(capture, View(begin, end, origin, label, shown, axes_height=78.0),
                                Marks(limits=baseline), f"{view.title}. {settings_of(case)}")
    view.caption = settings_of(case)


def _strongest_onset(capture: Capture) -> int:
    """The sample at which the strongest kept pulse passes half of its first phase's height."""
    current = capture.channels[0]
    best, at = -1.0, int(capture.first[0])
    for first, count in zip(capture.first, capture.count):
        if not count:
            continue
        index, value = capture.samples(current, int(first), int(first + count))
        height = float(np.max(np.abs(value)))
        if height > 1.02 * best:  # of pulses that are alike the first
            best = height
            at = int(index[np.flatnonzero(np.abs(value) >= height / 2)[0]])
    return at
