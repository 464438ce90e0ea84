"""Measures the captures of print_pulses anew, with numpy and scipy, and compares.

Another road to the same definitions: state levels are medians, 50 % durations come from
scipy.signal.peak_widths on the trace without noise and from np.interp on the one with it, charges and
energies from the trapezoidal rule. Usage: judge_pulses.py PRINT_PULSES
"""

import subprocess
import sys

import numpy as np
from scipy import integrate, signal

THRESHOLD = 1e-3  # A
MAX_GAP = 1e-3  # s

# Largest difference allowed: (without noise, with 80 uA of it). Times in sample periods; levels in
# codes, or in standard deviations of the noise; net charge relative to the first phase's, the other
# integrals to themselves. Two good definitions of an edge differ by the noise on its two samples,
# and a median from a mean by as much as the mean itself scatters.
TOLERANCE = {
    "begin": (1e-4, 0.05),
    "width": (1e-4, 0.05),
    "gap": (1e-4, 0.05),
    "amplitude": (0.01, 0.8),
    "charge": (1e-9, 5e-3),
    "net": (1e-9, 2e-2),
    "square": (1e-9, 1e-3),
    "energy": (1e-9, 1e-3),
}


def captures(text):
    capture = None
    for line in text.splitlines():
        word, *rest = line.split()
        if word == "capture":
            if capture:
                yield capture
            rate, amps, volts, noise = map(float, rest)
            capture = {"rate": rate, "amps": amps, "volts": volts, "noise": noise, "pulses": []}
        elif word == "pulse":
            capture["pulses"].append([float(x) for x in rest])
        else:
            capture[word] = np.array(rest, dtype=float)
    yield capture


def regions(active, quiet):
    """[first, last] of samples that lie at most `quiet` apart."""
    indices = np.flatnonzero(active)
    breaks = np.flatnonzero(np.diff(indices) > quiet)
    firsts = np.concatenate(([0], breaks + 1))
    lasts = np.concatenate((breaks, [len(indices) - 1]))
    return [(indices[a], indices[b]) for a, b in zip(firsts, lasts)]


def crossings(trace, first, last, level, noisy):
    """Instants, in samples, at which the phase [first, last] crosses half its level."""
    around = np.arange(first - 8, last + 9)
    shape = np.clip(trace[around] / level, 0, None)
    if not noisy:
        middle = len(around) // 2
        _, _, left, right = signal.peak_widths(shape, [middle], rel_height=0.5)
        return first - 8 + left[0], first - 8 + right[0]
    above = np.flatnonzero(shape >= 0.5)
    a, b = around[above[0]], around[above[-1]]
    rising = np.interp(0.5 * level, *ordered(trace[a - 1], trace[a], a - 1))
    falling = np.interp(0.5 * level, *ordered(trace[b], trace[b + 1], b))
    return rising, falling


def ordered(before, after, index):
    return ([before, after], [index, index + 1]) if before < after else ([after, before], [index + 1, index])


def phase(current, first, last, sign, step, noisy):
    middle = (last - first) // 5
    level = np.median(current[first + middle : last + 1 - middle])
    left, right = crossings(sign * current, first, last, sign * level, noisy)
    window = slice(first - 12, last + 13)
    return {
        "begin": left * step,
        "width": (right - left) * step,
        "amplitude": level,
        "charge": integrate.trapezoid(np.where(sign * current[window] > 0, current[window], 0), dx=step)
        if not noisy
        else integrate.trapezoid(current[window], dx=step),
        "end": right * step,
    }


def measure(capture):
    step = 1 / capture["rate"]
    raw = capture["current"] * capture["amps"]
    volts = capture["voltage"] * capture["volts"]
    noisy = capture["noise"] > 0
    pulses = []
    for first, last in regions(np.abs(raw) > THRESHOLD, MAX_GAP / step):
        current = raw - raw[first - 300 : first - 20].mean()
        parts = []
        for sign in (1, -1):
            inside = np.flatnonzero(sign * current[first : last + 1] > THRESHOLD) + first
            parts.append((inside[0], inside[-1], sign))
        one, two = (phase(current, *part, step, noisy) for part in sorted(parts))
        whole = slice(first - 12, last + 200)
        quiet = current[first - 300 : first - 20].var() * (last + 212 - first)
        pulses.append(
            {
                "one": one,
                "two": two,
                "gap": two["begin"] - one["end"],
                "net": integrate.trapezoid(current[whole], dx=step),
                "square": (np.sum(current[whole] ** 2) - quiet) * step,
                "energy": integrate.trapezoid(current[whole] * volts[whole], dx=step),
            }
        )
    return pulses


def main():
    text = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout
    worst = {name: [0.0, 0.0] for name in TOLERANCE}
    count = 0
    for capture in captures(text):
        noisy = int(capture["noise"] > 0)
        step = 1 / capture["rate"]

        def compare(name, ours, theirs, unit):
            worst[name][noisy] = max(worst[name][noisy], abs(ours - theirs) / unit)

        ours = measure(capture)
        assert len(ours) == len(capture["pulses"]) == 3, "another number of pulses"
        for mine, theirs in zip(ours, capture["pulses"]):
            assert theirs[0] == 2, "another number of phases"
            charge = abs(mine["one"]["charge"])
            for part, at in ((mine["one"], 1), (mine["two"], 5)):
                compare("begin", part["begin"], theirs[at], step)
                compare("width", part["width"], theirs[at + 1], step)
                compare("amplitude", part["amplitude"], theirs[at + 2],
                        capture["noise"] if noisy else capture["amps"])
                compare("charge", part["charge"], theirs[at + 3], charge)
            compare("gap", mine["gap"], theirs[9], step)
            compare("net", mine["net"], theirs[10], charge)
            compare("square", mine["square"], theirs[11], mine["square"])
            compare("energy", mine["energy"], theirs[12], mine["energy"])
            count += 1
    failed = False
    for name, allowed in TOLERANCE.items():
        print(f"{name:10} largest difference {worst[name][0]:.2g} (allowed {allowed[0]}), "
              f"with noise {worst[name][1]:.2g} (allowed {allowed[1]})")
        failed = failed or any(w > a for w, a in zip(worst[name], allowed))
    print(f"{count} pulses")
    return 1 if failed or count != 120 else 0


sys.exit(main())
