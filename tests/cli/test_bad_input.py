"""Bad input gets one clear line, exit code 2, and nothing is written or energised."""

import pathlib
import re
import unittest

from rig_program import BENCH, RIG, RigTest, TRAIN

IMAGE = pathlib.Path(RIG).resolve().parent.parent / "firmware" / "soleus_e.elf"

STEPS = "steps:\n  - start\n  - expect: {status.state: RUNNING}\n"


class BadInput(RigTest):
    def refused(self, path, pattern: str, *more: object) -> None:
        done = self.rig(*self.run_arguments(path), *more)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertRegex(done.stderr, pattern)
        self.assertFalse(self.runs.exists(), "nothing may be written")

    def test_scenario_files(self) -> None:
        bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for k in range(6):
            last, name = chr(ord("a") + k), chr(ord("b") + k)
            bomb += f"{name}: &{name} [{', '.join(['*' + last] * 10)}]\n"
        many = ", ".join(str(k) for k in range(1001))
        cases = {
            "empty": (b"", r"the file is empty"),
            "binary": (bytes(range(256)) * 4, r"expected UTF-8 text"),
            "latin": ("scenario: Gr\xfcn\n".encode("latin-1"), r"expected UTF-8 text"),
            "huge": (b"# " + b"x" * 2_000_000, r"bytes, expected at most 1048576"),
            "bomb": (bomb, r"more than 100000 nodes"),
            "twice": ("scenario: x\nscenario: y\n", r"twice.yaml:2:1: key 'scenario' given twice"),
            "unknown": ("scenario: x\nstepps: []\n", r":2:1: unknown key 'stepps' in scenario, did you mean 'steps'\?"),
            "no_unit": ("scenario: x\nsteps:\n  - set: {amplitude: 20}\n",
                        r":3:22: expected a current such as '20 mA', found '20' \(no unit\)"),
            "dimension": ("scenario: x\nsteps:\n  - set: {amplitude: 20 us}\n",
                          r"expected a current such as '20 mA', found '20 us' \(a time\)"),
            "misfit": ("scenario: x\nsteps:\n  - set: {width: 450 us, gap: 200 us, rate: 1 kHz}\n" + STEPS[7:],
                       r"does not fit into a period"),
            "rows": (f"scenario: x\nsweep: {{a: [{many}], b: [{many}]}}\n" + STEPS, r"more than 1000000 rows"),
            "loop": ("scenario: x\nsteps:\n  - include: loop.yaml\n", r"includes itself"),
            "id": ("scenario: x\nverifies: [SRS-999]\n" + STEPS, r"no requirement 'SRS-999'"),
            "nothing": ("scenario: x\nsteps: [start]\n", r"expects nothing"),
        }
        for name, (text, pattern) in cases.items():
            with self.subTest(name):
                self.refused(self.write(f"{name}.yaml", text), pattern)

    def test_a_file_that_is_not_there(self) -> None:
        self.refused(self.folder / "nowhere.yaml", r"nowhere\.yaml: no such file")

    def test_images(self) -> None:
        scenario = self.write("train.yaml", TRAIN)
        half = self.write("half.elf", IMAGE.read_bytes()[:4000])
        self.refused(scenario, r"/bin/true: ELF for machine \d+ .*, expected 83 \(AVR\)",
                     "--firmware", "/bin/true")
        self.refused(scenario, r"not an ELF file", "--firmware", BENCH)
        self.refused(scenario, r"nowhere\.elf: no such file", "--firmware", "nowhere.elf")
        self.refused(scenario, r"truncated ELF file", "--firmware", half)

    def test_an_output_folder_that_cannot_be(self) -> None:
        scenario = self.write("train.yaml", TRAIN)
        done = self.rig(*self.run_arguments(scenario)[:-1], "/etc/passwd/runs")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done.stderr)

    def test_words_that_are_not_known(self) -> None:
        for arguments, pattern in ((["frobnicate"], r"unknown command 'frobnicate'"),
                                   (["rnu", "x"], r"did you mean 'run'\?"),
                                   (["run", "x", "--sed", "1"], r"unknown flag '--sed', did you mean '--seed'\?"),
                                   (["run", "x", "--shard", "9"], r"--shard: expected k/n"),
                                   (["explain", "phase1.widht"], r"did you mean 'phase1.width'\?")):
            with self.subTest(arguments):
                if arguments[-1] == "9":
                    arguments = self.run_arguments(self.write("t.yaml", TRAIN)) + ["--shard", "9"]
                done = self.rig(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertTrue(re.search(pattern, done.stderr), done.stderr)


if __name__ == "__main__":
    unittest.main()
