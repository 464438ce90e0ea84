"""Waveforms as SVG. Draws what it is given; each figure looks the same on every machine."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from soleus_report import svg
from soleus_report.capture import Capture, Channel
from soleus_report.marks import HLimit, Kind, Marks
from soleus_report.units import exponent_of, unit_name

matplotlib.rcParams.update({
    "svg.hashsalt": "soleus-rig",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.edgecolor": "#555555",
    "axes.labelcolor": "#222222",
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "xtick.labelcolor": "#222222",
    "ytick.labelcolor": "#222222",
    "axes.unicode_minus": True,
    "path.simplify": False,  # matplotlib must not decide which sample can be spared
    "hatch.linewidth": 0.6,
})

_INK = "#16324f"
_LIMIT = "#a4161a"
_EVENT = "#7a4b00"
_STYLE: dict[Kind, tuple[str, str, float]] = {
    Kind.EVENT: (_EVENT, "-", 1.2),
    Kind.DECIDING: ("#3d5a80", ":", 1.0),
    Kind.FOUND: ("#111111", "-.", 1.0),
    Kind.LIMIT: (_LIMIT, "--", 1.1),
    Kind.TRIGGER: ("#555555", ":", 1.0),
    Kind.BASELINE: ("#555555", ":", 1.0),
}
_CHAR = 4.9      # points: mean width of a character of 8.5 pt DejaVu Sans, rather too wide
_LABEL_ROW = 11.0  # points
_SIDE = 54.0       # points left of the axes, and right of them where limits are labelled
_MOST_ROWS = 4     # of labels; what finds no room there is left to the text of the page
_BARE_SIDE = 14.0  # points right of the axes otherwise


@dataclass(frozen=True)
class View:
    """What part of a capture is shown, and how large."""

    begin: int  # sample indices, end exclusive
    end: int
    origin_ps: int          # 0 on the time axis
    origin_label: str       # "time after load open"
    channels: list[Channel]
    width: float = 420.0    # points
    axes_height: float = 100.0
    right: float = _BARE_SIDE

    @property
    def axes_width(self) -> float:
        return self.width - _SIDE - self.right

    @property
    def columns(self) -> int:
        """One for each point of the plot's width."""
        return round(self.axes_width)


class Plotter:
    """Draws one figure after the other on the same canvas, numbering them."""

    def __init__(self) -> None:
        self._figure = Figure()
        FigureCanvasSVG(self._figure)
        self.drawn = 0

    def draw(self, capture: Capture, view: View, marks: Marks, description: str) -> str:
        """One axes per channel over a common time axis. Throws CaptureError."""
        self.drawn += 1
        marks = _inside(marks, capture, view)
        view = replace(view, right=_SIDE if marks.limits else _BARE_SIDE)
        rows = _label_rows(_labels(marks), view, capture)
        top = 6 + _LABEL_ROW * (max(rows.values()) + 1 if rows else 0)
        height = top + 40 + len(view.channels) * (view.axes_height + 10) - 10
        self._figure.clear()
        self._figure.set_size_inches(view.width / 72, height / 72)
        grid = self._figure.add_gridspec(
            len(view.channels), 1, left=_SIDE / view.width, right=1 - view.right / view.width,
            top=1 - top / height, bottom=38 / height, hspace=10 / view.axes_height)
        first: Axes | None = None
        for k, channel in enumerate(view.channels):
            axes = self._figure.add_subplot(grid[k], sharex=first)
            first = first or axes
            _Panel(axes, capture, view, channel).draw(marks)
            if k + 1 < len(view.channels):
                axes.tick_params(labelbottom=False)
        assert first is not None
        self._time_axis(axes, capture, view)
        _place_labels(first, rows, capture, view, top)
        buffer = io.BytesIO()
        self._figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        return svg.inline(buffer.getvalue(), f"w{self.drawn}", description)

    def _time_axis(self, axes: Axes, capture: Capture, view: View) -> None:
        scale = _TimeScale(capture, view)
        axes.set_xlim(scale.of_index(view.begin), scale.of_index(max(view.end, view.begin + 1)))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
        axes.ticklabel_format(axis="x", style="plain", useOffset=False)
        axes.set_xlabel(f"{view.origin_label}, {scale.unit}")


class _TimeScale:
    """Sample indices and instants to numbers of the time axis."""

    def __init__(self, capture: Capture, view: View) -> None:
        span = (view.end - view.begin) / capture.rate
        exponent = exponent_of(0.4 * span, "s")
        self.unit = unit_name("s", exponent)
        self._capture, self._factor = capture, 10.0**-exponent
        self._offset_s = (capture.armed_at_ps - view.origin_ps) * 1e-12

    def of_index(self, index: npt.ArrayLike) -> npt.NDArray[np.float64]:
        seconds = np.asarray(index, dtype=np.float64) / self._capture.rate
        return (seconds + self._offset_s) * self._factor

    def of_ps(self, ps: int) -> float:
        seconds = (ps - self._capture.armed_at_ps) * 1e-12
        return float((seconds + self._offset_s) * self._factor)


