"""The guard of a bench of instruments: whatever becomes of the rig, the output ends and the record
says how. The device lives on in `rig bench serve`."""

import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

import harness
import test_bench_serve
from harness import RIG

LONG = """
scenario: Output for a long time
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - start
  - wait: 60 s
  - expect: {status.state: RUNNING}
"""


class Guarded(test_bench_serve.OnServedBench):
    def begin(self):
        self.scenario(LONG)
        self.process = subprocess.Popen(
            [RIG, "run", "scenarios", "--bench", self.bench, "--out", "runs", "--no-report"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            start_new_session=True)
        self.addCleanup(self.process.stderr.close)
        self.wait_for("output", lambda: '"kind":"start"' in self.events_text())

    def events_text(self):
        files = list((self.folder / "runs").glob("*/events.jsonl"))
        return files[0].read_text() if files else ""

    def wait_for(self, what, condition, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, f"waited {seconds} s for {what}")
            time.sleep(0.01)

    def worker(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def guard_step(self):
        self.wait_for("the guard", lambda: '"path":"guard"' in self.events_text())
        self.wait_for("the case to end", lambda: '"case_end"' in self.events_text())
        case = json.loads(self.rig("show", self.run_folder(), "--json").stdout)["cases"][0]
        self.assertEqual(case["verdict"], "ERROR")
        step = case["steps"][-1]
        self.assertEqual((step["path"], step["kind"], step["error"]), ("guard", "safe_state", ""))
        found = {f["quantity"]: f for f in step["findings"]}
        self.assertEqual(found["safe_state.current"]["verdict"], "PASS")
        self.assertGreater(found["safe_state.time_to_zero"]["measured"]["value"], 0)
        return case

    def test_ends_the_output_when_rig_and_worker_are_killed(self):
        self.begin()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.assertRegex(self.guard_step()["reason"],
                         "^the rig died; the guard has stopped the device [0-9]+ ms after; zero current")

    def test_ends_a_rig_that_hangs_and_the_run_goes_on_to_its_report(self):
        self.begin()
        os.kill(self.worker(), signal.SIGSTOP)
        self.assertEqual(self.process.wait(30), 3, self.process.stderr.read())
        self.assertIn("the rig hung; the guard has stopped the device", self.guard_step()["reason"])
        self.assertTrue((self.run_folder() / "manifest").exists())

    def test_has_nothing_to_do_when_the_rig_obeys_a_signal(self):
        self.begin()
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(30), 130)
        self.assertNotIn('"path":"guard"', self.events_text())
        record = self.record()
        self.assertEqual(record["ended_by"], "SIGTERM")
        last = record["cases"][0]["steps"][-1]
        self.assertEqual((last["kind"], last["verdict"]), ("safe_state", "PASS"))


class SelfTest(harness.RigTest):
    def test_shows_that_the_output_ends_whatever_the_rig_is_killed_by(self):
        done = self.rig("selftest", "safe-state", "--random", "7", "--json", timeout=250)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        result = json.loads(done.stdout)
        ways = {row["how"]: row for row in result["by"]}
        self.assertEqual(set(ways), {"kill -9 of all", "kill -9 of the worker", "hang", "SIGINT",
                                     "kill -9 of the harness", "SIGTERM", "SIGHUP"})
        self.assertGreater(result["kills"], 14)
        self.assertEqual(done.returncode, 0 if result["late"] == 0 else 1)
        # Times belong to the self-test itself; here only that the output does end, on any machine.
        self.assertLess(max(row["worst_off_s"] for row in ways.values()), 5)


if __name__ == "__main__":
    unittest.main()
