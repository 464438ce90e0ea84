"""Pulse trains drawn in closed form with numpy, and their samples as a digitizer would store them."""

import numpy as np


def step_response(t, tau):
    """Of a one-pole low pass; of nothing at all when tau is 0."""
    if tau == 0:
        return np.where(t >= 0, 1.0, 0.0)
    return np.where(t >= 0, -np.expm1(-np.maximum(t, 0) / tau), 0.0)


def onsets(count, period, first=5e-3):
    return first + period * np.arange(count)


def train(begins, phases, rate, length, tau=1e-6, droop=0):
    """Pulses that begin at `begins` (s). Phases: (offset s, width s, level). Droop, 1/s: a phase
    decays as exp(-droop t), and then ends at zero."""
    samples = np.zeros(round(length * rate))
    for begin in begins:
        for offset, width, level in phases:
            start = begin + offset
            window = slice(int(start * rate), min(len(samples), int((start + width + 40 * tau) * rate) + 2))
            t = np.arange(window.start, window.stop) / rate - start
            if droop:
                samples[window] += level * np.where((t >= 0) & (t < width), np.exp(-droop * t), 0)
            else:
                samples[window] += level * (step_response(t, tau) - step_response(t - width, tau))
    return samples


def codes(samples, scale, dtype="<i2", zero=0, noise=0, seed=1):
    """`noise`: standard deviation in codes."""
    values = samples / scale + zero + noise * np.random.default_rng(seed).standard_normal(len(samples))
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return values.astype(dtype)
    ends = np.iinfo(dtype)
    return np.clip(np.rint(values), ends.min, ends.max).astype(dtype)


BIPHASIC = [(0, 300e-6, 20e-3), (400e-6, 300e-6, -20e-3)]
RATE = 1e6
SCALE = 2e-6  # A per code of 16 bits: a third of the scale


def biphasic(count=20, rate=RATE, period=25e-3, **how):
    return train(onsets(count, period), BIPHASIC, rate, count * period + 5e-3, **how)
