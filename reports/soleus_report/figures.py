"""Chooses the pictures of a case: the whole of each capture, the event, the deciding pulse."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from soleus_report import marks as m
from soleus_report.capture import Capture, CaptureError, Channel, sha256_of
from soleus_report.marks import Kind, Marks, VLine
from soleus_report.plots import Plotter, View, shortened
from soleus_report.record import CaptureRef, CaseRecord, Finding, Verdict
from soleus_report.story import deciding_finding, deciding_step
from soleus_report.units import clock, quantity, size

MOST_CAPTURES = 4   # drawn per case
_MOST_CHANNELS = 4  # drawn per capture
_PS = 10**12
_AFTER_EVENT_PS = 150 * 10**9  # shown after an event when no limit says how long


@dataclass
class Picture:
    title: str
    svg: str
    caption: str


@dataclass
class CaptureView:
    """One capture on the page: its pictures, or why there are none."""

    ref: CaptureRef
    pictures: list[Picture] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def recorded_warnings(ref: CaptureRef) -> list[str]:
    """What the record itself says against a capture."""
    found = [f"{name}: {size(n)} sample{'s' if n != 1 else ''} clipped at full scale (triangles)"
             for name, n in ref.clipped if n]
    if ref.lost:
        found.append(f"samples lost in {size(ref.lost)} place{'s' if ref.lost != 1 else ''}")
    if ref.segments_kept < ref.segments:
        found.append(f"{size(ref.segments_kept)} of {size(ref.segments)} measured segments are "
                     "kept in the file")
    return found


class Illustrator:
    """Draws the captures of the cases of one run folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._plotter = Plotter()

    @property
    def drawn(self) -> int:
        return self._plotter.drawn

    def draw(self, case: CaseRecord) -> list[CaptureView]:
        """A capture that cannot be read says so in its warnings; the page goes on."""
        views: list[CaptureView] = []
        decided = deciding_finding(deciding_step(case))
        # The capture that decided comes first, lest it be one of those left out.
        first = decided.capture if decided else ""
        refs = sorted(case.captures(), key=lambda ref: ref.name != first)
        for ref in refs[:MOST_CAPTURES]:
            view = CaptureView(ref, warnings=recorded_warnings(ref))
            views.append(view)
            try:
                path = self._path(ref)
                with Capture(path) as capture:
                    if ref.sha256 and sha256_of(path) != ref.sha256:
                        view.warnings.append("the file is not the one that was recorded: its "
                                             "SHA-256 differs")
                    _warn_of_file(capture, view)
                    _Case(case, ref, capture, self._plotter).draw_into(view.pictures)
            except CaptureError as error:
                view.warnings.append(f"cannot be drawn: {error}")
        return views

    def _path(self, ref: CaptureRef) -> Path:
        path = (self._folder / ref.file).resolve()
        if not ref.file or not path.is_relative_to(self._folder):
            raise CaptureError(f"'{ref.file}' is not a file of the run folder")
        return path


def _warn_of_file(capture: Capture, view: CaptureView) -> None:
    if not capture.integrity_proven:
        view.warnings.append("this digitizer cannot prove that no sample was lost")
    for gap in capture.gaps()[:5]:
        missing = f"{size(gap.last - gap.first)} samples missing" if gap.last > gap.first \
            else "samples missing"
        view.warnings.append(f"{missing} before {clock(capture.time_ps(gap.last))} (hatched)")


