"""Numbers for people, the record read from JSON, and what is told about it in words."""

from __future__ import annotations

import importlib.util
import json
import math
import shlex
import tempfile
import unittest
from pathlib import Path
from typing import Any

import make_sample
import schema_check

from soleus_report import story, summary, units
from soleus_report.decode import InputError, decode, visible
from soleus_report.record import Finding, Limit, Measurement, RunRecord, Verdict, load_record

SCHEMA = json.loads((Path(__file__).parents[2] / "reports/record.schema.json").read_text())


class Quantities(unittest.TestCase):
    def test_take_the_prefix_that_makes_them_readable(self) -> None:
        for value, unit, text in ((300e-6, "s", "300 us"), (0.02, "A", "20 mA"),
                                  (0.1, "s", "100 ms"), (5e6, "Hz", "5 MHz"),
                                  (500, "ohm", "500 ohm"), (0, "A", "0 A"),
                                  (-20.07e-3, "A", "-20.07 mA"), (62.5e-9, "s", "62.5 ns")):
            self.assertEqual(units.quantity(value, unit), text)

    def test_take_none_where_none_is_customary(self) -> None:
        self.assertEqual(units.quantity(0.21, "%"), "0.21 %")
        self.assertEqual(units.quantity(17500, "1", 6), "17500")

    def test_are_classed_after_rounding(self) -> None:
        self.assertEqual(units.quantity(0.99996e-3, "s"), "1 ms")

    def test_that_are_none_say_so(self) -> None:
        self.assertEqual(units.quantity(float("nan"), "A"), "not a number")
        self.assertEqual(units.quantity(float("-inf"), "A"), "-infinite")

    def test_show_as_many_digits_as_their_uncertainty_allows(self) -> None:
        self.assertEqual(units.uncertain(0.251, 0.21e-3, "s", 2), "251.00 ms ± 0.42 ms")
        self.assertEqual(units.uncertain(20.13e-3, 24e-6, "A", 2), "20.130 mA ± 0.048 mA")
        self.assertEqual(units.uncertain(0.21, 0.05, "%", 2), "0.21 % ± 0.10 %")
        self.assertEqual(units.uncertain(3, 0, "1", 2), "3 ± 0")

    def test_without_an_uncertainty_say_so(self) -> None:
        self.assertEqual(units.uncertain(0.02, float("nan"), "A", 2), "20 mA, uncertainty unknown")

    def test_probabilities_are_never_rounded_to_certainty(self) -> None:
        self.assertEqual(units.probability(0.999999), "> 99.99 %")
        self.assertEqual(units.probability(1e-9), "< 0.01 %")
        self.assertEqual(units.probability(0.8735), "87.35 %")
        self.assertEqual(units.probability(None), "")

    def test_instants_are_cut_and_exact(self) -> None:
        self.assertEqual(units.clock(1_000_250_999_999, 6), "1.000250 s")
        self.assertEqual(units.clock(-62_500, 9), "-0.000000062 s")

    def test_long_durations_are_told_in_minutes_and_hours(self) -> None:
        self.assertEqual(units.span(0.31), "310 ms")
        self.assertEqual(units.span(250), "4 min 10 s")
        self.assertEqual(units.span(7380), "2 h 3 min")