class _Panel:
    """One channel of a figure."""

    def __init__(self, axes: Axes, capture: Capture, view: View, channel: Channel) -> None:
        self._axes, self._capture, self._view, self._channel = axes, capture, view, channel
        self._time = _TimeScale(capture, view)
        self._low, self._high = np.inf, -np.inf

    def draw(self, marks: Marks) -> None:
        self._axes.grid(True, color="#dddddd", linewidth=0.5)
        self._axes.set_axisbelow(True)
        if self._view.end - self._view.begin > 2 * self._view.columns:
            self._draw_envelope()
        else:
            self._draw_samples()
        limits = [m for m in marks.limits if m.unit == self._channel.unit]
        self._scale_values(limits)
        self._draw_limits(limits)
        for band in marks.bands:
            a, b = self._time.of_ps(band.from_ps), self._time.of_ps(band.to_ps)
            self._axes.axvspan(a, b, facecolor="none", edgecolor=_LIMIT, hatch="////", alpha=0.45,
                               linewidth=0.8, zorder=1)
        for line in marks.lines:
            colour, style, width = _STYLE[line.kind]
            self._axes.axvline(self._time.of_ps(line.at_ps), color=colour, linestyle=style,
                               linewidth=width, zorder=3)
        self._draw_gaps()

    def _draw_envelope(self) -> None:
        view = self._view
        envelope = self._capture.envelope(self._channel, view.begin, view.end, view.columns)
        x = self._time.of_index(envelope.index)
        # An upright stroke per column, drawn out to meet the column before it.
        low, high = envelope.low.copy(), envelope.high.copy()
        low[1:] = np.fmin(low[1:], np.where(np.isnan(low[1:]), np.nan, envelope.high[:-1]))
        high[1:] = np.fmax(high[1:], np.where(np.isnan(high[1:]), np.nan, envelope.low[:-1]))
        strokes = np.stack([low, high, np.full(view.columns, np.nan)], axis=1).ravel()
        self._line(np.repeat(x, 3), strokes, width=1.0)
        self._clipped(x, envelope.clipped_low, envelope.clipped_high)

    def _draw_samples(self) -> None:
        index, value = self._capture.samples(self._channel, self._view.begin, self._view.end)
        x = self._time.of_index(index)
        self._line(x, value)
        if self._channel.can_clip():
            tolerance = abs(self._channel.scale) / 2
            low, high = self._full_scale()
            with np.errstate(invalid="ignore"):
                self._clipped(x, value <= low + tolerance, value >= high - tolerance)

    def _full_scale(self) -> tuple[float, float]:
        c = self._channel
        ends = sorted(c.offset + c.scale * code for code in (c.clip_low, c.clip_high))
        return ends[0], ends[1]

    def _line(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64],
              width: float = 0.9) -> None:
        if np.isfinite(y).any():
            self._low, self._high = float(np.nanmin(y)), float(np.nanmax(y))
        self._axes.plot(x, y, color=_INK, linewidth=width, solid_joinstyle="round",
                        solid_capstyle="projecting", zorder=2)

    def _clipped(self, x: npt.NDArray[np.float64], low: npt.NDArray[np.bool_],
                 high: npt.NDArray[np.bool_]) -> None:
        bottom, top = self._full_scale()
        if self._channel.scale < 0:
            low, high = high, low
        for where, at, marker in ((low, bottom, "v"), (high, top, "^")):
            if where.any():
                self._axes.plot(x[where], np.full(int(where.sum()), at), linestyle="none",
                                marker=marker, markersize=5, markerfacecolor="white",
                                markeredgecolor=_LIMIT, zorder=4, clip_on=False)

    def _scale_values(self, limits: list[HLimit]) -> None:
        if self._channel.unit == "logic":
            self._axes.set_ylim(-0.2, 1.2)
            self._axes.set_yticks([0, 1])
            self._axes.set_ylabel(self._channel.name)
            self._axes.yaxis.set_label_coords(-42 / self._view.axes_width, 0.5)
            return
        low, high = self._low, self._high
        if not np.isfinite(low):
            low, high = -1.0, 1.0
            self._axes.text(0.5, 0.5, "no samples here", transform=self._axes.transAxes,
                            ha="center", va="center")
        reach = max(abs(low), abs(high))
        for limit in limits:  # a limit far away would flatten the waveform: it goes off the plot
            if abs(limit.value) <= 2.5 * reach:
                low, high = min(low, limit.value), max(high, limit.value)
        margin = 0.08 * (high - low) or 0.1 * reach or 1.0
        self._axes.set_ylim(low - margin, high + margin)
        exponent = exponent_of(max(abs(low), abs(high)), self._channel.unit)
        self._axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
        self._axes.yaxis.set_major_formatter(
            lambda v, _: f"{v * 10.0**-exponent:.4g}".replace("-", "\u2212"))
        unit = unit_name(self._channel.unit, exponent)
        self._axes.set_ylabel(f"{self._channel.name}, {unit}" if unit else self._channel.name)
        self._axes.yaxis.set_label_coords(-42 / self._view.axes_width, 0.5)

    def _draw_limits(self, limits: list[HLimit]) -> None:
        bottom, top = self._axes.get_ylim()
        shown = [m for m in limits if bottom <= m.value <= top]
        per_point = (top - bottom) / self._view.axes_height
        shown.sort(key=lambda m: m.value)
        for limit, y in zip(shown, spread([m.value for m in shown], 9 * per_point)):
            colour, style, width = _STYLE[limit.kind]
            if limit.from_ps is None or limit.to_ps is None:
                self._axes.axhline(limit.value, color=colour, linestyle=style,
                                   linewidth=0.9 * width, zorder=3)
            else:
                a, b = self._time.of_ps(limit.from_ps), self._time.of_ps(limit.to_ps)
                self._axes.plot([a, b], [limit.value] * 2, color=colour, linestyle=style,
                                linewidth=1.1 * width, zorder=3)
            self._axes.annotate(limit.label, (1, y), xycoords=("axes fraction", "data"),
                                xytext=(4, 0), textcoords="offset points", va="center",
                                fontsize=8.5, color=colour, annotation_clip=False)

    def _draw_gaps(self) -> None:
        column = (self._view.end - self._view.begin) / self._view.columns
        for gap in self._capture.gaps():
            if gap.last < self._view.begin or gap.first > self._view.end:
                continue
            a = self._time.of_index(gap.first)
            b = self._time.of_index(max(gap.last, gap.first + 2 * column))
            self._axes.axvspan(float(a), float(b), facecolor="#f3d9d9", edgecolor=_LIMIT,
                               hatch="xxxx", linewidth=0.6, zorder=1)


