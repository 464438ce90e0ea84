"""Captures read back: nothing hides in a plot, and damage is told instead of drawn."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import drawn
import h5py
import numpy as np
from drawn import Drawn, Shape

from soleus_report import capture as capture_module
from soleus_report.capture import Capture, CaptureError, min_max
from soleus_report.marks import phases_from
from soleus_report.plots import spread

ARMED_PS = 10**11  # as drawn.store() writes it


class Captures(unittest.TestCase):
    def setUp(self) -> None:
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)
        self.path = self.folder / "one.h5"

    def stored(self, whole: Drawn) -> Capture:
        path = self.folder / f"{len(list(self.folder.iterdir()))}.h5"
        drawn.store(whole, path, "one")
        opened = Capture(path)
        self.addCleanup(opened.__exit__, None, None, None)
        return opened

    def flat(self, count: int = 100_000) -> Drawn:
        return Drawn(1_000_000, np.zeros(count), np.zeros(count), [(0, 0, count)], [0])

    def test_a_single_sample_survives_the_decimation(self) -> None:
        for at in (0, 1, 49_999, 50_000, 99_999):
            whole = self.flat()
            whole.current[at] = 0.02
            one = self.stored(whole)
            envelope = one.envelope(one.channels[0], 0, 100_000, 313)
            self.assertAlmostEqual(float(np.nanmax(envelope.high)), 0.02, delta=2e-5)
            self.assertEqual(int((envelope.high > 0.01).sum()), 1)
            column = int(np.argmax(envelope.high))
            self.assertLessEqual(abs(float(envelope.index[column]) - at), 100_000 / 313)

    def test_the_decimation_does_not_depend_on_how_much_is_read_at_once(self) -> None:
        onsets = np.arange(0.01, 0.1, 0.013)
        one = self.stored(drawn.pulse_train(1_000_000, 0.1, onsets, Shape(), 1))
        whole = one.envelope(one.channels[0], 0, 100_000, 313)
        self.addCleanup(setattr, capture_module, "_ROWS_AT_ONCE", capture_module._ROWS_AT_ONCE)
        capture_module._ROWS_AT_ONCE = 1000
        pieces = one.envelope(one.channels[0], 0, 100_000, 313)
        np.testing.assert_array_equal(whole.low, pieces.low)
        np.testing.assert_array_equal(whole.high, pieces.high)

    def test_min_max_covers_every_stretch_to_the_end(self) -> None:
        low, high = min_max(np.array([3, 1, 2, 9, -4], dtype=np.int16), np.array([0, 2, 4]))
        self.assertEqual((low.tolist(), high.tolist()), ([1, 2, -4], [3, 9, -4]))

    def test_times_are_those_of_the_bench_clock(self) -> None:
        one = self.stored(self.flat())
        self.assertEqual(one.time_ps(3), ARMED_PS + 3_000_000)
        self.assertEqual(one.index_at(ARMED_PS + 3_999_999), 3)
        self.assertEqual(one.index_at(ARMED_PS - 1), -1)

    def test_between_segments_there_is_nothing(self) -> None:
        onsets = np.array([0.01, 0.05, 0.09])
        whole = drawn.pulse_train(1_000_000, 0.1, onsets, Shape(), 1)
        one = self.stored(drawn.windows(whole, onsets, 200e-6, 2e-3))
        envelope = one.envelope(one.channels[0], 0, 100_000, 100)
        filled = np.flatnonzero(~np.isnan(envelope.low))
        self.assertEqual(filled.tolist(), [9, 10, 11, 49, 50, 51, 89, 90, 91])
        self.assertEqual(one.triggers().tolist(), [10_000, 50_000, 90_000])
        self.assertTrue(one.covers(ARMED_PS + 10_500 * 10**6))
        self.assertFalse(one.covers(ARMED_PS + 20_000 * 10**6))
        index, value = one.samples(one.channels[0], 11_000, 50_000)
        self.assertEqual(int(np.isnan(value).sum()), 1)
        self.assertEqual((index[0], index[-1]), (11_000, 49_999))

    def test_lost_samples_leave_a_gap_of_the_right_length(self) -> None:
        one = self.stored(drawn.lose(self.flat(), 40_000, 50_000))
        self.assertEqual([(g.first, g.last) for g in one.gaps()], [(40_000, 50_000)])
        self.assertEqual((one.rows, one.end), (90_000, 100_000))

    def test_clipped_columns_are_marked(self) -> None:
        whole = self.flat()
        whole.current[70_000] = 0.06  # full scale is 50 mA
        one = self.stored(whole)
        envelope = one.envelope(one.channels[0], 0, 100_000, 100)
        self.assertEqual(np.flatnonzero(envelope.clipped_high).tolist(), [70])
        self.assertFalse(envelope.clipped_low.any())

    def test_phases_are_found_where_they_were_drawn(self) -> None:
        one = self.stored(drawn.pulse_train(5_000_000, 0.01, np.array([0.002]), Shape(), 1))
        onset = ARMED_PS + 2 * 10**9
        phases = phases_from(one, one.channels[0], onset)
        edges = [round((t - onset) / 1e6) for p in phases for t in (p.begin_ps, p.end_ps)]
        self.assertEqual(edges, [0, 300, 400, 700])

    def test_a_file_cut_off_says_so_in_one_line(self) -> None:
        drawn.store(self.flat(), self.path, "one")
        self.path.write_bytes(self.path.read_bytes()[:900])
        with self.assertRaises(CaptureError) as caught:
            Capture(self.path)
        self.assertRegex(str(caught.exception), r"^one\.h5: [^\n]+$")

    def test_a_flipped_bit_in_the_samples_is_noticed(self) -> None:
        whole = drawn.pulse_train(1_000_000, 0.05, np.array([0.01]), Shape(), 1)
        drawn.store(whole, self.path, "one")
        with h5py.File(self.path) as file:
            at = file["current"].id.get_chunk_info(0).byte_offset
        damaged = bytearray(self.path.read_bytes())
        damaged[at + 2000] ^= 0x10
        self.path.write_bytes(damaged)
        with Capture(self.path) as one, self.assertRaises(CaptureError):
            one.envelope(one.channels[0], 0, 50_000, 10)

    def test_segments_that_overlap_are_refused(self) -> None:
        whole = self.flat(100)
        whole.segments, whole.lost = [(0, 0, 60), (50, 60, 40)], [0, 0]
        drawn.store(whole, self.path, "one")
        with self.assertRaisesRegex(CaptureError, "one.h5: segments: out of order or overlapping"):
            Capture(self.path)

    def test_a_channel_of_another_length_is_refused(self) -> None:
        whole = self.flat(100)
        whole.voltage = whole.voltage[:90]
        drawn.store(whole, self.path, "one")
        with self.assertRaisesRegex(CaptureError, "voltage: expected 100 samples"):
            Capture(self.path)


class Labels(unittest.TestCase):
    def test_stand_where_they_belong_when_there_is_room(self) -> None:
        self.assertEqual(spread([1.0, 5.0], 2.0), [1.0, 5.0])

    def test_move_apart_around_their_middle(self) -> None:
        self.assertEqual(spread([1.0, 1.0, 9.0], 2.0), [0.0, 2.0, 9.0])


if __name__ == "__main__":
    unittest.main()
