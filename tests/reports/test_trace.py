"""The trace matrix: every finding with its requirement and its capture, and what is missing."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import tempfile
import unittest
from pathlib import Path

import make_sample
import schema_check
from test_report import Page, page_of

import soleus_report
from soleus_report.__main__ import main


def traced(folder: Path) -> dict:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert main([str(folder), "--json"]) == 0
    return json.loads(said.getvalue())


class OfTheSample(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        held = tempfile.TemporaryDirectory()
        cls.addClassCleanup(held.cleanup)
        cls.folder = Path(held.name) / "run"
        cls.record = make_sample.make(cls.folder)
        cls.trace = traced(cls.folder)

    def settled(self) -> list[dict]:
        last = {case["index"]: case for case in self.record["cases"]}
        return [last[k] for k in sorted(last)]

    def test_has_one_line_for_each_finding_with_the_hash_of_its_capture(self) -> None:
        wanted = []
        for case in self.settled():
            hashes = {c["name"]: c["sha256"] for s in case["steps"] for c in s["captures"]}
            wanted += [(f["requirement"], case["id"], f["quantity"], f["verdict"],
                        hashes.get(f["capture"], ""))
                       for s in case["steps"] for f in s["findings"] if f["requirement"]]
        self.assertGreater(len(wanted), 20)
        found = [(t["requirement"], t["case"], t["quantity"], t["verdict"], t["capture_sha256"])
                 for t in self.trace["trace"] if t.get("quantity")]
        self.assertEqual(sorted(found), sorted(wanted))

    def test_tells_what_no_finding_names_and_what_no_specification_knows(self) -> None:
        held = {f["requirement"] for c in self.settled() for s in c["steps"] for f in s["findings"]}
        known = [row[0] for row in make_sample.REQUIREMENTS]
        self.assertEqual(self.trace["uncovered"], [id for id in known if id not in held])
        self.assertIn("SRS-050", self.trace["uncovered"])
        named = {id for c in self.settled() for id in c["verifies"]} | held - {""}
        self.assertEqual(self.trace["unknown"], sorted(named - set(known)))
        verdicts = {t["requirement"]: t["verdict"] for t in self.trace["trace"]
                    if not t.get("quantity")}
        self.assertEqual({verdicts[id] for id in self.trace["uncovered"]}, {"NO CASE", "NO FINDING"})

    def test_leads_from_every_capture_back_to_its_requirements(self) -> None:
        files = [c["file"] for case in self.settled() for s in case["steps"] for c in s["captures"]]
        self.assertEqual([c["file"] for c in self.trace["captures"]], files)
        for capture in self.trace["captures"]:
            serves = {t["requirement"] for t in self.trace["trace"]
                      if t.get("capture_file") == capture["file"]}
            self.assertEqual(set(capture["requirements"]), serves)

    def test_lies_beside_the_page_as_csv_with_the_same_numbers(self) -> None:
        with (self.folder / "trace.csv").open(newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        self.assertEqual(len(lines), len(self.trace["trace"]))
        for line, wanted in zip(lines, self.trace["trace"]):
            self.assertEqual(line["capture_sha256"], wanted.get("capture_sha256", ""))
            if wanted.get("value") is not None:
                self.assertEqual(float(line["value"]), float(wanted["value"]))
            self.assertFalse(line["expected"].startswith("="), "a spreadsheet would compute it")

    def test_is_json_as_its_schema_says(self) -> None:
        schema = json.loads((Path(soleus_report.__file__).parents[1] / "trace.schema.json").read_text())
        self.assertEqual(schema_check.errors(self.trace, schema, schema), [])
        broken = {**self.trace, "trace": [{**self.trace["trace"][0], "verdict": "MAYBE"}]}
        self.assertNotEqual(schema_check.errors(broken, schema, schema), [])

    def test_stands_on_the_page(self) -> None:
        page = Page((self.folder / "report.html").read_text(encoding="utf-8"))
        self.assertIn("trace", page.ids)
        for words in ("Trace matrix", "no finding names it; the case is", "captures and the "
                      "requirements they serve", "one line per finding in trace.csv"):
            self.assertIn(words, page.text)
        shown = self.settled()[3]["steps"][2]["captures"][0]["sha256"][:16]
        self.assertGreaterEqual(page.text.count(shown), 2)


class Holes(unittest.TestCase):
    def setUp(self) -> None:
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)

    def case(self, **finding: object) -> dict:
        found = {**make_sample.number("phase1.width", "train", 3e-4, 1e-6, make_sample.WIDTH, "PASS",
                                      1.0), **finding}
        return make_sample.case(0, "a/b", "", "PASS",
                                [make_sample.step("1", "expect", "", 0, 1, findings=[found])])

    def test_a_finding_whose_capture_is_gone_is_told(self) -> None:
        record = {**make_sample.base_record(), "cases": [self.case()]}
        make_sample.write(self.folder, record)
        self.assertEqual(traced(self.folder)["broken"], ["a/b: train"])
        text = Page(page_of(self.folder)).text
        self.assertIn("1 findings without the capture that they name , first: phase1.width in train "
                      "of a/b", text)
        self.assertIn("train: not recorded", text)

    def test_an_id_that_the_specification_does_not_know_is_told(self) -> None:
        record = {**make_sample.base_record(), "cases": [self.case(requirement="SRS-999")]}
        make_sample.write(self.folder, record)
        self.assertEqual(traced(self.folder)["unknown"], ["SRS-999"])
        self.assertIn("SRS-999 : named by a case, not in the specification",
                      Page(page_of(self.folder)).text)

    def test_a_capture_taken_anew_under_the_same_name_is_not_mixed_up_with_the_first(self) -> None:
        def ref(n: int) -> dict:
            return {"name": "train", "file": f"captures/{n}.h5", "sha256": f"{n}{n}" * 32}

        finding = make_sample.number("phase1.width", "train", 3e-4, 1e-6, make_sample.WIDTH, "PASS", 1)
        steps = [make_sample.step(str(n), "expect", "", 0, 1, captures=[ref(n)], findings=[finding])
                 for n in (1, 2)]
        record = {**make_sample.base_record(),
                  "cases": [make_sample.case(0, "a/b", "", "PASS", steps)]}
        make_sample.write(self.folder, record)
        self.assertEqual([t["capture_file"] for t in traced(self.folder)["trace"] if t.get("capture")],
                         ["captures/1.h5", "captures/2.h5"])

    def test_what_a_device_says_is_no_formula(self) -> None:
        bad = "=HYPERLINK(\"http://x\")"
        record = {**make_sample.base_record(), "cases": [self.case(found=bad)]}
        make_sample.write(self.folder, record)
        page_of(self.folder)
        with (self.folder / "trace.csv").open(newline="", encoding="utf-8") as file:
            self.assertIn(" " + bad, [line["found"] for line in csv.DictReader(file)])


if __name__ == "__main__":
    unittest.main()
