"""Captures as they lie on disk: integer codes, what turns them into quantities, and when each was
taken. Reads only the rows that a plot needs, a bounded number at a time.

    index     sample clocks since arming; runs on between segments
    time      armed_at + index * rate_seconds / rate_samples    (bench clock)
    value     offset + scale * code                             (the channel's unit)
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

_ROWS_AT_ONCE = 4_000_000  # 8 MB of codes


class CaptureError(Exception):
    """The capture cannot be read; one line."""


@dataclass(frozen=True)
class Channel:
    name: str
    unit: str
    scale: float
    offset: float
    clip_low: int
    clip_high: int

    def value_of(self, codes: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        return self.offset + self.scale * codes.astype(np.float64)

    def can_clip(self) -> bool:
        return self.unit != "logic"


@dataclass(frozen=True)
class Envelope:
    """The lowest and the highest sample of each column of a plot. Empty columns hold NaN."""

    index: npt.NDArray[np.float64]  # middle of each column, in sample clocks
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    clipped_low: npt.NDArray[np.bool_]
    clipped_high: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Gap:
    """Samples [first, last) that the digitizer lost."""

    first: int
    last: int


def min_max(codes: npt.NDArray[Any], starts: npt.NDArray[np.int64]
            ) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Lowest and highest of each stretch [starts[i], starts[i + 1]), the last one to the end.
    No sample is left out. REQUIRES: starts strictly increasing, starts[0] = 0, codes not empty."""
    return np.minimum.reduceat(codes, starts), np.maximum.reduceat(codes, starts)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


