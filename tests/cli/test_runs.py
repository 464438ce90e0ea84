"""Whole runs: exit codes, the same bits again, killed and interrupted, odd devices."""

import json
import os
import pathlib
import random
import re
import signal
import subprocess
import time
import unittest

from rig_program import RIG, ROOT, RigTest, SPEC, TRAIN


def record_of(folder: pathlib.Path) -> dict:
    return json.loads((folder / "record.json").read_text())


class Runs(RigTest):
    def test_exit_codes(self) -> None:
        good = self.write("good.yaml", TRAIN)
        self.assertEqual(self.rig(*self.run_arguments(good)).returncode, 0)
        bad = self.write("bad.yaml", TRAIN.replace(">= 30", "<= 3"))
        self.assertEqual(self.rig(*self.run_arguments(bad)).returncode, 1)
        blocked = self.write("blocked.yaml", TRAIN.replace("steps:", "needs: [moon]\nsteps:"))
        self.assertEqual(self.rig(*self.run_arguments(blocked)).returncode, 3)
        near = TRAIN.replace("phase1.width: SRS-010", "phase1.amplitude: 9.99 mA .. 40.3 mA")
        self.assertEqual(self.rig(*self.run_arguments(self.write("near.yaml", near))).returncode, 4)
        self.assertEqual(self.rig(*self.run_arguments(good), "--filter", "tag:none").returncode, 5)

    def test_the_same_seed_gives_the_same_record_whatever_the_jobs(self) -> None:
        scenario = self.write("train.yaml", TRAIN)
        hashes = []
        for more in (["--jobs", "1"], ["--jobs", "2"], ["--jobs", "2"], ["--seed", "2"]):
            self.assertEqual(self.rig(*self.run_arguments(scenario), *more).returncode, 0)
            hashes.append(record_of(self.run_folder())["content_sha256"])
        self.assertEqual(hashes[0], hashes[1])
        self.assertEqual(hashes[1], hashes[2])
        self.assertNotEqual(hashes[0], hashes[3])

    def test_killed_at_thirty_instants_it_leaves_a_record(self) -> None:
        scenario = self.write("train.yaml", TRAIN.replace("[10 mA, 20 mA, 30 mA, 40 mA]",
                                                          str([f"{k} mA" for k in range(5, 45)])))
        random.seed(7)
        pages = 0
        for _ in range(30):
            process = subprocess.Popen([RIG, *self.run_arguments(scenario), "--jobs", "2"],
                                       stdout=subprocess.DEVNULL, cwd=self.folder)
            time.sleep(random.uniform(0.03, 0.9))  # the wall clock is what is tested here
            process.kill()
            process.wait()
            if not self.runs.exists() or not any(self.runs.iterdir()):
                continue  # killed before there was anything to keep
            folder = self.run_folder()
            if not (folder / "events.jsonl").exists():
                continue
            shown = self.rig("show", folder, "--json")
            if shown.returncode != 0 and (folder / "events.jsonl").stat().st_size == 0:
                continue
            self.assertEqual(shown.returncode, 0, shown.stderr)
            record = json.loads(shown.stdout)
            # Every case that ended has all its steps; at most one a worker is open.
            self.assertLessEqual(sum(not case["complete"] for case in record["cases"]), 2)
            for case in record["cases"]:
                if case["complete"]:
                    self.assertEqual(case["steps"][-1]["kind"], "safe_state")
            if pages < 3:
                made = self.rig("report", folder)
                self.assertEqual(made.returncode, 0, made.stderr)
                self.assertIn("</html>", (folder / "report.html").read_text())
                pages += 1
        self.assertEqual(pages, 3)
        time.sleep(1)
        left = subprocess.run(["pgrep", "-f", re.escape(str(self.runs))], capture_output=True, text=True)
        self.assertEqual(left.stdout, "", "no worker may survive its harness")

    def test_interrupted_it_ends_in_safe_state(self) -> None:
        scenario = self.write("soak.yaml", TRAIN.replace("for: 1 s", "for: 2000 s"))
        process = subprocess.Popen([RIG, *self.run_arguments(scenario), "--jobs", "1"],
                                   stdout=subprocess.DEVNULL, cwd=self.folder)
        deadline = time.monotonic() + 20
        while not list(self.runs.glob("*/captures/*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=30), 130)
        case = record_of(self.run_folder())["cases"][0]
        self.assertEqual(case["verdict"], "ERROR")
        self.assertEqual(case["steps"][-1]["kind"], "safe_state")
        self.assertEqual(case["steps"][-1]["verdict"], "PASS")

    def test_junit_is_valid(self) -> None:
        self.rig(*self.run_arguments(self.write("bad.yaml", TRAIN.replace(">= 30", "<= 3"))))
        checked = subprocess.run(["xmllint", "--noout", "--schema", ROOT / "tests/evidence/junit-10.xsd",
                                  self.run_folder() / "junit.xml"], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)


class OddDevices(RigTest):
    """A device that never boots, babbles or answers garbage is a finding, not a hang."""

    def verdict_with(self, source: str) -> dict:
        code = self.write("odd.c", "#include <avr/io.h>\n" + source)
        image = self.folder / "odd.elf"
        subprocess.run(["avr-gcc", "-mmcu=atmega328p", "-Os", code, "-o", image], check=True)
        scenario = self.write("train.yaml", TRAIN)
        done = self.rig(*self.run_arguments(scenario), "--firmware", image, "--filter", "id:10", timeout=60)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return record_of(self.run_folder())["cases"][0]

    def test_one_that_never_boots(self) -> None:
        case = self.verdict_with("int main(void) { for (;;) {} }\n")
        self.assertEqual(case["verdict"], "FAIL")
        self.assertIn("does not answer", case["reason"])

    def test_one_that_babbles(self) -> None:
        case = self.verdict_with("int main(void) { UBRR0 = 25; UCSR0B = _BV(TXEN0); uint8_t c = 0;"
                                 " for (;;) { while (!(UCSR0A & _BV(UDRE0))) {} UDR0 = c += 37; } }\n")
        self.assertEqual(case["verdict"], "FAIL")

    def test_one_that_answers_garbage(self) -> None:
        case = self.verdict_with("int main(void) { UBRR0 = 25; UCSR0B = _BV(TXEN0) | _BV(RXEN0);"
                                 " for (;;) { while (!(UCSR0A & _BV(RXC0))) {} UDR0 = UDR0 ^ 0x5A; } }\n")
        self.assertEqual(case["verdict"], "FAIL")


class Commands(RigTest):
    def test_list_explain_schema_show_export_completion(self) -> None:
        scenario = self.write("train.yaml", TRAIN)
        listed = self.rig("list", scenario, "--bench", ROOT / "fixtures/simulated.yaml", "--spec", SPEC)
        self.assertEqual(len(listed.stdout.splitlines()), 4)
        explained = self.rig("explain", "phase1.width")
        for word in ("definition", "unit", "source", "IEEE Std 181"):
            self.assertIn(word, explained.stdout)
        json.loads(self.rig("schema").stdout)
        self.rig(*self.run_arguments(scenario), "--filter", "id:10")
        folder = self.run_folder()
        self.assertIn("phase1.width", self.rig("show", folder, "train").stdout)
        capture = next((folder / "captures").glob("*.h5"))
        for ending in ("csv", "vcd", "sr"):
            exported = self.rig("export", capture, self.folder / f"out.{ending}")
            self.assertEqual(exported.returncode, 0, exported.stderr)
        opened = subprocess.run(["sigrok-cli", "-i", self.folder / "out.sr", "--show"],
                                capture_output=True, text=True)
        self.assertEqual(opened.returncode, 0, opened.stderr)
        for shell in ("bash", "zsh", "fish"):
            self.assertEqual(self.rig("completion", shell).returncode, 0)
        script = self.rig("completion", "bash").stdout
        self.assertEqual(subprocess.run(["bash", "-n"], input=script, text=True).returncode, 0)

    def test_help_names_the_exit_codes(self) -> None:
        text = self.rig("--help").stdout
        for code in ("0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "70", "130"):
            self.assertIn(code, text)


if __name__ == "__main__":
    unittest.main()
