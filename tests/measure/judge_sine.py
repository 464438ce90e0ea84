"""Sines measured by `rig measure --sine`, judged by numpy and scipy on the same samples."""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
from scipy import signal
from scipy.optimize import curve_fit

RATE = 4000.0
SCALE = 1e-3


def model(t, frequency, offset, *coefficients):
    y = numpy.full_like(t, offset)
    for h in range(len(coefficients) // 2):
        turn = 2 * numpy.pi * (h + 1) * frequency * t
        y += coefficients[2 * h] * numpy.cos(turn) + coefficients[2 * h + 1] * numpy.sin(turn)
    return y


def wk(frequency):
    """The weighting Wk, from its sections as scipy multiplies them."""
    def pole_pair(f, q):
        return [1 / (2 * numpy.pi * f) ** 2, 1 / (q * 2 * numpy.pi * f), 1]

    root = 1 / numpy.sqrt(2)
    sections = [([1 / (2 * numpy.pi * 0.4) ** 2, 0, 0], pole_pair(0.4, root)), ([1], pole_pair(100, root)),
                ([1 / (2 * numpy.pi * 12.5), 1], pole_pair(12.5, 0.63)),
                (numpy.array(pole_pair(2.37, 0.91)) * (2.37 / 3.35) ** 2, pole_pair(3.35, 0.91))]
    return numpy.prod([abs(signal.freqs(b, a, 2 * numpy.pi * numpy.atleast_1d(frequency))[1])
                       for b, a in sections], axis=0)


def judged(codes):
    """Frequency, peak, r.m.s., THD, offset, a harmonic and the weighted r.m.s. of one window, and the standard errors of the first two."""
    y = codes * SCALE
    t = numpy.arange(len(y)) / RATE
    spectrum = numpy.abs(numpy.fft.rfft((y - y.mean()) * numpy.hanning(len(y)), 8 * len(y)))
    start = numpy.argmax(spectrum[16:]) + 16
    guess = [start * RATE / (8 * len(y)), y.mean()] + [0.1] * 20
    found, covariance = curve_fit(model, t, y, guess, xtol=1e-13, ftol=1e-13)
    amplitudes = numpy.hypot(found[2::2], found[3::2])
    variance = covariance[4:, 4:].diagonal()
    components = variance.reshape(-1, 2).sum(axis=1)
    squares = amplitudes ** 2
    squares[1:] -= components
    weights = wk(found[0] * numpy.arange(1, len(amplitudes) + 1))
    harmonics = max(0.0, (amplitudes[1:] ** 2).sum() - variance.sum())
    direction = found[2:4] / amplitudes[0]
    peak_error = numpy.sqrt(direction @ covariance[2:4, 2:4] @ direction)
    return {"vibration.frequency": found[0], "vibration.peak": amplitudes[0],
            "vibration.peak_to_peak": 2 * amplitudes[0],
            "vibration.rms": numpy.sqrt((amplitudes[0] ** 2 + harmonics) / 2),
            "vibration.thd": 100 * numpy.sqrt(harmonics) / amplitudes[0],
            "vibration.offset": found[1],
            "vibration.harmonic2": 100 * numpy.sqrt(squares[1]) / amplitudes[0],
            "vibration.weighted": numpy.sqrt((squares * weights ** 2).sum() / 2),
            "vibration.displacement": 2 * amplitudes[0] / (2 * numpy.pi * found[0]) ** 2,
            }, {"vibration.frequency": numpy.sqrt(covariance[0, 0]), "vibration.peak": peak_error}


def main():
    rig = sys.argv[1]
    draw = numpy.random.default_rng(11)
    worst = {}
    with tempfile.TemporaryDirectory() as folder:
        for n in range(25):
            frequency = draw.uniform(5, 120)
            t = numpy.arange(int(RATE * draw.uniform(0.9, 1))) / RATE
            turn = 2 * numpy.pi * frequency * t + draw.uniform(0, 6)
            y = draw.uniform(0.5, 5) * (numpy.sin(turn) + 0.1 * numpy.cos(2 * turn)
                                        + draw.uniform(0, 0.1) * numpy.sin(5 * turn))
            y += draw.normal(0, 0.05, len(t)) + draw.normal(0, 0.3)
            codes = numpy.round(y / SCALE).astype("<i2")
            path = pathlib.Path(folder) / "plate.i16"
            path.write_bytes(codes.tobytes())
            done = subprocess.run(
                [rig, "measure", path, "--format", "i16le", "--rate", f"{RATE}Hz", "--scale",
                 f"{SCALE}m/s2", "--json"], check=True, capture_output=True, text=True)
            taken = json.loads(done.stdout)["measurements"]
            values, errors = judged(codes)
            for name, value in values.items():
                assert taken[name]["n"] == 1, (name, taken[name])
                off = abs(taken[name]["mean"] - value) / max(abs(value), 1e-3)
                worst[name] = max(worst.get(name, 0), off)
            for name, error in errors.items():
                off = abs(taken[name]["u"] / error - 1)
                worst["u of " + name] = max(worst.get("u of " + name, 0), off)
    allowed = {"vibration.rms": 1e-5, "vibration.thd": 1e-3, "vibration.offset": 1e-5,
               "vibration.harmonic2": 1e-3, "vibration.weighted": 1e-5}
    bad = 0
    for name, off in worst.items():
        limit = allowed.get(name, 0.02 if name.startswith("u of") else 1e-6)
        bad += off > limit
        print(f"{name:24} largest difference {off:.1e} (allowed {limit:.0e})"
              + ("  TOO LARGE" if off > limit else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
