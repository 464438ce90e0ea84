"""The page of a qualification: says what was found, and hides nothing that was not."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path

from test_report import Page

from soleus_report.qualification import main

FAULT = {"id": "F11", "title": "Gap <too> long", "requirement": "SRS-012", "expected_check": "gap",
         "verdict": "detected", "caught_by": "gap", "case": "accuracy/gaps", "found": "104 us",
         "time_to_detect_s": 1.5, "first_caught_by": "gap", "first_case": "accuracy/gaps",
         "grading": {"unit": "0.5 us", "from": 0, "to": 100, "smallest_detected": 2,
                     "largest_missed": 1, "error": "",
                     "tried": [{"magnitude": 0, "detected": False, "share": 0.5},
                               {"magnitude": 2, "detected": True, "share": 1.5},
                               {"magnitude": 8, "detected": True}]}}
MISSED = {"id": "F12", "title": "Polarity", "requirement": "SRS-018", "verdict": "missed"}
ALARM = {"seed": 7, "case": "safety/led", "verdict": "FAIL", "reason": "dark"}


class QualificationPage(unittest.TestCase):
    def page(self, **changes: object) -> str:
        q = {"schema": "soleus-rig qualification 1", "finished": True, "seeded": 1, "detected": 1,
             "detection_at_least": 0.05, "clean_runs": 2, "false_alarms": 0,
             "false_alarm_rate_at_most": 0.77, "faults": [FAULT], "requirements_never_failed": [],
             **changes}
        with tempfile.TemporaryDirectory() as folder:
            file, out = Path(folder, "q.json"), Path(folder, "q.html")
            file.write_text(json.dumps(q))
            self.assertEqual(main([str(file), "--out", str(out)]), 0)
            text = out.read_text()
        page = Page(text)
        self.assertEqual([x for x in page.loaded if not x.startswith("#")], [], "self-contained")
        self.assertEqual(len(page.ids), len(set(page.ids)))
        for link in page.links:
            self.assertIn(link.removeprefix("#"), page.ids)
        return text

    def test_says_how_many_faults_were_detected_and_draws_their_sensitivity(self) -> None:
        text = self.page()
        self.assertIn("1 of 1 faults, 0 false alarms", text)
        self.assertIn("at least 5.0 %", text)
        self.assertIn("sensitivity of the check of SRS-012 to F11", text)
        self.assertIn("Gap &lt;too&gt; long", text)
        self.assertNotIn("mathdefault", text)
        self.assertIn('class="edge-pass"', text)

    def test_a_missed_fault_a_false_alarm_or_an_early_end_stand_at_the_top(self) -> None:
        self.assertIn('class="edge-fail"', self.page(faults=[FAULT, MISSED], seeded=2))
        self.assertIn('class="edge-fail"', self.page(false_alarms=1, alarms=[ALARM]))
        text = self.page(finished=False)
        self.assertIn('class="edge-fail"', text)
        self.assertIn("INCOMPLETE", text)

    def test_lists_requirements_that_were_never_seen_failing(self) -> None:
        text = self.page(requirements_never_failed=[["SRS-026", "No output at the minimum"]])
        self.assertIn("No output at the minimum", text)
        self.assertIn("not known", self.page(requirements_never_failed=None))

    def test_unreadable_input_is_one_line(self) -> None:
        self.assertEqual(main(["/nowhere/q.json", "--out", "/tmp/none.html"]), 2)


if __name__ == "__main__":
    unittest.main()