class Reading(unittest.TestCase):
    def setUp(self) -> None:
        self._held = tempfile.TemporaryDirectory()
        self.addCleanup(self._held.cleanup)
        self.folder = Path(self._held.name)

    def error_of(self, text: str) -> str:
        (self.folder / "record.json").write_text(text)
        with self.assertRaises(InputError) as caught:
            load_record(self.folder)
        return str(caught.exception).replace(str(self.folder), "RUN")

    def test_names_the_file_that_is_missing(self) -> None:
        with self.assertRaisesRegex(InputError, "record.json: No such file or directory$"):
            load_record(self.folder)

    def test_names_the_place_where_the_json_breaks(self) -> None:
        self.assertEqual(self.error_of('{"schema": \n }'),
                         "RUN/record.json:2:2: not JSON: Expecting value")

    def test_refuses_another_schema(self) -> None:
        self.assertEqual(self.error_of('{"schema": "soleus-rig record 2"}'),
                         "RUN/record.json: schema: expected 'soleus-rig record 1', "
                         "found 'soleus-rig record 2'")

    def test_names_the_key_that_is_wrong(self) -> None:
        record: dict[str, Any] = {"schema": "soleus-rig record 1", "cases": [{"steps": [
            {"verdict": "GOOD"}]}]}
        self.assertEqual(self.error_of(json.dumps(record)),
                         "RUN/record.json.cases[0].steps[0].verdict: expected one of PASS, FLAKY, "
                         "INCONCLUSIVE, BLOCKED, FAIL, ERROR, found 'GOOD'")
        record["cases"] = [{"seed": 1.5}]
        self.assertEqual(self.error_of(json.dumps(record)),
                         "RUN/record.json.cases[0].seed: expected an integer, found 1.5")

    def test_takes_nan_as_text(self) -> None:
        self.assertTrue(math.isnan(decode(Measurement, {"value": "nan"}, "m").value))

    def test_makes_control_characters_visible(self) -> None:
        self.assertEqual(visible("a\x1b[31m\x00\u202e\ud800"), "a␛[31m␀<U+202E>?")

    def test_keeps_absent_keys_at_their_cautious_defaults(self) -> None:
        (self.folder / "record.json").write_text('{"schema": "soleus-rig record 1"}')
        record = load_record(self.folder)
        self.assertEqual((record.verdict, record.finished), (Verdict.ERROR, False))


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        with tempfile.TemporaryDirectory() as held:
            cls.record = make_sample.make(Path(held))

    def test_the_sample_obeys_it(self) -> None:
        self.assertEqual(schema_check.errors(self.record, SCHEMA, SCHEMA), [])

    def test_it_knows_every_field_of_the_reader(self) -> None:
        cut = {**self.record, "cases": [{**self.record["cases"][0], "bench_time": 3}]}
        self.assertEqual(schema_check.errors(cut, SCHEMA, SCHEMA),
                         ["$.cases[0]: unknown key bench_time"])
        self.assertEqual(set(SCHEMA["properties"]), set(RunRecord.__dataclass_fields__))

    def test_it_notices_a_missing_key_and_a_wrong_type(self) -> None:
        cut = {k: v for k, v in self.record.items() if k != "seed"}
        self.assertEqual(schema_check.errors({**cut, "finished": 1}, SCHEMA, SCHEMA),
                         ["$.finished: not of type boolean: 1", "$: seed is missing"])

    @unittest.skipUnless(importlib.util.find_spec("jsonschema"), "needs python3-jsonschema")
    def test_an_independent_validator_agrees(self) -> None:
        import jsonschema
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        jsonschema.Draft202012Validator(SCHEMA).validate(self.record)
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(SCHEMA).validate({**self.record, "verdict": "GOOD"})


def read(**changes: Any) -> RunRecord:
    return decode(RunRecord, {**make_sample.base_record(), **changes}, "record")