def shortened(text: str) -> str:
    """The text, if it is short enough for a label."""
    return text if len(text) <= 36 else text[:33] + "..."


def spread(values: list[float], distance: float) -> list[float]:
    """Positions for labels at sorted values, at least `distance` apart: those that stand too close
    form a group around their mean."""
    groups: list[list[float]] = []

    def place(group: list[float]) -> list[float]:
        first = sum(group) / len(group) - distance * (len(group) - 1) / 2
        return [first + distance * k for k in range(len(group))]

    for value in values:
        groups.append([value])
        while len(groups) > 1 and place(groups[-1])[0] < place(groups[-2])[-1] + distance:
            groups[-2:] = [groups[-2] + groups[-1]]
    return [y for group in groups for y in place(group)]


def _inside(marks: Marks, capture: Capture, view: View) -> Marks:
    """The marks that lie in the view."""
    def seen(from_ps: int, to_ps: int) -> bool:
        return capture.index_at(to_ps) >= view.begin and capture.index_at(from_ps) <= view.end

    return Marks([m for m in marks.lines if seen(m.at_ps, m.at_ps)],
                 [m for m in marks.bands if seen(m.from_ps, m.to_ps)], marks.limits)


def _labels(marks: Marks) -> list[tuple[int, str, str]]:
    """Instant, text and colour of every label above the plot."""
    lines = [(m.at_ps, shortened(m.label), _STYLE[m.kind][0]) for m in marks.lines]
    return lines + [((b.from_ps + b.to_ps) // 2, b.label, _LIMIT) for b in marks.bands]


def _label_rows(labels: list[tuple[int, str, str]], view: View, capture: Capture
                ) -> dict[tuple[int, str, str], int]:
    """The row above the plot that each label goes to, so that none touches another."""
    rows: dict[tuple[int, str, str], int] = {}
    taken: list[list[tuple[float, float]]] = []
    for label in sorted(labels):
        a, b = _extent(label, view, capture)
        row = next((r for r, spans in enumerate(taken)
                    if all(b < c or d < a for c, d in spans)), len(taken))
        if row == _MOST_ROWS:
            continue
        if row == len(taken):
            taken.append([])
        taken[row].append((a, b))
        rows[label] = row
    return rows


def _extent(label: tuple[int, str, str], view: View, capture: Capture) -> tuple[float, float]:
    """Left and right end of a label in points, kept inside the figure."""
    width = _CHAR * len(label[1]) + 8
    share = (capture.index_at(label[0]) - view.begin) / max(1, view.end - view.begin)
    middle = _SIDE + view.axes_width * min(1.0, max(0.0, share))
    left = min(max(2.0, middle - width / 2), view.width - width - 2)
    return left, left + width


def _place_labels(axes: Axes, rows: dict[tuple[int, str, str], int], capture: Capture, view: View,
                  top: float) -> None:
    height = axes.figure.get_size_inches()[1] * 72
    for label, row in rows.items():
        left, right = _extent(label, view, capture)
        axes.figure.text((left + right) / 2 / view.width, 1 - (top - 4 - _LABEL_ROW * row) / height,
                         label[1], fontsize=8.5, color=label[2], ha="center", va="bottom")