class Capture:
    """An open capture file. Throws CaptureError from every member when the file is damaged."""

    def __init__(self, path: Path) -> None:
        self._file: h5py.File | None = None
        self._named = path.name
        with self._errors():
            if not path.exists():
                raise CaptureError(f"{path.name}: the file is not there")
            self._file = h5py.File(path, "r")
            try:
                self._read_head(self._file)
            except BaseException:
                self._file.close()
                raise

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, KeyError, ValueError, RuntimeError, TypeError, OverflowError) as error:
            why = " ".join(str(error).split()) or type(error).__name__
            raise CaptureError(f"{self._named}: {why}") from error

    def _read_head(self, file: h5py.File) -> None:
        attributes = file.attrs
        schema = _text(attributes.get("schema", "nothing"))
        if schema != "soleus-rig capture 1":
            raise CaptureError(f"{self._named}: schema: expected 'soleus-rig capture 1', "
                               f"found '{schema}'")
        self.rate_samples = int(attributes["rate_samples"])
        self.rate_seconds = int(attributes["rate_seconds"])
        if self.rate_samples <= 0 or self.rate_seconds <= 0:
            raise CaptureError(f"{self._named}: rate: expected a positive rate")
        self.armed_at_ps = int(attributes["armed_at_ps"])
        self.pre_trigger_ps = int(attributes["pre_trigger_ps"])
        self.segmented = int(attributes["segment_length_ps"]) != 0
        self.integrity_proven = bool(attributes["integrity_proven"])

        rows = np.asarray(file["segments"], dtype=np.int64).reshape(-1, 3)
        self.first, self.offset, self.count = rows[:, 0], rows[:, 1], rows[:, 2]
        self._lost = np.asarray(file["segment_lost"], dtype=np.uint8)
        # What has a unit is a channel; the other datasets tell where its rows belong.
        self.channels = [self._channel(name, data) for name, data in file.items()
                         if "unit" in data.attrs]
        # Currents first: the output is what the rig is about.
        self.channels.sort(key=lambda c: ({"A": 0, "V": 1, "logic": 3}.get(c.unit, 2), c.name))
        self._check(file)

    def _channel(self, name: str, data: h5py.Dataset) -> Channel:
        a = data.attrs
        return Channel(name, _text(a["unit"]), float(a["scale"]), float(a["offset"]),
                       int(a["clip_low"]), int(a["clip_high"]))

    def _check(self, file: h5py.File) -> None:
        if len(self._lost) != len(self.first):
            raise CaptureError(f"{self._named}: segment_lost: expected {len(self.first)} rows, "
                               f"found {len(self._lost)}")
        if not self.channels:
            raise CaptureError(f"{self._named}: no channel in it")
        end = self.first + self.count
        if (self.count < 0).any() or (self.first[1:] < end[:-1]).any() or \
                (self.offset[1:] != (self.offset + self.count)[:-1]).any():
            raise CaptureError(f"{self._named}: segments: out of order or overlapping")
        rows = int(self.offset[-1] + self.count[-1]) if len(self.offset) else 0
        for channel in self.channels:
            if file[channel.name].shape != (rows,):
                raise CaptureError(f"{self._named}: {channel.name}: expected {rows} samples, "
                                   f"found shape {file[channel.name].shape}")

    @property
    def rate(self) -> float:
        return self.rate_samples / self.rate_seconds

    @property
    def rows(self) -> int:
        return int(self.count.sum())

    @property
    def end(self) -> int:
        """One past the last sample index."""
        return int(self.first[-1] + self.count[-1]) if len(self.first) else 0

    def time_ps(self, index: int) -> int:
        return self.armed_at_ps + index * self.rate_seconds * 10**12 // self.rate_samples

    def index_at(self, ps: int) -> int:
        """The last sample taken at or before an instant; may lie outside of the capture."""
        return (ps - self.armed_at_ps) * self.rate_samples // (self.rate_seconds * 10**12)

    def covers(self, ps: int) -> bool:
        """True when samples were taken around this instant (so not between two segments)."""
        index = self.index_at(ps)
        return bool(((self.first <= index) & (index < self.first + self.count)).any())

    def gaps(self) -> list[Gap]:
        return [Gap(int(self.first[k - 1] + self.count[k - 1]) if k else 0, int(self.first[k]))
                for k in np.flatnonzero(self._lost)]

    def triggers(self) -> npt.NDArray[np.int64]:
        """Sample indices of the triggers of a segmented capture."""
        if not self.segmented:
            return np.empty(0, dtype=np.int64)
        before = self.pre_trigger_ps * self.rate_samples // (self.rate_seconds * 10**12)
        return self.first[self._lost == 0] + before

    def _rows_at(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """For each index the row of the first sample not before it."""
        k = np.clip(np.searchsorted(self.first, indices, side="right") - 1, 0, None)
        return self.offset[k] + np.clip(indices - self.first[k], 0, self.count[k])

    def _codes(self, channel: Channel, begin: int, end: int) -> npt.NDArray[np.int16]:
        assert self._file is not None
        with self._errors():
            return np.asarray(self._file[channel.name][begin:end])

    def envelope(self, channel: Channel, begin: int, end: int, columns: int) -> Envelope:
        """Min and max of the samples [begin, end) in `columns` columns of equal duration."""
        edges = begin + (np.arange(columns + 1, dtype=np.int64) * (end - begin)) // columns
        low, high = np.full(columns, np.nan), np.full(columns, np.nan)
        if len(self.first):
            rows = self._rows_at(edges)
            for a, b in _batches(rows):
                codes = self._codes(channel, int(rows[a]), int(rows[b]))
                filled = a + np.flatnonzero(np.diff(rows[a:b + 1]))
                low[filled], high[filled] = min_max(codes, rows[filled] - rows[a])
        at_low, at_high = low <= channel.clip_low, high >= channel.clip_high
        if not channel.can_clip():
            at_low, at_high = np.zeros_like(at_low), np.zeros_like(at_high)
        return Envelope((edges[:-1] + edges[1:] - 1) / 2, channel.value_of(low),
                        channel.value_of(high), at_low, at_high)

    def samples(self, channel: Channel, begin: int, end: int
                ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Indices and values of the samples [begin, end), with a NaN between segments."""
        indices: list[npt.NDArray[np.float64]] = []
        values: list[npt.NDArray[np.float64]] = []
        touched = (self.first < end) & (self.first + self.count > begin) & (self.count > 0)
        for k in np.flatnonzero(touched):
            first = int(self.first[k])
            a, b = max(begin, first), min(end, first + int(self.count[k]))
            if indices:
                indices.append(np.array([float(a)]))
                values.append(np.array([np.nan]))
            row = int(self.offset[k]) + a - first
            indices.append(np.arange(a, b, dtype=np.float64))
            values.append(channel.value_of(self._codes(channel, row, row + b - a)))
        if not indices:
            return np.empty(0), np.empty(0)
        return np.concatenate(indices), np.concatenate(values)


def _batches(rows: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Stretches [a, b) of columns that hold samples and at most _ROWS_AT_ONCE, or are single."""
    a, columns = 0, len(rows) - 1
    while a < columns:
        b = int(np.searchsorted(rows, rows[a] + _ROWS_AT_ONCE, side="right")) - 1
        b = min(columns, max(a + 1, b))
        if rows[b] > rows[a]:
            yield a, b
        a = b