class Telling(unittest.TestCase):
    def finding(self, value: float, **bounds: float) -> Finding:
        return Finding(measured=Measurement(value=value, unit="s"), limit=Limit(unit="s", **bounds))

    def test_margin_is_relative_to_the_bound_or_to_half_of_the_tolerance(self) -> None:
        self.assertEqual(summary.margin_text(self.finding(0.251, high=0.1)), "-151 ms (-151 %)")
        self.assertEqual(summary.margin_text(self.finding(295e-6, low=290e-6, high=310e-6)),
                         "5 us (50 %)")
        self.assertEqual(summary.margin_text(self.finding(1e-3, high=0.0)), "-1 ms")
        self.assertEqual(summary.margin_text(self.finding(float("nan"), high=1.0)), "")

    def test_the_last_attempt_counts(self) -> None:
        record = read(planned=["a"], cases=[
            {"index": 0, "id": "a", "attempt": 1, "verdict": "FAIL", "complete": True},
            {"index": 0, "id": "a", "attempt": 2, "verdict": "FLAKY", "complete": True}])
        counts = summary.count(record)
        self.assertTrue(counts.adds_up())
        self.assertEqual(counts.by_verdict[Verdict.FLAKY], 1)
        self.assertEqual(counts.by_verdict[Verdict.FAIL], 0)

    def test_a_requirement_is_as_bad_as_the_worst_finding_that_names_it(self) -> None:
        findings = [make_sample.word("x", "1", "1", "SRS-011"),
                    make_sample.word("y", "1", "2", "SRS-012")]
        step = make_sample.step("1", "expect", "", 0, 0, "FAIL", findings=findings)
        case = make_sample.case(0, "a", "", "FAIL", [step],
                                verifies=("SRS-011", "SRS-012", "SRS-013"))
        rows = {r.requirement.id: r.verdict for r in summary.requirement_rows(read(cases=[case]))}
        self.assertEqual(rows["SRS-011"], Verdict.PASS)
        self.assertEqual(rows["SRS-012"], Verdict.FAIL)
        self.assertEqual(rows["SRS-013"], Verdict.FAIL, "no finding names it: the case counts")
        self.assertIsNone(rows["SRS-090"])

    def test_a_failed_limit_without_a_requirement_is_about_any_that_its_case_verifies(self) -> None:
        findings = [make_sample.word("x", "1", "1", "SRS-011"), make_sample.word("y", "1", "2", "")]
        step = make_sample.step("1", "expect", "", 0, 0, "FAIL", findings=findings)
        case = make_sample.case(0, "a", "", "FAIL", [step], verifies=("SRS-011",))
        rows = {r.requirement.id: r.verdict for r in summary.requirement_rows(read(cases=[case]))}
        self.assertEqual(rows["SRS-011"], Verdict.FAIL)

    def test_a_case_cut_short_does_not_pass_a_requirement(self) -> None:
        step = make_sample.step("1", "expect", "", 0, 0,
                                findings=[make_sample.word("x", "1", "1", "SRS-011")])
        case = make_sample.case(0, "a", "", "FAIL", [step], verifies=("SRS-011",), complete=False)
        rows = {r.requirement.id: r.verdict for r in summary.requirement_rows(read(cases=[case]))}
        self.assertEqual(rows["SRS-011"], Verdict.FAIL)

    def test_a_record_that_contradicts_itself_is_told(self) -> None:
        case = make_sample.case(0, "a", "", "FAIL", [])
        told = summary.contradictions(read(verdict="PASS", planned=["b"], cases=[case]))
        self.assertEqual(told, [
            "The record calls the run PASS, yet a case in it is FAIL.",
            "The record calls the run PASS, yet planned cases were not run.",
            "The record calls the run PASS, yet nothing was checked.",
            "1 case(s) ran that were not planned, first: a."])

    def test_the_part_of_a_step_is_blamed_before_the_step(self) -> None:
        steps = [make_sample.step(p, "capture", "", 0, 1, v)
                 for p, v in (("1", "PASS"), ("2", "ERROR"), ("2.1", "PASS"), ("2.2", "ERROR"))]
        steps[3]["error"] = "no answer"
        case = read(cases=[make_sample.case(0, "a", "", "ERROR", steps)]).cases[0]
        self.assertEqual(story.first_failing_stage(case),
                         "Step 2.2 (capture, scenario.yaml:12:5) got no answer: no answer.")

    def test_the_command_survives_a_shell(self) -> None:
        record = read(cases=[make_sample.case(0, "a/b[x='1 mA' $HOME]", "", "FAIL", [])])
        words = shlex.split(story.repeat_command(record, record.cases[0]))
        self.assertEqual(words[-3:], ["id:\"a/b[x='1 mA' $HOME]\"", "--seed", "42"])

    def test_a_rig_in_trouble_does_not_hide_a_device_that_failed(self) -> None:
        cases = [make_sample.case(0, "a", "", "ERROR", [], "no answer"),
                 make_sample.case(1, "b", "", "FAIL", [], "too late")]
        record = read(planned=["a", "b"], cases=cases, verdict="ERROR")
        self.assertEqual(story.why_sentence(record), "1 of 2 cases is ERROR; first a: no answer; "
                         "and 1 of 2 FAIL, first b: too late.")


if __name__ == "__main__":
    unittest.main()
