"""`rig measure` on what is no waveform: one line on stderr, exit code 2, nothing written."""

import os
import pathlib
import struct
import subprocess
import unittest

import harness
import numpy as np
import signals
from harness import RIG

RAW = ("--format", "i16le", "--rate", "1MHz")
F32 = ("--format", "f32le", "--rate", "1MHz")


class BadWaveform(harness.RigTest):
    def refused(self, *args, **how):
        """Returns the complaint with this test's folder taken out."""
        before = self.files()
        done = self.rig("measure", *args, **how)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(self.files(), before, "something was written")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("rig: "), done.stderr)
        return done.stderr[len("rig: "):-1].replace(str(self.folder) + "/", "")

    def files(self):
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def train(self, dtype="<i2"):
        return self.write("train.bin", signals.codes(signals.biphasic(2), signals.SCALE, dtype).tobytes())

    def test_truncated_frames_are_told_with_their_byte(self):
        path = self.write("odd.bin", b"\0" * 4001)
        self.assertEqual(self.refused(path, *RAW),
                         "odd.bin: byte 4000: expected a whole frame of 2 bytes, found 1 at the end of the file")
        self.assertEqual(self.refused(path, *RAW, "--channels", 3),
                         "odd.bin: byte 3996: expected a whole frame of 6 bytes, found 5 at the end of the file")
        streamed = subprocess.run([RIG, "measure", "-", *RAW], input=b"\0" * 4001, capture_output=True, timeout=60)
        self.assertEqual((streamed.returncode, streamed.stdout), (2, b""))
        self.assertEqual(streamed.stderr, b"rig: standard input: byte 4000: expected a whole frame of 2 bytes, "
                                          b"found 1 at the end of the file\n")

    def test_numbers_that_are_none_are_told_with_their_byte(self):
        samples = np.zeros(1000, "<f4")
        for value, word in ((np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "-infinity")):
            samples[333] = value
            self.assertEqual(self.refused(self.write("x.f32", samples.tobytes()), *F32),
                             f"x.f32: byte 1332: expected a finite number, found {word}")

    def test_too_few_samples(self):
        self.assertEqual(self.refused(self.write("none.bin", b""), *RAW),
                         "none.bin: byte 0: expected samples, found the end of the file")
        self.assertEqual(self.refused(self.write("one.bin", b"\0\1"), *RAW),
                         "one.bin: expected at least 2 samples, found 1")

    def test_rates_that_are_none(self):
        path = self.train()
        for rate in ("0Hz", "1e15Hz", "-5MHz"):
            self.assertEqual(self.refused(path, "--format", "i16le", "--rate", rate),
                             f"--rate: expected a rate above 0 Hz, at most 10 THz, found '{rate}'")
        self.assertEqual(self.refused(path, "--format", "i16le", "--rate", "1e-300Hz"),
                         "train.bin: rate: expected more than 0 and at most 10 THz, found 0 Hz")
        for rate in ("nanHz", "fast", "10", "1MHz1", "10 mA"):
            self.assertTrue(self.refused(path, "--format", "i16le", "--rate", rate).startswith("--rate: "), rate)
        self.assertEqual(self.refused(path, "--format", "i16le"),
                         "train.bin: rate: expected a sample rate, which the file does not say")

    def test_values_that_have_to_be_positive(self):
        path = self.train()
        for flag, unit in (("--scale", "mV"), ("--load", "ohm"), ("--threshold", "mV"), ("--max-gap", "ms"),
                           ("--electrode", "cm2")):
            for value in ("0", "-1"):
                self.assertEqual(self.refused(path, *RAW, f"{flag}={value}{unit}"),
                                 f"{flag}: expected one above 0, found '{value}{unit}'")

    def test_flags_with_the_wrong_words(self):
        path = self.train()
        self.assertEqual(self.refused(path, *RAW, "--scael", "1V"),
                         "measure: unknown flag '--scael', did you mean '--scale'?")
        self.assertEqual(self.refused(path, "--format", "i17", "--rate", "1MHz"),
                         "train.bin: format: expected csv, wav, sr, hdf5 or one of u8, i8, i16le, i16be, u16le, "
                         "u16be, f32le, f32be, found 'i17'")
        self.assertEqual(self.refused(path, *RAW, "--edges", "guessed"),
                         "--edges: expected fitted or interpolated, found 'guessed'")
        self.assertEqual(self.refused(path, *RAW, "--channel", "ch9"),
                         "--channel: no channel 'ch9'; there are: voltage")
        for channels in ("0", "5", "-1", "x"):
            self.assertTrue(self.refused(path, *RAW, f"--channels={channels}").startswith("--channels: "))
        self.assertTrue(self.refused(path, *RAW, "--scale", "1mK").startswith("--scale: expected a voltage"))

    def test_files_that_are_not_there_or_no_files(self):
        self.assertEqual(self.refused("gone.bin", *RAW), "gone.bin: No such file or directory")
        self.assertEqual(self.refused(".", *RAW), ".: read: Is a directory")
        self.assertEqual(self.refused("a\nb.bin", *RAW), "a\\x0ab.bin: No such file or directory")

    def test_files_of_another_format(self):
        path = self.write("x.bin", bytes(range(128, 256)) * 8)
        self.assertTrue(self.refused(path).startswith("x.bin:"))
        for name in ("wav", "sr"):
            self.assertTrue(self.refused(path, "--format", name).startswith("x.bin: byte 0: expected "))
        for name in ("csv", "hdf5"):
            self.assertTrue(self.refused(path, "--format", name).startswith("x.bin"))

    def test_text_is_not_taken_for_samples(self):
        rows = "Time (s),CH1 (V)\n" + "".join(f"{k}e-6,{k % 7 / 10}\n" for k in range(500))
        for name in ("i16le", "u8", "f32le"):
            self.assertEqual(self.refused(self.write("scope.csv", rows), "--format", name, "--rate", "1MHz"),
                             f"scope.csv: format: expected samples of {name}, found lines of numbers: csv")

    def test_samples_that_happen_to_be_letters_are_samples(self):
        codes = np.full(5000, 0x32, "u1")
        codes[1000:1300] = 0x0A
        codes[2000:2300] = 0x7A
        done = self.rig("measure", self.write("x.u8", codes.tobytes()), "--json", "--rate", "1MHz", "--scale", "1V",
                        "--offset", "-50V")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_headers_that_lie(self):
        def wav(data_bytes, rate=1000000, channels=1):
            form = struct.pack("<HHIIHH", 1, channels, rate, 2 * rate * channels, 2 * channels, 16)
            return (b"RIFF" + struct.pack("<I", 36 + data_bytes) + b"WAVEfmt " + struct.pack("<I", 16) + form +
                    b"data" + struct.pack("<I", data_bytes) + b"\0" * 100)

        self.assertEqual(self.refused(self.write("long.wav", wav(4000))),
                         "long.wav: byte 40: expected at most the 100 bytes that follow, found a data size of 4000")
        self.assertTrue(self.refused(self.write("still.wav", wav(100, rate=0))).startswith("still.wav: byte "))
        self.assertTrue(self.refused(self.write("wide.wav", wav(100, channels=900))).startswith("wide.wav: byte "))
        self.assertTrue(self.refused(self.write("none.csv", "Time (s),Volt\n")).startswith("none.csv:"))
        self.assertTrue(self.refused(self.write("back.csv", "t,V\n0,1\n1,1\n0.5,2\n1,1\n")).startswith("back.csv:"))

    def test_outputs_that_cannot_be_written(self):
        path = self.train()
        for flag in ("--pulses", "--plot"):
            self.assertEqual(self.refused(path, *RAW, flag, "nowhere/x"),
                             f"{flag}: expected a file that can be written, found 'nowhere/x'")
            self.assertEqual(self.refused(path, *RAW, flag, "scenarios"),
                             f"{flag}: expected a file that can be written, found 'scenarios'")

    def test_the_waveform_is_not_overwritten_whatever_it_is_called(self):
        path = self.train()
        os.link(path, self.folder / "link.bin")
        for flag in ("--pulses", "--plot"):
            for other in (path, "train.bin", "./train.bin", "scenarios/../train.bin", "link.bin"):
                self.assertEqual(self.refused(path, *RAW, flag, other), f"{flag}: would overwrite the waveform")


if __name__ == "__main__":
    unittest.main()
