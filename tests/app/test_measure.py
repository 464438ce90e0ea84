"""`rig measure`: every shape and format, from the outside, against the truth that was drawn."""

import csv
import json
import os
import pathlib
import subprocess
import sys
import unittest

import harness
import numpy as np
import signals
from harness import RIG
from signals import BIPHASIC, RATE, SCALE, onsets, train

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "measure"))

I16 = ("--format", "i16le", "--rate", "1MHz", "--scale", "2e-6A")


def strict(text):
    def refuse(word):
        raise ValueError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


class MeasureTest(harness.RigTest):
    def measured(self, codes, *flags, told=None):
        path = self.write("train.bin", codes.tobytes())
        done = self.rig("measure", path, "--json", *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        if told is None:
            self.assertEqual(done.stderr, "")
        else:
            self.assertRegex(done.stderr, told)
        return strict(done.stdout)

    def assert_mean(self, seen, quantity, truth, within):
        self.assertIn(quantity, seen["measurements"])
        self.assertAlmostEqual(seen["measurements"][quantity]["mean"], truth, delta=within, msg=quantity)


class Output(MeasureTest):
    def test_json_has_the_promised_shape_in_si_units(self):
        seen = self.measured(signals.codes(signals.biphasic(), SCALE, noise=20), *I16)
        self.assertEqual((seen["pulses"], seen["cut"], seen["samples"]), (20, 0, 505000))
        for name, m in seen["measurements"].items():
            self.assertEqual(sorted(m), ["max", "mean", "min", "n", "sd", "u", "unit"], name)
            self.assertIn(m["unit"], ("1", "s", "A", "C", "J", "V", "Hz", "%", "A/s"), name)
            self.assertIsInstance(m["n"], int, name)
            for key in ("mean", "sd", "min", "max", "u"):
                self.assertIsInstance(m[key], (int, float), (name, key))
            self.assertGreaterEqual(m["u"], 0, name)
            slack = 1e-9 * abs(m["mean"])
            self.assertLessEqual(m["min"] - slack, m["mean"], name)
            self.assertLessEqual(m["mean"], m["max"] + slack, name)
        sound = {"segments": 1, "losses": 0, "clipped": {"current": 0}, "poisoned": {}}
        self.assertEqual({key: seen["integrity"][key] for key in sound}, sound)

    def test_pulses_csv_has_one_row_a_pulse_and_its_columns_average_to_the_json(self):
        table = self.folder / "pulses.csv"
        seen = self.measured(signals.codes(signals.biphasic(), SCALE, noise=20), *I16, "--pulses", table)
        lines = table.read_text().splitlines()
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
        self.assertTrue(lines[0].startswith("# "))
        self.assertEqual(list(rows[0])[0], "start_s")
        self.assertEqual(len(rows), 20)
        starts = np.array([float(row["start_s"]) for row in rows])
        # A one-pole edge of 1 us crosses 50 % after ln 2 of it.
        np.testing.assert_allclose(starts, onsets(20, 25e-3) + np.log(2) * 1e-6, atol=2e-7)
        for name in rows[0]:
            values = [float(row[name]) for row in rows if row[name]]
            if name == "start_s" or not values:
                continue
            m = seen["measurements"][name]
            self.assertEqual(m["n"], len(values), name)
            close = dict(rel=1e-9, floor=1e-9 * max(map(abs, values)))
            for key, value in (("mean", np.mean(values)), ("min", min(values)), ("max", max(values)),
                               ("sd", np.std(values, ddof=1))):
                self.assertLessEqual(abs(m[key] - value), close["rel"] * abs(value) + close["floor"],
                                     (name, key))

    def test_separation_has_its_mean_and_scatter(self):
        begins = onsets(20, 25e-3)
        begins[1::2] += 1e-3
        amps = train(begins, BIPHASIC, RATE, begins[-1] + 20e-3)
        seen = self.measured(signals.codes(amps, SCALE, noise=20), *I16)["measurements"]["separation"]
        gaps = np.diff(begins) - 700e-6
        self.assertEqual(seen["n"], 19)
        self.assertAlmostEqual(seen["mean"], gaps.mean(), delta=1e-7)
        self.assertAlmostEqual(seen["sd"], gaps.std(ddof=1), delta=1e-7)
        self.assertAlmostEqual(seen["min"], gaps.min(), delta=3e-7)
        self.assertAlmostEqual(seen["max"], gaps.max(), delta=3e-7)

    def test_a_quiet_level_far_from_zero_is_no_output_but_told(self):
        codes = signals.codes(signals.biphasic(), SCALE)
        for level, told in ((0, False), (5e-3, True)):
            waveform = (codes + round(level / SCALE)).astype("<i2")
            path = self.write("train.bin", waveform.tobytes())
            done = self.rig("measure", path, "--json", *I16)
            self.assertEqual("the quiet level of 5 mA is no output (--baseline 0 if it is)" in done.stderr, told)
            self.assertEqual(len(strict(done.stdout)["integrity"]["assumed"]), 1 if told else 0)

    def test_what_nobody_says_is_told_as_assumed(self):
        codes = signals.codes(signals.biphasic(), SCALE, noise=20)
        raw = self.write("train.bin", codes.tobytes())
        table = self.write("train.csv", "\n".join(f"{k * 1e-6:.6f},{x}" for k, x in enumerate(codes[:60000])))
        code = "one code is worth 1 V: neither the file nor --scale says what it is"
        for path, what, flags in ((raw, code, ("--format", "i16le", "--rate", "1MHz")),
                                  (table, "numbers are volts: the file does not say their unit", ())):
            done = self.rig("measure", path, "--json", *flags)
            self.assertEqual((done.returncode, done.stderr), (0, f"rig: {path}: assumed: {what}\n"))
            self.assertEqual(strict(done.stdout)["integrity"]["assumed"], [what])
        done = self.rig("measure", raw, "--json", *I16)
        self.assertEqual((strict(done.stdout)["integrity"]["assumed"], done.stderr), ([], ""))

    def test_standard_input_gives_what_the_file_gives(self):
        codes = signals.codes(signals.biphasic(), SCALE, noise=20)
        from_file = self.measured(codes, *I16)
        done = subprocess.run([RIG, "measure", "-", "--json", *I16], input=codes.tobytes(),
                              capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        from_stream = strict(done.stdout)
        from_file.pop("file")
        self.assertEqual(from_stream.pop("file"), "-")
        self.assertEqual(from_stream, from_file)

    def test_plot_is_a_png(self):
        picture = self.folder / "overview.png"
        self.measured(signals.codes(signals.biphasic(), SCALE, noise=20), *I16, "--plot", picture)
        self.assertEqual(picture.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_table_for_people_names_units(self):
        path = self.write("train.bin", signals.codes(signals.biphasic(), SCALE, noise=20).tobytes())
        done = self.rig("measure", path, *I16)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"(?m)^20 pulses, 0 cut, in 505000 samples at 1 MHz$")
        self.assertRegex(done.stdout, r"(?m)^phase1\.width +20 +300 us ")

    def test_a_stream_needs_no_more_memory_than_a_tenth_of_it(self):
        block = signals.codes(signals.biphasic(40), SCALE, noise=20).tobytes()

        def peak_kib(times):
            reading, writing = os.pipe()
            rig = subprocess.Popen([RIG, "measure", "-", "--json", *I16], stdin=reading,
                                   stdout=subprocess.DEVNULL)
            os.close(reading)
            with os.fdopen(writing, "wb") as stream:
                for _ in range(times):
                    stream.write(block)
            _, status, usage = os.wait4(rig.pid, 0)
            rig.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(rig.returncode, 0)
            return usage.ru_maxrss

        self.assertLess(peak_kib(100), 1.1 * peak_kib(10))


class Formats(MeasureTest):
    def test_every_raw_format_gives_the_same_train(self):
        amps = signals.biphasic()
        formats = {"u8": ("u1", 128, "5e-4A"), "i8": ("i1", 0, "5e-4A"), "i16le": ("<i2", 0, "2e-6A"),
                   "i16be": (">i2", 0, "2e-6A"), "u16le": ("<u2", 32768, "2e-6A"),
                   "u16be": (">u2", 32768, "2e-6A"), "f32le": ("<f4", 0, "1A"), "f32be": (">f4", 0, "1A")}
        for name, (dtype, zero, scale) in formats.items():
            with self.subTest(name):
                per_code = float(scale[:-1])
                codes = signals.codes(amps, per_code, dtype, zero)
                seen = self.measured(codes, "--format", name, "--rate", "1MHz", "--scale", scale,
                                     "--offset", f"{-zero * per_code:.9f}A")
                self.assertEqual((seen["pulses"], seen["samples"]), (20, len(codes)))
                self.assert_mean(seen, "phase1.width", 300e-6, 0.1e-6)
                self.assert_mean(seen, "phase2.width", 300e-6, 0.1e-6)
                self.assert_mean(seen, "gap", 100e-6, 0.1e-6)
                self.assert_mean(seen, "period", 25e-3, 1e-9)
                self.assert_mean(seen, "phase1.amplitude", 20e-3, max(per_code, 1e-5))

    def test_floating_point_is_as_sure_as_the_codes_it_was_made_of(self):
        for noise in (0, 20):
            codes = signals.codes(signals.biphasic(), SCALE, noise=noise)
            ours = self.measured(codes, *I16)["measurements"]
            floats = self.measured((codes * SCALE).astype("<f4"), "--format", "f32le", "--rate", "1MHz",
                                   "--scale", "1A")["measurements"]
            for name, m in ours.items():
                self.assertLessEqual(abs(floats[name]["u"] - m["u"]), 0.1 * m["u"] + 1e-15, (noise, name))

    def test_a_sine_in_floating_point_is_as_sure_as_the_codes_it_was_made_of(self):
        t = np.arange(20000) / 5e3
        codes = np.rint(800 * np.sin(2 * np.pi * 45 * t)).astype("<i2")
        how = ("--rate", "5kHz", "--sine", "--scale")
        ours = self.measured(codes, "--format", "i16le", *how, "5e-3m/s2")["measurements"]
        floats = self.measured((codes * 5e-3).astype("<f4"), "--format", "f32le", *how, "1m/s2")["measurements"]
        for name, m in ours.items():
            self.assertLessEqual(abs(floats[name]["u"] - m["u"]), 0.1 * m["u"] + 1e-15, name)

    def test_plot_of_a_sine_is_a_png_too_and_pulses_of_it_are_refused(self):
        codes = np.rint(800 * np.sin(2 * np.pi * 45 * np.arange(20000) / 5e3)).astype("<i2")
        how = ("--format", "i16le", "--rate", "5kHz", "--scale", "5e-3m/s2")
        picture = self.folder / "sine.png"
        self.measured(codes, *how, "--plot", picture)
        self.assertEqual(picture.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        done = self.rig("measure", self.folder / "train.bin", *how, "--pulses", self.folder / "p.csv")
        self.assertEqual((done.returncode, done.stderr), (2, "rig: --pulses: a sine has none\n"))

    def test_the_wanted_one_of_four_interleaved_channels_is_measured(self):
        others = np.random.default_rng(3)
        channels = [signals.codes(k * signals.biphasic(), SCALE, noise=20, seed=k) for k in (1, 2, 3, 0)]
        channels[3] = others.integers(-300, 300, len(channels[0])).astype("<i2")
        codes = np.stack(channels, axis=1)
        for k in (1, 2, 3):
            seen = self.measured(codes, *I16, "--channels", 4, "--channel", f"ch{k}")
            self.assertEqual((seen["pulses"], seen["samples"]), (20, len(codes)))
            self.assert_mean(seen, "phase1.amplitude", 20e-3 * k, 5e-6)

    def test_latencies_and_overlaps_against_another_channel(self):
        other = train(onsets(20, 25e-3) + 650e-6, [(0, 200e-6, 40e-3)], RATE, len(signals.biphasic()) / RATE)
        codes = np.stack([signals.codes(x, SCALE, noise=20, seed=k)
                          for k, x in enumerate((signals.biphasic(), other))], axis=1)
        path = self.write("two.bin", codes.tobytes())
        how = ("measure", path, "--json", *I16, "--channels", 2)
        done = self.rig(*how, "--channel", "ch1", "--against", "ch2")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        seen = strict(done.stdout)
        self.assert_mean(seen, "latency.ch1.to.ch2", 650e-6, 0.2e-6)
        self.assert_mean(seen, "latency.ch2.to.ch1", 25e-3 - 650e-6, 0.2e-6)
        self.assert_mean(seen, "overlap.ch1.with.ch2", 50e-6, 0.5e-6)
        self.assert_mean(seen, "overlaps.ch1.with.ch2", 20, 0)
        self.assertEqual(seen["measurements"]["latency.ch1.to.ch2"]["n"], 20)
        for wrong, complaint in (("ch9", "--channel: no channel 'ch9'; there are: ch1, ch2"),
                                 ("ch1", "--against: expected another channel than 'ch1', which is the measured one")):
            done = self.rig(*how, "--channel", "ch1", "--against", wrong)
            self.assertEqual((done.returncode, done.stderr), (2, f"rig: {complaint}\n"))

    def test_latency_to_a_logic_probe(self):
        import sigrok_session
        amps = signals.biphasic()
        path = self.folder / "probe.sr"
        sigrok_session.write(path, amps, 10e-3, RATE)
        done = self.rig("measure", path, "--json", "--against", "D0")
        seen = strict(done.stdout)
        self.assert_mean(seen, "latency.current.to.D0", 0, 1e-6)
        self.assert_mean(seen, "overlap.current.with.D0", 300e-6, 1e-6)

    def test_a_load_turns_volts_into_amperes(self):
        codes = signals.codes(500 * signals.biphasic(), 500 * SCALE, noise=20)
        seen = self.measured(codes, "--format", "i16le", "--rate", "1MHz", "--scale", "1mV", "--load", "500ohm")
        self.assertEqual(seen["measurements"]["phase1.amplitude"]["unit"], "A")
        self.assert_mean(seen, "phase1.amplitude", 20e-3, 5e-6)
        volts = self.measured(codes, "--format", "i16le", "--rate", "1MHz", "--scale", "1mV")
        self.assertEqual(volts["measurements"]["phase1.amplitude"]["unit"], "V")
        self.assertEqual(volts["measurements"]["phase1.charge"]["unit"], "V s")
        self.assertEqual([name for name in volts["measurements"] if "current" in name], [])
        self.assert_mean(volts, "voltage.peak", 10, 0.15)
        self.assert_mean(volts, "voltage.average", 10 * 600e-6 / 25e-3, 1e-3)
        self.assert_mean(volts, "phase1.amplitude", 10, 2.5e-3)


class Shapes(MeasureTest):
    def of(self, phases, count=20, period=25e-3, noise=20, begins=None, **how):
        begins = onsets(count, period) if begins is None else begins
        amps = train(begins, phases, RATE, begins[-1] + 20e-3, **how)
        return self.measured(signals.codes(amps, SCALE, noise=noise), *I16)

    def test_monophasic(self):
        seen = self.of([(0, 250e-6, 30e-3)])
        self.assertEqual(seen["pulses"], 20)
        self.assert_mean(seen, "pulse.phases", 1, 0)
        self.assert_mean(seen, "phase1.width", 250e-6, 0.1e-6)
        self.assert_mean(seen, "phase1.charge", 7.5e-6, 5e-9)
        self.assertNotIn("phase2.width", seen["measurements"])
        self.assertNotIn("gap", seen["measurements"])

    def test_negative_phase_first(self):
        seen = self.of([(0, 250e-6, -30e-3), (250e-6, 250e-6, 30e-3)])
        self.assert_mean(seen, "phase1.amplitude", -30e-3, 5e-6)
        self.assert_mean(seen, "phase2.amplitude", -30e-3, 5e-6)

    def test_asymmetric_and_balanced(self):
        seen = self.of([(0, 200e-6, 40e-3), (300e-6, 800e-6, -10e-3)])
        self.assertEqual(seen["pulses"], 20)
        self.assert_mean(seen, "phase1.width", 200e-6, 0.1e-6)
        self.assert_mean(seen, "phase2.width", 800e-6, 0.1e-6)
        self.assert_mean(seen, "phase2.amplitude", 10e-3, 5e-6)
        self.assert_mean(seen, "charge_imbalance", 0, 0.1)

    def test_multiphase(self):
        four = [(k * 250e-6, 150e-6, 20e-3 * (-1) ** k) for k in range(4)]
        seen = self.of(four)
        self.assertEqual(seen["pulses"], 20)
        self.assert_mean(seen, "pulse.phases", 4, 0)
        self.assert_mean(seen, "pulse.duration", 900e-6, 0.1e-6)
        self.assert_mean(seen, "net_charge", 0, 5e-9)

    def test_bursts(self):
        begins = np.concatenate([0.05 + 0.5 * k + onsets(8, 10e-3, 0) for k in range(4)])
        seen = self.of(BIPHASIC, begins=begins)
        self.assertEqual(seen["pulses"], 32)
        self.assert_mean(seen, "burst.pulses", 8, 0)
        self.assertEqual(seen["measurements"]["burst.pulses"]["n"], 3)  # the last may go on
        self.assertEqual(seen["measurements"]["burst.pulses"]["sd"], 0)
        self.assert_mean(seen, "burst.on_time", 80e-3, 1e-6)
        self.assert_mean(seen, "burst.off_time", 420e-3, 1e-6)

    def test_drooping_like_an_rc(self):
        droop = 1 / 1.5e-3
        seen = self.of([(0, 300e-6, 25e-3), (400e-6, 300e-6, -25e-3)], droop=droop)
        self.assertEqual(seen["pulses"], 20)
        # Over the state: without 10 % of the phase at either end.
        self.assert_mean(seen, "phase1.droop", 100 * -np.expm1(-droop * 240e-6), 0.2)
        self.assert_mean(seen, "phase1.charge", 25e-3 / droop * -np.expm1(-droop * 300e-6), 3e-8)
        self.assert_mean(seen, "phase1.width", 300e-6, 1e-6)

    def test_drooping_through_a_coupling_capacitor(self):
        from scipy import signal
        amps = signals.biphasic()
        tau = 8e-3 * RATE  # samples
        through = signal.lfilter([1, -1], [1, -np.exp(-1 / tau)], amps)
        seen = self.measured(signals.codes(through, SCALE, noise=20), *I16)
        self.assertEqual(seen["pulses"], 20)
        self.assert_mean(seen, "phase1.width", 300e-6, 2e-6)
        self.assert_mean(seen, "phase1.droop", 100 * -np.expm1(-240e-6 / 8e-3), 0.05)

    def test_eight_bits_with_noise(self):
        amps = signals.biphasic()
        codes = signals.codes(amps, 0.4e-3, "u1", 128, noise=0.7)
        seen = self.measured(codes, "--format", "u8", "--rate", "1MHz", "--scale", "0.4mA",
                             "--offset", "-51.2mA")
        self.assertEqual((seen["pulses"], seen["cut"]), (20, 0))
        self.assert_mean(seen, "phase1.width", 300e-6, 0.1e-6)
        self.assert_mean(seen, "phase1.amplitude", 20e-3, 20e-6)
        self.assert_mean(seen, "baseline", 0, 50e-6)

    def test_a_baseline_off_zero_is_found_and_reported(self):
        codes = signals.codes(signals.biphasic() + 7e-3, SCALE, noise=20)
        seen = self.measured(codes, *I16, told=r"the quiet level of \S+ mA is no output")
        self.assertEqual(seen["pulses"], 20)
        self.assert_mean(seen, "baseline", 7e-3, 2e-6)
        self.assert_mean(seen, "phase1.amplitude", 20e-3, 5e-6)
        self.assertAlmostEqual(seen["criteria"]["baseline"], 7e-3, delta=5e-6)

    def test_pulses_cut_by_the_ends_are_counted_apart_and_enter_nothing(self):
        amps = signals.biphasic()
        begin, end = round(5e-3 * RATE) + 150, round((5e-3 + 19 * 25e-3) * RATE) + 150
        seen = self.measured(signals.codes(amps[begin:end], SCALE, noise=20), *I16)
        self.assertEqual((seen["pulses"], seen["cut"]), (18, 2))
        for name in ("phase1.width", "phase2.width"):
            self.assertEqual(seen["measurements"][name]["n"], 18)
            self.assertAlmostEqual(seen["measurements"][name]["min"], 300e-6, delta=0.5e-6)
        self.assertEqual(seen["measurements"]["pulse.count"]["mean"], 18)
        self.assert_mean(seen, "period", 25e-3, 1e-9)

    def test_clipping_poisons_magnitudes_and_not_instants(self):
        amps = signals.biphasic()
        codes = np.clip(signals.codes(amps, 0.5e-6, noise=20), -32768, 32767)
        seen = self.measured(codes, "--format", "i16le", "--rate", "1MHz", "--scale", "0.5uA")
        poisoned = seen["integrity"]["poisoned"]
        self.assertGreater(seen["integrity"]["clipped"]["current"], 20 * 500)
        for name in ("phase1.amplitude", "phase2.amplitude", "phase1.charge", "current.peak", "rms"):
            self.assertIn("clipped", poisoned[name])
        for name in ("period", "pulse.count", "pulse.phases", "rate", "baseline"):
            self.assertNotIn(name, poisoned)

    def test_ringing_below_a_given_threshold_tears_no_pulse_apart(self):
        amps = signals.biphasic()
        for k in np.flatnonzero(np.abs(np.diff(amps)) > 9e-3):
            t = np.arange(30)
            amps[k + 1:k + 31] += np.sign(amps[k + 1] - amps[k]) * 4e-3 * np.exp(-t / 8) * np.cos(t)
        seen = self.measured(signals.codes(amps, SCALE, noise=20), *I16, "--threshold", "8mA")
        self.assertEqual((seen["pulses"], seen["cut"]), (20, 0))
        self.assert_mean(seen, "pulse.phases", 2, 0)
        self.assert_mean(seen, "gap", 100e-6, 1e-6)

    def test_ringing_beside_a_phase_is_no_phase(self):
        amps = signals.biphasic()
        for k in np.flatnonzero(np.abs(np.diff(amps)) > 9e-3):
            t = np.arange(30)
            amps[k + 1:k + 31] += np.sign(amps[k + 1] - amps[k]) * 4e-3 * np.exp(-t / 8) * np.cos(t)
        seen = self.measured(signals.codes(amps, SCALE, noise=20), *I16)
        self.assertEqual((seen["pulses"], seen["cut"]), (20, 0))
        self.assert_mean(seen, "pulse.phases", 2, 0)
        self.assert_mean(seen, "gap", 100e-6, 1e-6)
        self.assert_mean(seen, "phase2.width", 300e-6, 1e-6)

    def test_silence_and_noise_alone_have_no_pulses(self):
        silence = np.zeros(100_000, "<i2")
        noise = signals.codes(np.zeros(300_000), SCALE, noise=20)
        for codes in (silence, noise):
            seen = self.measured(codes, *I16)
            self.assertEqual((seen["pulses"], seen["cut"], seen["samples"]), (0, 0, len(codes)))


if __name__ == "__main__":
    unittest.main()
