"""A run that is killed, interrupted, or loses a worker: what was finished can still be read."""

import json
import os
import pathlib
import random
import re
import signal
import subprocess
import time
import unittest

import harness
from harness import PASSES, RIG

MANY = """
scenario: Many
sweep: {n: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t]}
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture: {as: train, channels: [current, voltage], rate: 200 kHz, for: 400 ms, during: [start]}
  - stop
  - expect: {in: train, pulse.count: 38 .. 41}
"""
# An hour of the bench, far more of the wall clock than any test waits.
HOUR = """
scenario: An hour
sweep: {n: [a, b, c]}
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture: {as: train, channels: [current], rate: 100 kHz, for: 1 h, during: [start]}
  - expect: {in: train, pulse.count: ">= 1"}
"""


def group_lives(pgid):
    """True while a process of the group runs; zombies whose parent is gone do not count."""
    for status in os.listdir("/proc"):
        if not status.isdigit():
            continue
        try:
            fields = pathlib.Path("/proc", status, "stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == pgid and fields[0] not in "ZX":
            return True
    return False


class Killed(harness.RigTest):
    def start(self, *args):
        self.process = subprocess.Popen(
            [RIG, "run", "scenarios", "--out", "runs", "--no-report", *args], cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(self.process.stderr.close)
        self.addCleanup(self.end_group, self.process.pid)

    def end_group(self, pgid):
        try:
            os.killpg(pgid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def events(self):
        """The lines that were written to their end."""
        text = (self.run_folder() / "events.jsonl").read_bytes()
        return [json.loads(line) for line in text.split(b"\n")[:-1]]

    def wait_for(self, what, condition, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, f"waited {seconds} s for {what}")
            time.sleep(0.01)

    def steps_on_disk(self):
        try:
            return [e for e in self.events() if e["type"] == "step"]
        except (FileNotFoundError, AssertionError):
            return []

    def show(self):
        done = self.rig("show", self.run_folder(), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


class KillMinus9(Killed):
    INSTANTS = 30
    REPORTS = 3  # of them with their page: it takes a second or two

    def test_at_any_instant_leaves_every_finished_step_readable(self):
        self.scenario(MANY)
        began = time.monotonic()
        self.start()
        self.assertEqual(self.process.wait(60), 0, "undisturbed it passes")
        whole = time.monotonic() - began
        self.assertEqual(len(self.show()["cases"]), 20)
        steps = len(self.steps_on_disk())

        instants = random.Random(20261123)
        interrupted = 0
        for k in range(self.INSTANTS):
            with self.subTest(k=k):
                harness.shutil.rmtree(self.folder / "runs")
                self.start()
                # So far into the run, however fast the machine is just now, and a little more.
                wanted = instants.randrange(1, int(0.8 * steps))
                self.wait_for("the steps", lambda: len(self.steps_on_disk()) >= wanted, 60)
                time.sleep(instants.uniform(0, 0.5) * whole / steps)
                self.process.kill()
                self.process.wait()
                self.wait_for("the workers to end", lambda: not group_lives(self.process.pid), 5)
                if not (self.folder / "runs").exists() or not self.steps_on_disk():
                    continue
                record = self.show()
                interrupted += not record["finished"]
                self.check_steps(record)
                done = self.rig("show", self.run_folder())
                self.assertEqual(done.returncode, 0, done.stderr)
                if not record["finished"]:
                    self.assertIn("ERROR (not finished)", done.stdout)
                if k % (self.INSTANTS // self.REPORTS) == 0:
                    done = self.rig("report", self.run_folder())
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn("<html", (self.run_folder() / "report.html").read_text()[:500])
        self.assertGreater(interrupted, self.INSTANTS // 2, "the instants miss the run")

    def check_steps(self, record):
        written = [(e["case"], e["path"], e["verdict"]) for e in self.events() if e["type"] == "step"]
        read = [(c["index"], s["path"], s["verdict"]) for c in record["cases"] for s in c["steps"]]
        self.assertEqual(sorted(read), sorted(written))
        ended = {e["case"] for e in self.events() if e["type"] == "case_end"}
        for case in record["cases"]:
            self.assertEqual(case["complete"], case["index"] in ended)
            if not case["complete"]:
                self.assertEqual(case["verdict"], "ERROR")
                self.assertEqual(case["reason"], "the run ended inside this case")

    def test_of_the_harness_lets_the_workers_end_in_safe_state(self):
        self.scenario(HOUR)
        self.start("--jobs", "2")
        self.wait_for("the first step", lambda: len(self.steps_on_disk()) >= 4)
        self.process.kill()
        self.process.wait()
        self.wait_for("the workers to end", lambda: not group_lives(self.process.pid), 5)
        safe = [e for e in self.events() if e["type"] == "step" and e["kind"] == "safe_state"]
        self.assertEqual([s["verdict"] for s in safe], ["PASS", "PASS"])

    def test_of_a_worker_costs_one_case(self):
        self.scenario(HOUR.replace("[a, b, c]", "[a]"), "a_hour.yaml")
        self.scenario(PASSES, "b_quick.yaml")
        self.scenario(PASSES, "c_quick.yaml")
        self.start("--jobs", "1")
        self.wait_for("the hour to begin", lambda: len(self.steps_on_disk()) >= 2)
        worker = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
                                capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(len(worker), 1)
        os.kill(int(worker[0]), signal.SIGKILL)
        self.assertEqual(self.process.wait(30), 3)
        cases = {c["id"]: (c["verdict"], c["reason"]) for c in self.record()["cases"]}
        self.assertEqual(cases["a_hour[n=a]"], ("ERROR", "the rig's worker died in this case: signal Killed"))
        self.assertEqual(cases["b_quick"][0], "PASS")
        self.assertEqual(cases["c_quick"][0], "PASS")
        self.assertTrue(self.record()["finished"])


class Interrupted(Killed):
    def check(self, number, send):
        self.scenario(HOUR)
        self.start("--jobs", "1")
        self.wait_for("the first step", lambda: len(self.steps_on_disk()) >= 2)
        began = time.monotonic()
        send(self.process.pid, number)
        self.assertEqual(self.process.wait(20), 130, self.process.stderr.read())
        self.assertLess(time.monotonic() - began, 10)
        self.assertFalse(group_lives(self.process.pid))
        record = self.record()
        self.assertFalse(record["finished"])
        self.assertEqual(record["verdict"], "ERROR")
        self.assertEqual(len(record["cases"]), 1, "nothing new is begun")
        case = record["cases"][0]
        self.assertEqual((case["verdict"], case["reason"]), ("ERROR", "step 2 (capture): interrupted"))
        last = case["steps"][-1]
        self.assertEqual((last["kind"], last["verdict"]), ("safe_state", "PASS"))
        self.assertEqual(last["findings"][0]["quantity"], "safe_state.current")
        for name in ("junit.xml", "manifest"):
            self.assertTrue((self.run_folder() / name).exists(), name)

    def test_by_ctrl_c_on_the_terminal(self):
        self.check(signal.SIGINT, os.killpg)

    def test_by_a_signal_to_the_harness_alone(self):
        self.check(signal.SIGINT, os.kill)

    def test_by_a_job_scheduler(self):
        self.check(signal.SIGTERM, os.kill)

    def test_by_a_terminal_that_is_closed(self):
        self.check(signal.SIGHUP, os.kill)

    def test_twice_is_obeyed_at_once(self):
        self.scenario(HOUR)
        self.start("--jobs", "2")
        self.wait_for("the first step", lambda: len(self.steps_on_disk()) >= 2)
        for worker in self.workers():
            os.kill(worker, signal.SIGSTOP)  # they cannot end in safe state now
        self.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        self.assertIsNone(self.process.poll(), "the first one waits for the safe state")
        self.process.send_signal(signal.SIGINT)
        self.assertEqual(self.process.wait(5), 130)
        self.assertFalse(group_lives(self.process.pid))
        self.assertEqual(self.show()["finished"], False)

    def workers(self):
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
                                capture_output=True, text=True, check=True).stdout
        return [int(pid) for pid in re.findall(r"\d+", listed)]


if __name__ == "__main__":
    unittest.main()
