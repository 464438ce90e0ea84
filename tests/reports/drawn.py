"""Draws waveforms of a stimulator and stores them as captures: what a digitizer would have seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

LOAD = 500.0  # ohm
BITS = 12


@dataclass(frozen=True)
class Shape:
    """A biphasic pulse: phase, gap, phase of opposite sign."""

    amplitude: float = 20e-3  # A
    width: float = 300e-6     # s, of each phase
    gap: float = 100e-6       # s
    overshoot: float = 0.0    # relative, at the onset of phase 1, decaying with 15 us


@dataclass
class Drawn:
    """Samples of a current and a voltage channel, as quantities."""

    rate: int
    current: npt.NDArray[np.float64]
    voltage: npt.NDArray[np.float64]
    segments: list[tuple[int, int, int]] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    segment_length_ps: int = 0
    pre_trigger_ps: int = 0


def pulse_train(rate: int, seconds: float, onsets: npt.NDArray[np.float64], shape: Shape,
                seed: int) -> Drawn:
    """A continuous capture with one pulse per onset, rise time 2 us, and noise."""
    count = round(rate * seconds)
    current = np.zeros(count)
    length = round((2 * shape.width + shape.gap + 60e-6) * rate)
    t = np.arange(length) / rate - 20e-6
    one = shape.amplitude * (_edge(t) - _edge(t - shape.width))
    one *= 1 + shape.overshoot * np.exp(-np.clip(t, 0, None) / 15e-6)
    second = shape.width + shape.gap
    one -= shape.amplitude * (_edge(t - second) - _edge(t - second - shape.width))
    for onset in onsets:
        first = round((onset - 20e-6) * rate)
        a, b = max(0, first), min(count, first + length)
        if a < b:
            current[a:b] += one[a - first:b - first]
    noise = np.random.default_rng(seed)
    voltage = LOAD * current + noise.normal(0, 0.05, count)
    return Drawn(rate, current + noise.normal(0, 60e-6, count), voltage, [(0, 0, count)], [0])


def _edge(t: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A linear 0 to 1 transition of 2 us with its 50 % point at t = 0."""
    return np.clip(t / 2e-6 + 0.5, 0, 1)


def windows(whole: Drawn, onsets: npt.NDArray[np.float64], before: float, length: float) -> Drawn:
    """A segmented capture: a window of samples around each onset."""
    n, pre = round(length * whole.rate), round(before * whole.rate)
    starts = [round(o * whole.rate) - pre for o in onsets]
    rows = np.concatenate([np.arange(s, s + n) for s in starts])
    return Drawn(whole.rate, whole.current[rows], whole.voltage[rows],
                 [(s, k * n, n) for k, s in enumerate(starts)], [0] * len(starts),
                 round(length * 1e12), round(before * 1e12))


def lose(whole: Drawn, first: int, last: int) -> Drawn:
    """The same capture after samples [first, last) got lost."""
    keep = np.r_[0:first, last:len(whole.current)]
    rest = len(whole.current) - last
    return Drawn(whole.rate, whole.current[keep], whole.voltage[keep],
                 [(0, 0, first), (last, first, rest)], [0, 1])


def store(drawn: Drawn, path: Path, name: str, current_range: float = 50e-3,
          integrity_proven: bool = True) -> dict[str, Any]:
    """Writes the capture and returns what a record says of it (without file and hash)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    clipped = []
    with h5py.File(path, "w", track_order=False) as file:
        for channel, values, unit, full in (("current", drawn.current, "A", current_range),
                                            ("voltage", drawn.voltage, "V", 60.0)):
            low, high = -(2 ** (BITS - 1)), 2 ** (BITS - 1) - 1
            scale = full / high
            codes = np.clip(np.rint(values / scale), low, high).astype(np.int16)
            data = file.create_dataset(channel, data=codes, chunks=(min(65536, len(codes)),),
                                       shuffle=True, compression=1, fletcher32=True)
            data.attrs.update(unit=unit, bits=BITS, scale=scale, offset=0.0, clip_low=low,
                              clip_high=high, bandwidth_hz=1e6, gain_u=1e-3, offset_u=scale / 4)
            clipped.append([channel, int(((codes == low) | (codes == high)).sum())])
        file["segments"] = np.array(drawn.segments, dtype=np.uint64)
        file["segment_lost"] = np.array(drawn.lost, dtype=np.uint8)
        file["segment_number"] = np.arange(len(drawn.segments), dtype=np.uint32)
        file.attrs.update(schema="soleus-rig capture 1", name=name, rate_u=1e-6, alignment_u=1e-7,
                          rate_samples=np.uint64(drawn.rate), rate_seconds=np.uint64(1),
                          armed_at_ps=np.int64(10**11),
                          pre_trigger_ps=np.int64(drawn.pre_trigger_ps),
                          segment_length_ps=np.int64(drawn.segment_length_ps),
                          integrity_proven=np.uint8(integrity_proven))
    return {"name": name, "samples": len(drawn.current), "segments": len(drawn.segments),
            "segments_kept": len(drawn.segments), "lost": sum(drawn.lost), "clipped": clipped}
