"""Draws a waveform's lowest and highest sample per column: `rig measure --plot`.

Usage: python3 -m soleus_report.overview OUT.png < columns.json
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot, ticker  # noqa: E402: the backend comes first


def draw(data, path):
    step = data["seconds_per_column"]
    lows = [low for low, _ in data["columns"]]
    highs = [high for _, high in data["columns"]]
    times = [k * step for k in range(len(lows))]
    figure, axes = pyplot.subplots(figsize=(10, 4), layout="constrained")
    if all(low == high for low, high in data["columns"]):
        axes.plot(times, lows, color="#1b4f72", linewidth=0.8)
    else:
        axes.fill_between(times, lows, highs, color="#1b4f72", step="post", linewidth=0.3)
    axes.xaxis.set_major_formatter(ticker.EngFormatter(unit="s"))
    axes.yaxis.set_major_formatter(ticker.EngFormatter(unit=data["unit"]))
    axes.set_title(data["title"])
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110, format="png")


if __name__ == "__main__":
    try:
        draw(json.load(sys.stdin), sys.argv[1])
    except OSError as error:
        sys.exit(f"rig: {sys.argv[1]}: {error.strerror}")