class _Case:
    """The pictures of one capture of one case."""

    def __init__(self, case: CaseRecord, ref: CaptureRef, capture: Capture,
                 plotter: Plotter) -> None:
        self._case, self._ref, self._capture, self._plotter = case, ref, capture, plotter
        self._findings = [f for f in case.findings() if f.capture == ref.name]
        self._channels = capture.channels[:_MOST_CHANNELS]
        decided = deciding_finding(deciding_step(case))
        self._deciding = decided if decided and decided.capture == ref.name else None
        self._compact = case.verdict is Verdict.PASS

    def draw_into(self, pictures: list[Picture]) -> None:
        if self._capture.rows == 0:
            raise CaptureError("no samples in it")
        if not self._compact:
            self._event(pictures)
        self._pulse(pictures)
        self._overview(pictures)

    def _draw(self, pictures: list[Picture], title: str, caption: str, view: View,
              marks: Marks) -> None:
        names = ", ".join(c.name for c in view.channels)
        description = f"{title}: {names} of capture {self._ref.name}. {caption}"
        pictures.append(Picture(title, self._plotter.draw(self._capture, view, marks, description),
                                caption))

    def _view(self, begin: int, end: int, origin_ps: int, label: str,
              channels: list[Channel]) -> View:
        # The fewer the channels the taller each: the figures of a case come out about alike.
        height = (132.0, 82.0, 66.0, 58.0)[len(channels) - 1]
        return View(begin, end, origin_ps, label, channels,
                    axes_height=0.75 * height if self._compact else height)

    def _deciding_line(self, finding: Finding | None) -> list[VLine]:
        if finding is None or finding.measured is None or finding.measured.at_ps is None:
            return []
        return [VLine(finding.measured.at_ps, "deciding pulse", Kind.DECIDING)]

    def _overview(self, pictures: list[Picture]) -> None:
        capture = self._capture
        begin = int(capture.first[0])
        marks = Marks(m.event_lines(self._case, capture) + self._deciding_line(self._deciding))
        kept = f", {size(len(capture.first))} segments" if capture.segmented else ""
        caption = (f"{size(capture.rows)} samples at {quantity(capture.rate, 'Hz')}{kept}; every "
                   "column spans its lowest to its highest sample.")
        if len(capture.channels) > _MOST_CHANNELS:
            caption += f" {len(capture.channels) - _MOST_CHANNELS} more channels are in the file."
        self._draw(pictures, f"Whole capture {self._ref.name}", caption,
                   self._view(begin, capture.end, 0, "bench clock", self._channels), marks)

    def _event(self, pictures: list[Picture]) -> None:
        """The event and what the output did after it, for the capture that decided the case or the
        one that the event fell into."""
        capture, finding = self._capture, self._deciding
        if finding is None and deciding_finding(deciding_step(self._case)):
            if self._findings and not m.disturbances_in(self._case, capture):
                return
        latencies = [f for f in self._findings if m.is_latency(f)]
        shown = next((f for f in latencies if f.event_ps is not None), None)
        event = m.event_of(self._case, capture, shown or finding or Finding())
        if event is None:
            return
        at_ps, what = event
        lines = [] if shown else m.event_lines(self._case, capture)
        lines = lines or [VLine(at_ps, what, Kind.EVENT)]
        for latency in latencies:
            lines += m.latency_marks(latency, at_ps)
        lines += self._deciding_line(finding)
        after = max([line.at_ps - at_ps for line in lines] or [0])
        after = round(1.2 * after) if after > 0 else _AFTER_EVENT_PS
        begin = max(int(capture.first[0]), capture.index_at(at_ps - after // 4))
        end = min(capture.end, capture.index_at(at_ps + after))
        if end - begin < 2:
            return
        caption = f"Around '{what}' at {clock(at_ps)} of the bench clock."
        self._draw(pictures, f"The event, {self._ref.name}", caption,
                   self._view(begin, end, at_ps, f"time after '{shortened(what)}'", self._channels),
                   Marks(list(dict.fromkeys(lines))))

    def _pulse(self, pictures: list[Picture]) -> None:
        capture = self._capture
        finding, at_ps, title = self._chosen_pulse()
        if at_ps is None or not capture.covers(at_ps):
            return
        channels = self._channels_of(finding)
        phases = m.phases_from(capture, channels[-1], at_ps)
        marks = m.pulse_marks(self._findings, phases)
        marks.lines += [VLine(capture.time_ps(int(t)), "trigger", Kind.TRIGGER)
                        for t in capture.triggers()
                        if abs(capture.time_ps(int(t)) - at_ps) < 2 * 10**9]
        last = phases[-1].end_ps if phases else at_ps + 10**9
        for band in marks.bands:
            last = max(last, band.to_ps)
        length = last - at_ps
        view = self._view(capture.index_at(at_ps - length // 4),
                          capture.index_at(last + length // 3), at_ps, "time after its onset",
                          channels)
        caption = f"Onset at {clock(at_ps, 9)} of the bench clock."
        if marks.bands or marks.limits:
            caption += " Dashed and hatched: the limits."
        self._draw(pictures, f"{title}, {self._ref.name}", caption, view, marks)

    def _channels_of(self, finding: Finding | None) -> list[Channel]:
        """The current, and the voltage where the finding is about it: pulses into an open load
        have no current. The last one shows the pulse best."""
        main = m.main_channel(self._capture)
        if finding is None or not (m.is_latency(finding) or m.base_name(finding) == "voltage.peak"):
            return [main]
        return [main, *[c for c in self._capture.channels if c.unit == "V" and c is not main][:1]]

    def _chosen_pulse(self) -> tuple[Finding | None, int | None, str]:
        for finding in ([self._deciding] if self._deciding else []) + self._findings:
            if finding.measured and finding.measured.at_ps is not None:
                title = "The deciding pulse" if finding is self._deciding else \
                    f"The pulse that decides {finding.quantity}"
                return finding, finding.measured.at_ps, title
        return None, _first_pulse(self._capture), "The first pulse"


def _first_pulse(capture: Capture) -> int | None:
    """Where the magnitude first passes half of its largest: for drawing only."""
    channel, columns = m.main_channel(capture), 2000
    begin = int(capture.first[0])
    envelope = capture.envelope(channel, begin, capture.end, columns)
    strength = np.nan_to_num(np.maximum(np.abs(envelope.low), np.abs(envelope.high)))
    half = 0.5 * float(strength.max())
    column = int(np.argmax(strength >= half))
    width = (capture.end - begin) // columns + 1
    middle = int(envelope.index[column])
    index, value = capture.samples(channel, middle - width, middle + width + 1)
    beyond = np.flatnonzero(np.nan_to_num(np.abs(value)) >= half)
    return capture.time_ps(int(index[beyond[0]])) if half > 0 and len(beyond) else None
