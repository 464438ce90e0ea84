"""The page of the second-heart plant: model, literature and seed text, with pictures.

Usage: python3 -m soleus_report.second_heart OUT.html [PICTURES_FOLDER] < second_heart.json
The JSON is what `rig second-heart` makes; nothing is computed here but positions on paper.
"""

from __future__ import annotations

import base64
import io
import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402: the backend comes first
from matplotlib.figure import Figure  # noqa: E402

NOTE = ("This is a model of a circulation. It is no clinical claim, and no verdict of the rig "
        "depends on it.")
_GOOD, _BAD, _GREY = "#1b4f72", "#b03a2e", "#7f8c8d"


def acceptance(data: dict) -> Figure:
    """Each figure relative to the literature's middle, so that all fit one axis."""
    rows = [f for f in data["figures"] if f["high"]]
    figure, axes = pyplot.subplots(figsize=(9.5, 0.42 * len(rows) + 1.2), layout="constrained")
    for y, row in enumerate(reversed(rows)):
        middle = (row["low"] + row["high"]) / 2
        low, high = row["low"] / middle, row["high"] / middle
        slack = 0.1 if low == high else 0
        axes.barh(y, high - low + 2 * slack, left=low - slack, height=0.55, color="#d5dbdb",
                  edgecolor=_GREY, linewidth=0.6, hatch="////" if slack else None)
        colour = _GOOD if row["meets"] else _BAD
        share = row["model"] / middle
        axes.plot(min(max(share, -0.2), 3), y, "o" if row["meets"] else "X", color=colour,
                  markersize=7, clip_on=False)
        unit = "" if row["unit"] == "1" else f" {row['unit']}"
        literature = f"{row['low']:g}" if slack else f"{row['low']:g} to {row['high']:g}"
        axes.annotate(f"{row['model']:.4g}{unit}  (literature {literature})", (3.12, y),
                      va="center", fontsize=8, color=colour, annotation_clip=False)
    axes.set_yticks(range(len(rows)), [row["name"] for row in reversed(rows)], fontsize=8)
    axes.set_xlim(-0.25, 3.05)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlabel("model over the middle of the literature's figures (beyond 3: at 3)")
    axes.grid(axis="x", alpha=0.3)
    axes.set_title("Plant against literature: grey, its range; hatched, a single figure "
                   "within 10 %", fontsize=10)
    return figure


def loops(data: dict) -> Figure:
    figure, axes = pyplot.subplots(figsize=(7.5, 5), layout="constrained")
    for key, label, colour in (("tiptoes", "valves competent", _GOOD),
                               ("tiptoes_incompetent", "saphenous valves incompetent", _BAD)):
        trace = data[key]
        axes.plot(trace["deep_volume"], trace["deep_pressure"], color=colour, linewidth=0.9,
                  label=label)
    axes.set_xlabel("volume of the deep veins of one calf, mL")
    axes.set_ylabel("pressure in them, mmHg")
    axes.set_title("Pressure-volume loops of the calf: ten tiptoes, standing")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def ankle(data: dict) -> Figure:
    figure, axes = pyplot.subplots(figsize=(9, 3.6), layout="constrained")
    axes.axhspan(76, 95, color="#d5dbdb", label="literature, standing: 76 to 95 mmHg")
    axes.axhspan(26, 35, color="#e8daef", label="literature, after tiptoes: 26 to 35 mmHg")
    axes.axvspan(5, 15, color="#fdebd0", label="ten tiptoes, one a second")
    for key, label, colour in (("tiptoes", "valves competent", _GOOD),
                               ("tiptoes_incompetent", "saphenous valves incompetent", _BAD)):
        axes.plot(data[key]["time"], data[key]["ankle_pressure"], color=colour, label=label)
    axes.set_xlabel("time, s")
    axes.set_ylabel("ankle vein pressure, mmHg")
    axes.set_xlim(0, data["tiptoes"]["time"][-1])
    axes.set_title("Ankle vein pressure: ten tiptoes, and refilling")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="center right")
    return figure


def flows(data: dict) -> Figure:
    trace = data["flows"]
    rows = (("force", "force of the\nsoleus, 1"), ("calf_artery", "into the calf\n(one), mL/s"),
            ("popliteal", "popliteal vein\n(one), mL/s"), ("leg", "out of the leg\n(one), mL/s"),
            ("pelvis", "pelvis to\nthorax, mL/s"), ("heart", "heart,\nmL/s"))
    figure, all_axes = pyplot.subplots(len(rows), 1, figsize=(9, 8.5), sharex=True,
                                       layout="constrained")
    on = [bool(stimulated) for stimulated in trace["on"]]
    for axes, (key, label) in zip(all_axes, rows):
        axes.fill_between(trace["time"], 0, 1, where=on, transform=axes.get_xaxis_transform(),
                          color="#fdebd0", linewidth=0)
        axes.plot(trace["time"], trace[key], color=_GOOD, linewidth=0.9)
        axes.set_ylabel(label, fontsize=8)
        axes.grid(alpha=0.3)
    all_axes[0].set_title("Flows by segment, sitting: 35 pulses a second for 4 s (shaded), "
                          "8 s of rest", fontsize=10)
    all_axes[-1].set_xlabel("time, s")
    all_axes[-1].set_xlim(0, trace["time"][-1])
    figure.align_ylabels()
    return figure


def rates(data: dict) -> Figure:
    figure, axes = pyplot.subplots(figsize=(7.5, 4), layout="constrained")
    rate = [p["per_minute"] for p in data["rates"]]
    axes.plot(rate, [p["minute"] for p in data["rates"]], "o-", color=_GOOD,
              label="model, ejected in a minute, mL")
    axes.plot(rate, [p["stroke"] for p in data["rates"]], "s-", color=_BAD,
              label="model, ejected per pulse, mL")
    axes.plot([2, 120], [20, 240], "o", color=_GOOD, fillstyle="none", markersize=10,
              label="Griffin 2010, in a minute")
    axes.plot([2, 120], [10, 2], "s", color=_BAD, fillstyle="none", markersize=10,
              label="Griffin 2010, per pulse")
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = [0.5, 1, 2, 5, 10, 20, 50, 100, 200]
    axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
    axes.set_xticks(rate, [f"{r:g}" for r in rate])
    axes.minorticks_off()
    axes.set_xlabel("single pulses a minute, sitting")
    axes.set_title("Minute flow rises with the rate, stroke volume falls")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure


PICTURES = {"acceptance": acceptance, "loops": loops, "ankle": ankle, "flows": flows,
            "rates": rates}


def png(figure: Figure) -> bytes:
    with io.BytesIO() as file:
        figure.savefig(file, dpi=110, format="png")
        pyplot.close(figure)
        return file.getvalue()


def render(data: dict, pictures: dict[str, bytes]) -> str:
    from soleus_report.page import environment
    inline = {name: "data:image/png;base64," + base64.b64encode(content).decode()
              for name, content in pictures.items()}
    css = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    return environment().get_template("second_heart.html.j2").render(
        data=data, pictures=inline, css=css, note=NOTE,
        assumed=[p for p in data["parameters"] if p["source"].startswith("assumed")])


def main(arguments: list[str]) -> int:
    from soleus_report.page import write
    data = json.load(sys.stdin)
    pictures = {name: png(draw(data)) for name, draw in PICTURES.items()}
    try:
        for name, content in pictures.items() if len(arguments) > 1 else ():
            write(content, Path(arguments[1]) / f"{name}.png")
        write(render(data, pictures), Path(arguments[0]))
    except OSError as error:
        print(f"rig: {error.filename or arguments[0]}: {error.strerror}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
