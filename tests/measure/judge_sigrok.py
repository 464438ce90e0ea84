"""sigrok-cli's timing decoder on a logic probe against the rig on the analog channel of one session.

The probe is the channel held against half of the first phase's state, so its edges are the rig's
50 % crossings, put off to the next sample. Usage: judge_sigrok.py RIG
"""

import csv
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import sigrok_session

RATE = 1e6
AMPS = 20e-3
SECONDS = {"s": 1, "ms": 1e-3, "μs": 1e-6, "ns": 1e-9}


def draw(count=150):
    draws = np.random.default_rng(11)
    onsets = 3e-3 + np.cumsum(draws.uniform(4e-3, 6e-3, count))
    widths = draws.uniform(100e-6, 400e-6, count)
    samples = np.zeros(round((onsets[-1] + 5e-3) * RATE))
    for onset, width in zip(onsets, widths):
        # Edges of straight lines, 4 us long.
        around = np.arange(int(onset * RATE) - 10, int((onset + 2 * width) * RATE) + 100)
        t = around / RATE - onset
        for begin, end, level in ((0, width, AMPS), (width + 50e-6, 2 * width + 50e-6, -AMPS)):
            samples[around] += level * np.interp(
                t, [begin - 2e-6, begin + 2e-6, end - 2e-6, end + 2e-6], [0, 1, 1, 0])
    return samples


def sigrok_times(path, edge):
    """Durations that the decoder prints, s."""
    done = subprocess.run(["sigrok-cli", "-i", path, "-P", f"timing:data=D0:edge={edge}:avg_period=0",
                           "-A", "timing=time"], check=True, capture_output=True, text=True)
    found = re.findall(r"timing-1: ([\d.]+) (\S+)", done.stdout)
    return np.array([float(value) * SECONDS[unit] for value, unit in found])


def rig_times(rig, path, table):
    subprocess.run([rig, "measure", path, "--json", "--pulses", table, "--channel", "current"],
                   check=True, capture_output=True)
    rows = list(csv.DictReader(line for line in table.read_text().splitlines() if line[0] != "#"))
    return tuple(np.array([float(row[name]) for row in rows]) for name in ("start_s", "phase1.width"))


def main():
    with tempfile.TemporaryDirectory() as name:
        session = pathlib.Path(name) / "train.sr"
        sigrok_session.write(session, draw(), AMPS / 2, RATE)
        starts, widths = rig_times(sys.argv[1], session, pathlib.Path(name) / "pulses.csv")
        edges, periods = sigrok_times(session, "any"), sigrok_times(session, "rising")
    failed = False
    for what, ours, theirs in (("width", widths, edges[::2]), ("period", np.diff(starts), periods)):
        if len(ours) != len(theirs):
            sys.exit(f"{what}: {len(ours)} by the rig, {len(theirs)} by sigrok-cli")
        apart = (theirs - ours) * RATE  # samples
        # Both edges are put off, by anything up to a sample.
        bad = np.abs(apart).max() > 1 + 1e-3 or abs(apart.mean()) > 4 * np.sqrt(1 / 6 / len(ours))
        failed |= bad
        print(f"{'FAILED' if bad else 'agrees'} {what:7} {len(ours)} of them: sigrok-cli differs by at most "
              f"{np.abs(apart).max():.3f} samples, on average by {apart.mean():+.4f}")
    return 1 if failed else 0


sys.exit(main())
