"""`--quarantine`: a known failure does not fail the run, does not pass it either, and is never hidden."""

import unittest

import harness
from harness import FAILS, PASSES


class Quarantine(harness.RigTest):
    def run_with(self, text):
        return self.run_rig("scenarios", "--quarantine", self.write("q.yaml", text))

    def test_failure_leaves_the_run_inconclusive_and_its_reason_in_the_record(self):
        self.scenario(FAILS, "bad.yaml")
        self.scenario(PASSES, "good.yaml")
        done = self.run_with("- {case: bad, reason: the lamp is on order}")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("quarantined: FAIL bad: the lamp is on order", done.stdout)
        record = self.record()
        self.assertEqual(record["verdict"], "INCONCLUSIVE")
        cases = {c["id"]: c for c in record["cases"]}
        self.assertEqual((cases["bad"]["verdict"], cases["bad"]["quarantine"]),
                         ("FAIL", "the lamp is on order"))
        self.assertNotIn("quarantine", cases["good"])
        self.assertIn('skipped type="QUARANTINED" message="quarantined: the lamp is on order; ',
                      (self.run_folder() / "junit.xml").read_text())
        self.assertEqual(self.rig("report", self.run_folder()).returncode, 0)
        page = (self.run_folder() / "report.html").read_text()
        self.assertIn("the lamp is on order", page)
        self.assertNotIn("contradicts itself", page)

    def test_other_failures_fail_the_run(self):
        self.scenario(FAILS, "bad.yaml")
        self.scenario(FAILS, "worse.yaml")
        self.assertEqual(self.run_with("- {case: bad, reason: known}").returncode, 1)

    def test_entry_without_a_reason_or_a_case_is_refused_before_anything_runs(self):
        self.scenario(FAILS, "bad.yaml")
        done = self.run_with("- {case: bad}")
        self.assertEqual(done.returncode, 2)
        self.assertIn("q.yaml:1:3: quarantined needs the key 'reason'", done.stderr)
        done = self.run_with("- {case: bald, reason: known}")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no case is called 'bald', did you mean 'bad'?", done.stderr)
        self.assertFalse((self.folder / "runs").exists())


if __name__ == "__main__":
    unittest.main()
