"""What the modelled plant did behind each device of a run: told, never judged."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from soleus_report.capture import Capture, CaptureError
from soleus_report.record import CaptureRef, CaseRecord, Finding, RunRecord

_SIGNALS = ("calf_volume", "popliteal_flow", "ankle_pressure")
_COLOURS = ("#1b4f72", "#b03a2e", "#b9770e", "#6c3483", "#117864", "#7f8c8d")
_MOST = len(_COLOURS)  # cases in one picture


@dataclass
class Told:
    case: CaseRecord
    findings: dict[str, Finding]

    @property
    def label(self) -> str:
        return ", ".join(Path(value).name for _, value in self.case.parameters) or self.case.id


@dataclass
class Comparison:
    cases: list[Told]
    quantities: list[str]
    picture: str  # a data URI; empty: no capture could be read

    def change(self, told: Told, name: str) -> str:
        """' (-12 %)' against the first case; empty for that one."""
        first = self.cases[0].findings.get(name)
        this = told.findings[name]
        if told is self.cases[0] or not (first and first.measured and this.measured):
            return ""
        if first.measured.value == 0:
            return ""
        return f" ({100 * (this.measured.value / first.measured.value - 1):+.1f} %)"


def is_informative(finding: Finding) -> bool:
    return finding.expected.startswith("informative")


def _told(record: RunRecord) -> list[Told]:
    cases = [Told(case, {f.quantity: f for f in case.findings() if is_informative(f)})
             for case in sorted(record.cases, key=lambda c: (c.index, c.attempt))]
    return [told for told in cases if told.findings]


def _capture_of(told: Told) -> CaptureRef | None:
    name = next(iter(told.findings.values())).capture
    return next((ref for ref in told.case.captures() if ref.name == name), None)


def _picture(folder: Path, cases: list[Told]) -> str:
    from soleus_report.second_heart import png, pyplot
    figure, all_axes = pyplot.subplots(len(_SIGNALS), 1, figsize=(9.5, 7), sharex=True,
                                       layout="constrained")
    drawn = 0
    for told, colour in zip(cases, _COLOURS):
        first = told is cases[0]  # broad, for the others to lie on
        ref = _capture_of(told)
        if ref is None:
            continue
        try:
            with Capture(folder / ref.file) as capture:
                for axes, name in zip(all_axes, _SIGNALS):
                    channel = next((c for c in capture.channels if c.name == name), None)
                    if channel is None:
                        continue
                    index, value = capture.samples(channel, 0, capture.end)
                    axes.plot(index / capture.rate, value, color=colour, label=told.label,
                              linewidth=3 if first else 0.9, alpha=0.45 if first else 1)
                    axes.set_ylabel(f"{name.replace('_', ' ')}, {channel.unit}", fontsize=8)
                    drawn += int(np.size(value) > 0)
        except CaptureError:
            continue  # the case's own part of the page says so
    if not drawn:
        pyplot.close(figure)
        return ""
    for axes in all_axes:
        axes.grid(alpha=0.3)
    all_axes[0].legend(fontsize=7, ncols=2, loc="upper right")
    all_axes[0].set_title("Model, no clinical claim: the same therapy from each device",
                          fontsize=10)
    all_axes[-1].set_xlabel("time, s")
    return "data:image/png;base64," + base64.b64encode(png(figure)).decode()


def comparison(folder: Path, record: RunRecord) -> Comparison | None:
    """None where no case told anything of a plant."""
    cases = _told(record)
    if not cases:
        return None
    quantities = list(dict.fromkeys(name for told in cases for name in told.findings))
    return Comparison(cases, quantities, _picture(folder, cases[:_MOST]))
