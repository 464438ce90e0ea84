"""Every quantity of a pulse and of a train that `rig measure` prints, computed anew with numpy and
scipy from the samples alone, and compared.

The other road: regions by scipy.ndimage, crossings and transitions by array search and np.interp,
levels and integrals by numpy sums over the whole record, lines and parabolas by np.polyfit,
aberrations by their textbook windows. Signals: a second-order step response (overshoot, ringing)
with droop and a bump ahead of the edge; a train that jitters, drifts, skips and doubles; a ramp;
bursts. Usage: judge_quantities.py RIG
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from scipy import ndimage

LOAD = 500.0  # ohm
AREA = 25e-4  # m2


def ringing(t, omega=2 * np.pi * 250e3, zeta=0.5):
    """Step response of a second-order system: 16 % overshoot."""
    damped = omega * np.sqrt(1 - zeta**2)
    t = np.maximum(t, 0)
    return 1 - np.exp(-zeta * omega * t) * (np.cos(damped * t) + zeta * omega / damped * np.sin(damped * t))


def one_pole(t, tau=12e-6):
    return -np.expm1(-np.maximum(t, 0) / tau)


def draw(onsets, levels, phases, rate, length, edge, droop=0.0, bump=0.0):
    samples = np.zeros(round(length * rate))
    for onset, level in zip(onsets, levels):
        for offset, width, share in phases:
            start = onset + offset
            window = slice(int((start - 20e-6) * rate), int((start + width + 400e-6) * rate))
            t = np.arange(window.start, window.stop) / rate - start
            rising = edge(t) * np.exp(-droop * np.maximum(t, 0))
            falling = edge(t - width) * np.exp(-droop * width) * np.exp(-droop * np.maximum(t - width, 0))
            shape = rising - falling - bump * np.exp(-(((t + 2e-6) / 0.6e-6) ** 2))
            samples[window] += level * share * shape
    return samples


def run_rig(rig, codes, rate, volts_per_code, threshold):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "train.bin"
        table = pathlib.Path(folder) / "pulses.csv"
        codes.tofile(file)
        done = subprocess.run(
            [rig, "measure", file, "--json", "--pulses", table, "--format", "i16le", "--rate", f"{rate:.0f}Hz",
             "--scale", f"{volts_per_code:.12g}V", "--load", f"{LOAD}ohm", "--electrode", "25cm2",
             "--edges", "interpolated", "--threshold", f"{threshold}A", "--max-gap", "0.5ms"], check=True, capture_output=True, text=True)
        rows = list(csv.DictReader(x for x in table.read_text().splitlines() if x[0] != "#"))
    columns = {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}
    return json.loads(done.stdout), columns


def regions(current, threshold, quiet):
    """[first, last] of samples beyond the threshold that lie at most `quiet` samples apart."""
    active = ndimage.binary_closing(np.abs(current) > threshold, np.ones(2 * (quiet // 2) + 1))
    return [(s.start, s.stop - 1) for (s,) in ndimage.find_objects(ndimage.label(active)[0])]


def crossing(x, level, first, step):
    """Where x crosses the level next from index `first` on, going by `step`; between two samples."""
    side = x[first] < level
    walk = x[first::step] if step > 0 else x[first::-1]
    k = first + step * int(np.argmax((walk < level) != side))
    a, b = sorted((k - step, k))
    return a + (level - x[a]) / (x[b] - x[a])


def phase(current, first, last, lowest, highest):
    """current: baseline removed. [lowest, highest): what is nearer to this phase than to others."""
    x = current[first:last + 1]
    a, b = first, last + 1
    while True:  # without a tail that pulls the mean down
        inside = a + np.flatnonzero(current[a:b] / current[a:b].mean() >= 0.5)
        before, a, b = b - a, inside[0], inside[-1] + 1
        if b - a >= 0.9 * before:
            break
    trim = (b - a) // 10
    a, b = a + trim, b - trim
    state = current[a:b]
    level = state.mean()
    y = current / level
    middle = (first + last) // 2
    up, down = crossing(y, 0.5, middle, -1), crossing(y, 0.5, middle, +1)
    above, below = int(np.ceil(up)), int(np.floor(up))
    up90, up10 = crossing(y, 0.9, below, +1), crossing(y, 0.1, above, -1)
    down90, down10 = crossing(y, 0.9, int(np.ceil(down)), -1), crossing(y, 0.1, int(np.floor(down)), +1)
    half = max(4, (down - up) / 2)
    beside_up, beside_down = np.clip(3 * (up90 - up10), 4, half), np.clip(3 * (down10 - down90), 4, half)

    def stretch(a, b):
        return y[max(int(np.ceil(a)), lowest):min(int(np.floor(b)), highest)]

    after = stretch(up90, up90 + beside_up)
    short = (np.minimum(np.maximum.accumulate(after), 1) - after).max()
    slope, begin = np.polyfit(np.arange(len(state)) + 0.5, state, 1)
    out = np.flatnonzero(np.abs(y[above:b] - 1) > 0.02)
    settled = np.nan  # it does not stay within 2 %
    if (k := above + out[-1]) < middle:
        edge = 1 + np.copysign(0.02, y[k] - 1)
        settled = k + (edge - y[k]) / (y[k + 1] - y[k])
    return {
        "up": up, "down": down, "level": level, "state": state,
        "width": down - up,
        "peak": x[np.argmax(np.abs(x))],
        "first_transition": up90 - up10, "second_transition": down10 - down90,
        "overshoot": 100 * max(0, after.max() - 1), "undershoot": 100 * max(0, short),
        "preshoot": 100 * max(0, -stretch(up10 - beside_up, up10).min()),
        "aftershoot": 100 * max(0, -stretch(down10, down10 + beside_down).min()),
        "droop": -100 * slope * len(state) / begin,
        "settling": settled - up,
    }


def mode(codes):
    """Histogram mode of a state's codes, refined by the parabola through its neighbours."""
    width = max(1, int(np.ceil((codes.max() - codes.min()) / 127)))
    edges = codes.min() + width * np.arange(-1, 130) - 0.5
    counts, _ = np.histogram(codes[::1 + len(codes) // 1024], edges)
    k = int(np.argmax(counts))
    left, top, right = (int(c) for c in counts[k - 1:k + 2])
    shift = 0.5 * (left - right) / (left - 2 * top + right)
    return edges[k] + (0.5 + shift) * width


def pulses_of(codes, rate, amps_per_code, threshold, quiet):
    """Everything of each pulse in SI units, as columns by the catalog's names."""
    raw = codes.astype(float)
    middle = np.median(raw)
    columns = {}
    for first, last in regions(raw - middle, threshold / amps_per_code, round(quiet * rate)):
        before = raw[first - 256:first - 16]
        current = raw - before.mean()
        runs = []
        for sign in (1, -1):
            # A phase begins beyond the threshold and ends within half of it.
            along = sign * current[first:last + 400] * amps_per_code
            inside = np.flatnonzero(along[:last + 1 - first] > threshold)
            if len(inside):
                length = np.argmax(along[inside[0]:] <= threshold / 2)
                runs.append((first + inside[0], first + inside[0] + length - 1))
        runs.sort()
        border = (runs[0][1] + runs[-1][0] + 1) // 2 if len(runs) > 1 else last + 400
        whole = slice(first - 16, last + round(quiet * rate))
        row = {"pulse.phases": len(runs), "baseline": before.mean() * amps_per_code,
               "net_charge": current[whole].sum() / rate * amps_per_code,
               "square": (np.sum(current[whole] ** 2) - before.var(ddof=1) * (whole.stop - whole.start)) / rate
                         * amps_per_code**2,
               "peak": np.abs(current[first:last + 1]).max() * amps_per_code, "last": last}
        for k, (a, b) in enumerate(runs):
            p = phase(current, a, b, first - 256 if k == 0 else border, border if k + 1 < len(runs) else last + 400)
            sign = -1 if k else 1
            name = f"phase{k + 1}."
            for key in ("width", "first_transition", "second_transition", "settling"):
                row[name + key] = p[key] / rate
            for key in ("overshoot", "undershoot", "preshoot", "aftershoot", "droop"):
                row[name + key] = p[key]
            row[name + "amplitude"] = sign * p["level"] * amps_per_code
            row[name + "peak"] = sign * p["peak"] * amps_per_code
            row[name + "mode"] = sign * amps_per_code * (
                mode(p["state"] + before.mean()) - before.mean())
            lot = slice(first - 16, border) if k == 0 else slice(border, runs[-1][1] + max(16, (runs[-1][1] - runs[-1][0]) // 4))
            row[name + "charge"] = sign * current[lot].sum() / rate * amps_per_code
            row[f"up{k}"], row[f"down{k}"] = p["up"] / rate, p["down"] / rate
        for key, value in row.items():
            columns.setdefault(key, []).append(value)
    c = {key: np.array(value) for key, value in columns.items()}
    c["start_s"] = c["up0"]
    c["pulse.duration"] = c.get("down1", c["down0"]) - c["up0"]
    if "up1" in c:
        c["gap"] = c["up1"] - c["down0"]
        c["width.difference"] = c["phase1.width"] - c["phase2.width"]
    c["charge_imbalance"] = 100 * c["net_charge"] / np.abs(c["phase1.charge"])
    return c


def rhythm_of(c):
    onset = c["start_s"]
    period = np.diff(onset)
    n, mean, median = len(onset), period.mean(), np.median(period)
    far = np.abs(period - mean)
    k = np.arange(n)
    separation = onset[1:] - onset[:-1] - c["pulse.duration"][:-1]
    ratio = period / median
    return {
        "pulse.count": n, "period": period.mean(), "rate": 1 / mean,
        "period.jitter": period.std(ddof=1), "period.jitter_peak": far.max(),
        "period.jitter_p999": np.quantile(far, 0.999, method="inverted_cdf"),
        "period.cycle_to_cycle": np.sqrt(np.mean(np.diff(period) ** 2)),
        "period.drift": 100 * 2 * np.polyfit(k - k.mean(), onset, 2)[0] * (n - 2) / mean,
        "tie.peak": np.abs(onset - np.polyval(np.polyfit(k, onset, 1), k)).max(),
        "pulse.missing": np.sum(np.round(ratio[(ratio > 1.5) & (ratio <= 3.5)]) - 1),
        "pulse.extra": np.sum(ratio < 0.5), "separation": separation.mean(),
        "duty": 100 * c["pulse.duration"].mean() / mean,
    }


def dose_of(c):
    onset, square = c["start_s"], c["square"]
    time = len(onset) * np.diff(onset).mean()

    def sliding(length):
        return max(np.sqrt(square[(onset >= t) & (onset < t + length)].sum() / length) for t in onset)

    rms = np.sqrt(square.sum() / time)
    charges = np.abs(c["phase1.charge"]) + np.abs(c.get("phase2.charge", 0))
    return {
        "rms": rms, "rms.sliding_1s": sliding(1), "rms.sliding_5s": sliding(5),
        "current.average": charges.sum() / time, "dc": c["net_charge"].sum() / time + c["baseline"].mean(),
        "current.density": rms / AREA, "power.density": LOAD * sliding(1) ** 2 / AREA,
        "current.peak": c["peak"].max(),
    }


def ramp_of(c):
    onset, a = c["start_s"], np.abs(c["phase1.amplitude"])
    high = np.flatnonzero(a >= 0.95 * a.max())
    rising = slice(0, high[0] + 1)
    return {
        "ramp.up_time": onset[high[0]] - onset[0], "ramp.down_time": onset[-1] - onset[high[-1]],
        "ramp.largest_step": np.diff(a).max(), "ramp.falls": np.sum(np.diff(a[rising]) < 0),
        "ramp.slope": np.polyfit(onset[rising], a[rising], 1)[0],
    }


def bursts_of(c):
    onset = c["start_s"]
    period = np.diff(onset)
    groups = np.split(onset, np.flatnonzero(period > 3.5 * period.min()) + 1)
    on = np.array([(g[-1] - g[0]) * len(g) / (len(g) - 1) for g in groups])
    off = np.array([b[0] - a[0] - t for a, b, t in zip(groups, groups[1:], on)])
    return {"burst.count": len(groups), "burst.pulses": np.mean([len(g) for g in groups]),
            "burst.on_time": on.mean(), "burst.off_time": off.mean()}


class Judge:
    def __init__(self):
        self.judged = set()
        self.failed = 0

    def compare(self, scene, name, ours, theirs, allowed):
        self.judged.add(name)
        ours, theirs = np.broadcast_arrays(np.asarray(ours, float), np.asarray(theirs, float))
        same = np.isnan(ours) & np.isnan(theirs)
        worst = np.max(np.where(same, 0, np.abs(ours - theirs)))
        bad = not worst <= allowed
        self.failed += bad
        print(f"{'FAILED' if bad else 'agrees':7}{scene:8} {name:26} largest difference {worst:9.2g} "
              f"(allowed {allowed:9.2g}), of {ours.flat[-1]:.6g}")

    def of_pulses(self, scene, ours, theirs, allowed):
        for name, tolerance in allowed.items():
            self.compare(scene, name, ours[name], theirs[name], tolerance)

    def of_train(self, scene, ours, seen, allowed):
        for name, value in ours.items():
            self.compare(scene, name, value, seen["measurements"][name]["mean"],
                         max(allowed.get(name, 1e-6) * abs(value), 1e-12))


def quantised(amps, amps_per_code, noise, seed):
    codes = amps / amps_per_code + noise * np.random.default_rng(seed).standard_normal(len(amps))
    return np.rint(codes).astype("<i2")


def judge_shapes(judge, rig):
    rate, per_code = 5e6, 2e-6
    draws = np.random.default_rng(5)
    onsets = 5e-4 + 2e-3 * np.arange(60) + draws.uniform(0, 2e-7, 60)
    levels = draws.uniform(20e-3, 40e-3, 60)
    for droop, noise in ((400.0, 0), (400.0, 12), (0.0, 12)):
        amps = draw(onsets, levels, [(0, 250e-6, 1), (330e-6, 300e-6, -0.8)], rate, 121e-3, ringing, droop, 0.06)
        codes = quantised(amps, per_code, noise, 6)
        # Above what the ringing throws beyond the baseline, which would be a phase of its own.
        seen, theirs = run_rig(rig, codes, rate, per_code * LOAD, 7e-3)
        ours = pulses_of(codes, rate, per_code, 7e-3, 500e-6)
        step, code = 1 / rate, per_code
        tight = 1e-4  # of a sample period, of a code
        allowed = {"start_s": 2e-3 * step, "pulse.phases": 0, "baseline": tight * code}
        for k in (1, 2):
            name = f"phase{k}."
            allowed |= {name + key: 1e-3 * step for key in
                        ("width", "first_transition", "second_transition", "settling")}
            allowed |= {name + key: 1e-6 for key in ("overshoot", "undershoot", "preshoot", "aftershoot")}
            allowed |= {name + key: tight * code for key in ("amplitude", "peak", "mode")}
            # A line through 16 means is not quite the line through all samples; sums may end a
            # sample of quiet apart.
            allowed |= {name + "droop": 1e-2, name + "charge": 5 * max(1, noise) * code * step}
        allowed |= {"gap": 1e-3 * step, "width.difference": 1e-3 * step, "pulse.duration": 1e-3 * step,
                    "net_charge": 5 * max(1, noise) * code * step, "charge_imbalance": 1e-3}
        judge.of_pulses(f"shape {noise:2}" if droop else "flat  12", ours, theirs, allowed)


def judge_rhythm(judge, rig):
    rate, per_code = 200e3, 2e-6
    draws = np.random.default_rng(7)
    period = 25e-3 * (1 + 2e-5 * np.arange(290)) + draws.normal(0, 30e-6, 290)
    period[[70, 200]] *= 2
    period[120:122] *= 0.3
    onsets = 0.02 + np.concatenate(([0], np.cumsum(period)))
    levels = np.full(len(onsets), 30e-3) * draws.uniform(0.9, 1.1, len(onsets))
    amps = draw(onsets, levels, [(0, 300e-6, 1), (400e-6, 300e-6, -0.97)], rate, onsets[-1] + 0.1, one_pole)
    codes = quantised(amps, per_code, 0, 8)
    seen, theirs = run_rig(rig, codes, rate, per_code * LOAD, 1e-3)
    ours = pulses_of(codes, rate, per_code, 1e-3, 500e-6)
    judge.of_pulses("train", ours, theirs, {"start_s": 1e-8, "gap": 2e-8, "pulse.duration": 2e-8})
    judge.of_train("train", rhythm_of(ours), seen, {"period.jitter_p999": 0.011})
    judge.of_train("train", dose_of(ours), seen, {})
    end = (ours["last"][-1] + 1) / rate - ours["start_s"][0]
    judge.compare("train", "train.duration", end, seen["measurements"]["train.duration"]["mean"], 2 / rate)


def judge_jitter(judge, rig):
    rate, per_code = 200e3, 2e-6
    draws = np.random.default_rng(12)
    onsets = 0.02 + np.cumsum(5e-3 * (1 + 1e-6 * np.arange(2500)) + 20e-6 * draws.standard_t(4, 2500))
    amps = draw(onsets, np.full(2500, 20e-3), [(0, 300e-6, 1)], rate, onsets[-1] + 0.02, one_pole)
    codes = quantised(amps, per_code, 0, 13)
    seen, _ = run_rig(rig, codes, rate, per_code * LOAD, 1e-3)
    # Distributions in cells of 1/64 of an octave.
    judge.of_train("jitter", rhythm_of(pulses_of(codes, rate, per_code, 1e-3, 500e-6)), seen,
                   {"period.jitter_p999": 0.011})


def judge_ramp(judge, rig):
    rate, per_code = 200e3, 2e-6
    onsets = 0.02 + 25e-3 * np.arange(120)
    up = np.linspace(3e-3, 30e-3, 40)
    up[17] = up[15]  # falls once, and catches up by the largest step
    levels = np.concatenate((up, np.full(50, 30e-3), np.linspace(29e-3, 4e-3, 30)))
    amps = draw(onsets, levels, [(0, 300e-6, 1), (400e-6, 300e-6, -1)], rate, onsets[-1] + 0.1, one_pole)
    codes = quantised(amps, per_code, 0, 9)
    seen, _ = run_rig(rig, codes, rate, per_code * LOAD, 1e-3)
    ours = pulses_of(codes, rate, per_code, 1e-3, 500e-6)
    judge.of_train("ramp", ramp_of(ours), seen, {})


def judge_bursts(judge, rig):
    rate, per_code = 200e3, 2e-6
    onsets = np.concatenate([0.05 + 0.4 * k + 10e-3 * np.arange(7 + k % 2) for k in range(5)])
    amps = draw(onsets, np.full(len(onsets), 20e-3), [(0, 300e-6, 1)], rate, onsets[-1] + 0.4, one_pole)
    codes = quantised(amps, per_code, 0, 10)
    seen, _ = run_rig(rig, codes, rate, per_code * LOAD, 1e-3)
    ours = pulses_of(codes, rate, per_code, 1e-3, 500e-6)
    judge.of_train("burst", bursts_of(ours), seen, {})


def main():
    judge = Judge()
    for scene in (judge_shapes, judge_rhythm, judge_jitter, judge_ramp, judge_bursts):
        scene(judge, sys.argv[1])
    print(f"{len(judge.judged)} quantities judged, {judge.failed} comparisons failed")
    return 1 if judge.failed or len(judge.judged) < 60 else 0


if __name__ == "__main__":
    sys.exit(main())
