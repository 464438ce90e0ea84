"""numpy, scipy, sigrok-cli and `rig measure` on the same pulses: samples per second of processor time,
and how far their widths scatter about the truth.

numpy: threshold at 50 %, edges by a straight line between two samples, all in vectors. scipy:
find_peaks and peak_widths. sigrok-cli: its timing decoder on a logic probe held against 50 %. Each is
given what it needs (level, baseline, a memory map in its own type); the rig finds all that by itself.
Each program's time is its user and system time, start included. Usage: peers.py RIG [SECONDS]
"""

import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from scipy import signal

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "measure"))
import sigrok_session  # noqa: E402

RATE, PERIOD, WIDTH, GAP = 10e6, 25e-3, 300e-6, 100e-6
AMPLITUDE, NOISE, TAU = 8000, 40, 2e-6 / 2.197  # codes; s: 2 us from 10 % to 90 %
SHORT = 1.0  # s; for those that would take hours


def draw(path, seconds):
    """A biphasic train of 16-bit codes; returns the begins of its pulses, s."""
    draws = np.random.default_rng(21)
    period = round(PERIOD * RATE)
    begins = np.arange(round(seconds / PERIOD)) * PERIOD + 50e-6 + draws.uniform(0, 1e-7, round(seconds / PERIOD))
    t = np.arange(round(900e-6 * RATE)) / RATE

    def step(t):
        return -np.expm1(-np.maximum(t, 0) / TAU)

    with open(path, "wb") as file:
        for k, begin in enumerate(begins):
            codes = NOISE * draws.standard_normal(period, dtype=np.float32)
            s = t - (begin - k * PERIOD)
            codes[:len(t)] += AMPLITUDE * (
                step(s) - step(s - WIDTH) - step(s - WIDTH - GAP) + step(s - 2 * WIDTH - GAP))
            np.rint(codes).astype("<i2").tofile(file)
    return begins


def of_numpy(path):
    x = np.memmap(path, "<i2", "r")
    level = AMPLITUDE // 2
    above = x > level
    edge = np.flatnonzero(above[1:] != above[:-1])
    low, high = x[edge].astype(float), x[edge + 1].astype(float)
    at = edge + (level - low) / (high - low)
    up, down = at[high > low], at[high < low]
    # Noise on an edge crosses back and forth: a pulse is what lasts.
    first = np.concatenate(([True], np.diff(up) > 1000))
    last = np.concatenate((np.diff(down) > 1000, [True]))
    return (down[last] - up[first]) / RATE


def of_scipy(path):
    x = np.memmap(path, "<i2", "r").astype(np.float32)
    peaks, _ = signal.find_peaks(x, height=AMPLITUDE / 2, distance=round(0.8 * PERIOD * RATE))
    # Twice what lies above half of the true amplitude: the noisiest sample does not move the level.
    prominences = 2.0 * (x[peaks] - AMPLITUDE / 2)
    bases = [np.clip(peaks + reach, 0, len(x) - 1) for reach in (-5000, 5000)]
    widths, *_ = signal.peak_widths(x, peaks, 0.5, (prominences.astype(float), *bases))
    return widths / RATE


def of_sigrok(path):
    session = path.with_suffix(".sr")
    done = subprocess.run(["sigrok-cli", "-i", session, "-P", "timing:data=D0:edge=any:avg_period=0",
                           "-A", "timing=time"], check=True, capture_output=True, text=True)
    unit = {"ms": 1e-3, "μs": 1e-6, "ns": 1e-9}
    words = [line.split() for line in done.stdout.splitlines()]
    times = np.array([float(w[1]) * unit[w[2]] for w in words])
    return times[(times > 0.9 * WIDTH) & (times < 1.1 * WIDTH)]


def of_rig(rig, edges, path):
    table = path.with_suffix(".csv")
    done = subprocess.run([rig, "measure", path, "--format", "i16le", "--rate", "10MHz", "--scale", "10uA",
                           "--edges", edges, "--pulses", table, "--json"], check=True, capture_output=True)
    json.loads(done.stdout)
    rows = csv.DictReader(line for line in table.read_text().splitlines() if line[0] != "#")
    return np.array([float(row["phase1.width"]) for row in rows])


def read_alone(path):
    """Seconds of processor time that reading the file takes, by the block: no program that reads it is faster."""
    block = bytearray(1 << 20)
    begin = processor_time()
    with open(path, "rb", buffering=0) as file:
        while file.readinto(block):
            pass
    return processor_time() - begin


def processor_time():
    own, others = os.times(), os.times()
    return own.user + own.system + others.children_user + others.children_system


def main():
    rig, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    rows = {}
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:
        long, short = pathlib.Path(name) / "long.bin", pathlib.Path(name) / "short.bin"
        draw(long, seconds)
        draw(short, SHORT)
        sigrok_session.write(short.with_suffix(".sr"), np.fromfile(short, "<i2"), AMPLITUDE // 2, RATE)
        for peer, file, how in (("numpy", long, of_numpy), ("scipy", short, of_scipy), ("sigrok-cli", short, of_sigrok),
                                ("rig, interpolated", long, lambda p: of_rig(rig, "interpolated", p)),
                                ("rig, fitted", long, lambda p: of_rig(rig, "fitted", p))):
            best = np.inf
            for _ in range(1 if file == short else 3):
                begin, clock = processor_time(), time.monotonic()
                widths = how(file)
                best = min(best, processor_time() - begin)
            samples = os.path.getsize(file) / 2
            expected = round(samples / RATE / PERIOD)
            rows[peer] = (samples / best, widths, expected)
        limit = os.path.getsize(long) / 2 / min(read_alone(long) for _ in range(3))
    print(f"40 Hz biphasic, 10 MS/s, 16 bits, noise {100 * NOISE / AMPLITUDE} % of the amplitude, edges of 2 us; "
          f"load average {os.getloadavg()[0]:.1f}")
    print(f"{'':18} {'samples/s':>10} {'x numpy':>8} {'pulses':>12} {'width: sd':>10} {'of numpy':>9} {'bias':>10}")
    numpy_speed, numpy_widths, _ = rows["numpy"]
    for peer, (speed, widths, expected) in rows.items():
        print(f"{peer:18} {speed:10.3g} {speed / numpy_speed:8.2f} {len(widths):5} of {expected:3} "
              f"{1e9 * widths.std(ddof=1):7.2f} ns {widths.std() / numpy_widths.std():9.2f} "
              f"{1e9 * (widths.mean() - WIDTH):+7.2f} ns")
    speed, widths, _ = rows["rig, fitted"]
    print(f"reading the file, and nothing else: {limit:.3g} samples/s, {limit / numpy_speed:.1f} x numpy")
    print(f"aim: 100 x numpy's speed at a third of its scatter; the rig with fitted edges: {speed / numpy_speed:.1f} x "
          f"at {widths.std() / numpy_widths.std():.2f}")


main()
