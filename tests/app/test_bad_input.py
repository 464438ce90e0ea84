"""Whatever is handed in: one line on stderr, exit code 2, nothing written, in bounded time."""

import os
import pathlib
import subprocess
import unittest

import harness
from harness import BENCH, IMAGES, PASSES, RIG, SPEC

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


class BadInput(harness.RigTest):
    def refused(self, *args, **how):
        """Runs it; returns the complaint with this test's folder taken out."""
        before = self.files()
        done = self.rig(*args, **how)
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(self.files(), before, "something was written")
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("rig: "), done.stderr)
        return done.stderr[len("rig: "):-1].replace(str(self.folder) + "/", "")

    def in_scenario(self, text):
        path = self.scenario(text)
        answers = [self.refused(command, path) for command in ("run", "validate", "list")]
        self.assertEqual(len(set(answers)), 1, answers)
        return answers[0]

    def with_image(self, path):
        scenario = self.scenario(PASSES)
        answers = [self.refused(c, scenario, "--firmware", path) for c in ("run", "validate")]
        self.assertEqual(len(set(answers)), 1, answers)
        return answers[0]

    # Files that are no scenarios.

    def test_no_such_scenario(self):
        self.assertEqual(self.refused("run", "scenarios/gone.yaml"), "scenarios/gone.yaml: no such file")

    def test_folder_without_scenarios(self):
        (self.folder / "empty").mkdir()
        self.assertEqual(self.refused("run", "empty"), "empty: no scenario files (*.yaml) in this folder")

    def test_scenario_that_is_a_device(self):
        self.assertIn("/dev/zero: not a file",
                      self.refused("run", "/dev/zero", "--spec", SPEC, "--bench", BENCH))

    def test_path_too_long_for_any_file(self):
        self.assertIn("no such file", self.refused(
            "run", "x" * 5000 + "/s.yaml", "--spec", SPEC, "--bench", BENCH))

    def test_path_that_would_break_the_line(self):
        self.assertEqual(self.refused("run", "a\nb\x1b[31m.yaml", "--spec", SPEC, "--bench", BENCH),
                         "a\\x0ab\\x1b[31m.yaml: no such file")

    def test_empty_scenario(self):
        self.assertEqual(self.in_scenario(""), "scenarios/s.yaml: the file is empty")

    def test_binary_scenario(self):
        self.assertEqual(self.in_scenario(bytes(range(256))),
                         "scenarios/s.yaml:1: expected UTF-8 text, found a binary or broken byte at offset 0")

    def test_latin_1_scenario(self):
        self.assertIn("expected UTF-8 text", self.in_scenario("scenario: Müller".encode("latin-1")))

    def test_huge_scenario(self):
        self.assertEqual(self.in_scenario("# " + "x" * 50_000_000),
                         "scenarios/s.yaml: 50000002 bytes, expected at most 1048576")

    def test_yaml_bomb(self):
        text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for k in range(1, 12):
            text += f"a{k}: &a{k} [" + ", ".join([f"*a{k - 1}"] * 9) + "]\n"
        self.assertIn("more than 100000 nodes after expanding aliases", self.in_scenario(text))

    def test_deeply_nested_scenario(self):
        self.assertIn("nested more than 50 deep", self.in_scenario("[" * 500_000))

    # Scenarios with something wrong in them.

    def test_duplicate_keys(self):
        self.assertEqual(self.in_scenario("scenario: A\nscenario: B\n"),
                         "scenarios/s.yaml:2:1: key 'scenario' given twice, first on line 1")

    def test_unknown_key(self):
        self.assertEqual(self.in_scenario(PASSES.replace("rate: 1 MHz", "rat: 1 MHz")),
                         "scenarios/s.yaml:5:47: unknown key 'rat' in capture, did you mean 'rate'?")

    def test_missing_unit(self):
        self.assertEqual(self.in_scenario(PASSES.replace("20 mA", "20")),
                         "scenarios/s.yaml:4:22: expected a current such as '20 mA', found '20' (no unit)")

    def test_wrong_dimension(self):
        self.assertEqual(
            self.in_scenario(PASSES.replace("20 mA", "20 us")),
            "scenarios/s.yaml:4:22: expected a current such as '20 mA', found '20 us' (a time)")

    def test_out_of_range(self):
        self.assertEqual(
            self.in_scenario(PASSES.replace("for: 60 ms", "for: 9999 h")),
            "scenarios/s.yaml:5:65: expected a time from 0 s to 100 days, found '9999 h'")

    def test_pulse_that_does_not_fit_its_period(self):
        self.assertIn("does not fit into a period",
                      self.in_scenario(PASSES.replace("rate: 100 Hz", "rate: 2 kHz")))

    def test_cyclic_include(self):
        self.write("scenarios/_a.yaml", "steps: [{include: _b.yaml}]\n")
        self.write("scenarios/_b.yaml", "steps: [{include: _a.yaml}]\n")
        self.assertEqual(
            self.in_scenario("scenario: S\nsteps: [{include: _a.yaml}, {expect: {status.state: IDLE}}]\n"),
            "scenarios/_b.yaml:1:19: 'scenarios/_a.yaml' includes itself")

    def test_unknown_requirement(self):
        complaint = self.in_scenario(PASSES.replace("steps:", "verifies: [SRS-999]\nsteps:"))
        self.assertTrue(complaint.startswith("scenarios/s.yaml:3:11: no requirement 'SRS-999' in "), complaint)

    def test_nothing_expected(self):
        self.assertIn("this scenario expects nothing", self.in_scenario("scenario: S\nsteps: [start]\n"))

    def test_scenario_without_a_suite(self):
        path = self.write("alone/s.yaml", PASSES)
        self.assertEqual(self.refused("run", path), "no spec: give --spec, or a suite.yaml beside the scenarios")
        self.assertEqual(self.refused("run", path, "--spec", SPEC),
                         "no bench: give --bench, or a suite.yaml beside the scenarios")

    def test_a_spec_and_a_bench_beside_the_scenarios_are_no_scenarios(self):
        self.write("mine/req.yaml", SPEC.read_text())
        self.write("mine/table.yaml", BENCH.read_text())
        self.write("mine/suite.yaml", "suite: Mine\nspec: req.yaml\nbench: table.yaml\n")
        self.write("mine/s.yaml", PASSES)
        done = self.rig("list", "mine")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "s\n", ""))

    # Spec and bench.

    def test_missing_spec_and_bench(self):
        path = self.scenario(PASSES)
        self.assertEqual(self.refused("run", path, "--spec", "gone.yaml"), "gone.yaml: no such file")
        self.assertEqual(self.refused("run", path, "--bench", "gone.yaml"), "gone.yaml: no such file")

    def with_bench(self, old, new):
        text = BENCH.read_text()
        self.assertIn(old, text)
        path = self.write("b.yaml", text.replace(old, new))
        return self.refused("run", self.scenario(PASSES), "--bench", path)

    def test_bench_with_an_unknown_protocol(self):
        self.assertEqual(self.with_bench("protocol: soleus", "protocol: sience"),
                         "unknown protocol 'sience', this rig has: soleus, soleus_m, sciencemode4")

    def test_bench_with_an_unknown_controller(self):
        self.assertIn("atmega32u9", self.with_bench("mcu: atmega328p", "mcu: atmega32u9"))

    def test_bench_with_a_misspelt_key(self):
        self.assertIn("unknown key 'digitiser' in bench, did you mean 'digitizer'?",
                      self.with_bench("digitizer:", "digitiser:"))

    def test_bench_with_another_baud_than_the_firmwares(self):
        bench = self.write("b.yaml", BENCH.read_text().replace("baud: 38400", "baud: 19200"))
        done = self.run_rig(self.scenario(PASSES), "--bench", bench)
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertIn("the bench file's line runs at 19200 baud, the firmware's UART at 38462", done.stdout)

    def test_several_files_at_once(self):
        for name in ("a", "b"):
            self.scenario("scenario: S\nsteps: [start]\n", name + ".yaml")
        done = self.rig("run", "scenarios")
        self.assertEqual((done.returncode, done.stderr.count("this scenario expects nothing\n")), (2, 0))
        self.assertEqual([line[:22] for line in done.stderr.splitlines()],
                         ["rig: scenarios/a.yaml:", "rig: scenarios/b.yaml:"])

    # Images.

    def test_missing_image(self):
        self.assertEqual(self.with_image("gone.elf"), "gone.elf: no such file")

    def test_truncated_image(self):
        whole = (IMAGES / "soleus_e.elf").read_bytes()
        for size in (10, 40, len(whole) // 2, len(whole) - 1):
            path = self.write("cut.elf", whole[:size])
            self.assertTrue(self.with_image(path).startswith("cut.elf: "), size)

    def test_image_for_another_machine(self):
        self.assertEqual(self.with_image("/bin/true"),
                         "/bin/true: ELF for machine 62 (x86-64), expected 83 (AVR)")

    def test_image_that_is_a_text(self):
        self.assertEqual(self.with_image(self.write("t.elf", "I am no firmware\n" * 100)),
                         "t.elf: not an ELF file")

    def test_image_that_is_a_folder(self):
        self.assertEqual(self.with_image("/tmp"), "/tmp: not a file")

    # Where to write.

    def test_output_below_a_file(self):
        file = self.write("file", "")
        self.assertEqual(self.refused("run", self.scenario(PASSES), "--out", file + "/runs"),
                         "file/runs: cannot create: Not a directory")

    def test_output_that_is_a_file(self):
        self.assertIn("cannot create", self.refused("run", self.scenario(PASSES), "--out", self.write("file", "")))

    def test_output_folder_of_somebody_else(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become somebody else")
        self.folder.chmod(0o755)
        (self.folder / "out").mkdir(mode=0o755)
        path = self.scenario(PASSES)
        try:
            seen = subprocess.run([*NOBODY, RIG, "validate", path], capture_output=True, cwd=self.folder)
        except FileNotFoundError:
            self.skipTest("no setpriv here")
        if seen.returncode != 0:
            self.skipTest(f"somebody else cannot run the program here: {seen.stderr}")
        self.assertEqual(self.refused("run", path, "--out", "out", prefix=NOBODY),
                         "out: cannot create: Permission denied")

    def test_scenarios_that_may_not_be_read(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become somebody else")
        self.folder.chmod(0o755)
        path = self.scenario(PASSES)
        seen = subprocess.run([*NOBODY, RIG, "validate", path], capture_output=True, cwd=self.folder)
        if seen.returncode != 0:
            self.skipTest(f"somebody else cannot run the program here: {seen.stderr}")
        os.chmod(path, 0o600)
        self.assertEqual(self.refused("run", path, prefix=NOBODY), "scenarios/s.yaml: Permission denied")
        (self.folder / "scenarios/private").mkdir(mode=0o700)
        os.chmod(path, 0o644)
        self.assertEqual(self.refused("run", "scenarios", prefix=NOBODY), "scenarios: Permission denied")

    def test_full_output_folder(self):
        small = self.folder / "small"
        small.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", small], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("a small file system cannot be mounted here: " + mounted.stderr.decode().strip())
        try:
            self.assertEqual(self.refused("run", self.scenario(PASSES), "--out", "small"),
                             "small: 1 MB free, 200 MB needed")
        finally:
            subprocess.run(["umount", small], check=True)

    def test_junit_file_that_cannot_be_written(self):
        path = self.scenario(PASSES)
        self.assertEqual(self.refused("run", path, "--junit", "gone/j.xml"),
                         "gone/j.xml: cannot create: No such file or directory")
        self.assertEqual(self.refused("run", path, "--junit", "scenarios"), "scenarios: is a folder")

    # The command line.

    def test_words_that_the_command_line_does_not_know(self):
        path = self.scenario(PASSES)
        for args in ([], ["rnu"], ["run"], ["run", path, "--sead", "1"], ["run", path, "--seed"],
                     ["run", path, "--seed", "one"], ["run", path, "--seed", "-1"],
                     ["run", path, "--jobs", "many"], ["run", path, "--retry", "-1"],
                     ["explain", "a", "b"], ["show"], ["export", "x.h5"], ["schema", "x"],
                     ["completion", "tcsh"], ["explain", "phase1.widht"], ["run", path, "-x"],
                     ["run", path, "--filter", "(tag:a"], ["run", path, "--filter", "colour:red"],
                     ["run", path, "--filter", "a or"], ["run", path, "--filter", '"a'],
                     ["run", path, "--shard", "0/3"], ["run", path, "--shard", "4/3"],
                     ["run", path, "--shard", "1"], ["run", path, "--shard", "1/3x"]):
            with self.subTest(args=args):
                self.refused(*args)

    def test_numbers_are_whole_and_not_too_large(self):
        path = self.scenario(PASSES)
        for flag, most in (("--seed", 2**64 - 1), ("--jobs", 10_000), ("--retry", 10_000)):
            for number in ("-1", "1.5", "one", str(most + 1)):
                self.assertEqual(self.refused("run", path, flag, number),
                                 f"{flag}: expected a whole number from 0 to {most}, found '{number}'; "
                                 "`rig --help` lists all")

    def test_variables_that_make_no_sense(self):
        path = self.scenario(PASSES)
        self.refused("run", path, env={"RIG_SEED": "one"})
        self.refused("run", path, env={"RIG_SHARD": "9"})

    def test_run_folders_that_are_none(self):
        for command in ("show", "report"):
            self.assertEqual(self.refused(command, "gone"), "gone: no such run folder")
            self.assertEqual(self.refused(command, "scenarios"),
                             "scenarios: not a run folder, it has no events.jsonl")

    def test_captures_that_are_none(self):
        self.assertEqual(self.refused("export", "gone.h5", "x.csv"), "gone.h5: no such file")
        self.assertIn("scenarios/s.yaml: ", self.refused("export", self.scenario(PASSES), "x.csv"))


if __name__ == "__main__":
    unittest.main()
