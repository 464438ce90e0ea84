"""The output tables of standards, from drawn runs: no figure that the record does not hold, and no
clean figure where something is wrong with it."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import drawn
import make_sample
from test_report import Page

from soleus_report.__main__ import main
from soleus_report.forms.page import FORMS
from soleus_report.forms.table import Derived, Line, sure_word

SETTINGS = "set amplitude 20 mA, width 300 us, gap 100 us, rate 35 Hz"
VOLTS = make_sample.limit("<= 500 V", "V", "SRS-041", high=500.0, rule="guarded")
AMPS = make_sample.limit("<= 22 mA", "A", "SRS-020", high=22e-3, rule="guarded")
DENSITY = make_sample.limit("<= 2 mA/cm2", "A/m2", "SRS-041", high=20.0, rule="guarded")
POWER = make_sample.limit("<= 0.25 W/cm2", "W/m2", "SRS-041", high=2500.0, rule="guarded")
SECONDS = make_sample.limit(">= 1 s", "s", "SRS-041", low=1.0)


class Cells(HTMLParser):
    """The rows of the page's tables as lists of texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._inside = True
        if tag == "br" and self._inside:
            self.rows[-1][-1] += " "

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data

    def under(self, heading: str) -> list[list[str]]:
        """The lines below a row's heading, up to the next one."""
        rows = [[" ".join(cell.split()) for cell in row] for row in self.rows]
        at = next(k for k, row in enumerate(rows) if len(row) == 1 and row[0].startswith(heading))
        end = next(k for k in range(at + 1, len(rows) + 1)
                   if k == len(rows) or len(rows[k]) == 1)
        return rows[at + 1:end]


class Made(unittest.TestCase):
    def setUp(self) -> None:
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.path = Path(held.name)
        self.folder = make_sample.Folder(self.path)
        self.cases: list[dict] = []

    def add(self, name: str, findings: list[dict], row: str = "mode=continuous",
            suite: str = "fda_pms_510k", capture: str = "", **more: Any) -> dict:
        id = f"standards/{suite}/{name}" + (f"[{row}]" if row else "")
        captures = []
        if capture:
            train = drawn.pulse_train(1_000_000, 0.1, np.arange(0.02, 0.09, 0.02), drawn.Shape(),
                                      seed=7)
            captures = [self.folder.keep(train, capture)]
        steps = [make_sample.step("1", "load", "load 500 ohm", 0, 0),
                 make_sample.step("2", "set", SETTINGS, 0, 0.04),
                 make_sample.step("3", "capture", "capture", 0.1, 0.5, captures=captures),
                 make_sample.step("4", "expect", "expect", 0.5, 0.5, findings=findings)]
        verdict = more.pop("verdict", "PASS")
        case = {**make_sample.case(len(self.cases), id, "", verdict, steps), **more}
        self.cases.append(case)
        return case

    def form(self, name: str = "fda-510k", *more: str, **record: Any) -> str:
        whole = {**make_sample.base_record(), "cases": self.cases,
                 "planned": [c["id"] for c in self.cases],
                 "verdict": max((c["verdict"] for c in self.cases),
                                key=make_sample.GRAVITY.index, default="ERROR"), **record}
        make_sample.write(self.path, whole)
        out = self.path / "form.html"
        with contextlib.redirect_stdout(io.StringIO()):
            code = main([str(self.path), "--form", name, "--out", str(out), *more])
        self.assertEqual(code, 0)
        return out.read_text(encoding="utf-8")

    def number(self, quantity: str, value: float, u: float, limit: dict, verdict: str = "PASS",
               capture: str = "", reason: str = "") -> dict:
        return make_sample.number(quantity, capture, value, u, limit, verdict, 1.0, reason=reason)


class Figures(Made):
    def test_stand_with_u_unit_limit_and_how_sure_its_source_is(self) -> None:
        self.add("output", [self.number("voltage.peak", 50.3, 0.5, VOLTS, capture="pulse")],
                 "mode=continuous,load=500 ohm", capture="pulse")
        line = Cells(self.form()).under("Maximum output voltage")[0]
        self.assertEqual(line[:2], ["500 ohm", "50.3 V ± 1.0 V ± 2 %, worst of 20 pulses"])
        self.assertEqual(line[2], "<= 500 V verified SRS-041")
        self.assertEqual(line[3:], ["✓ PASS", "E1"])

    def test_are_converted_into_the_units_of_the_table(self) -> None:
        self.add("dose", [self.number("current.density", 13.17, 0.033, DENSITY),
                          self.number("power.density", 216.8, 1.1, POWER),
                          self.number("rms", 32.93e-3, 82e-6, AMPS),
                          self.number("current.peak", 0.1, 5e-4, AMPS)])
        cells = Cells(self.form())
        density = cells.under("Maximum current density")
        self.assertTrue(density[0][1].startswith("1.3170 mA/cm2 ± 0.0066 mA/cm2"), density)
        self.assertTrue(density[2][1].startswith("25 cm2"), density)
        self.assertTrue(density[3][1].startswith("3.999 mA/cm2 ± 0.040 mA/cm2"), density)
        self.assertTrue(cells.under("Maximum power density")[0][1].startswith(
            "0.02168 W/cm2 ± 0.00022 W/cm2"))

    def test_of_bursts_follow_from_on_and_off_time(self) -> None:
        self.add("on_off", [self.number("burst.on_time", 2.0, 1e-3, SECONDS),
                            self.number("burst.off_time", 3.0, 1e-3, SECONDS),
                            self.number("burst.pulses", 80, 0, SECONDS)], "mode=cycled")
        bursts = Cells(self.form()).under("Burst mode")
        self.assertTrue(bursts[1][1].startswith("200.00 mHz ± 0.11 mHz"), bursts)  # 2 sqrt(2) 1 ms / 5^2
        self.assertTrue(bursts[3][1].startswith("40.000 % ± 0.029 %"), bursts)

    def test_are_the_largest_of_all_cases_and_as_bad_as_the_worst(self) -> None:
        for row, value, verdict in (("a=1", 30e-6, "PASS"), ("a=2", 45e-6, "PASS"), ("a=3", 20e-6, "FAIL")):
            limit = make_sample.limit("<= 50 uC", "C", "SRS-020", high=50e-6)
            self.add("dose", [self.number("phase1.charge", value, 1e-7, limit, verdict,
                                          reason="no good" if verdict == "FAIL" else "")],
                     f"mode=continuous,{row}", verdict=verdict)
        line = Cells(self.form()).under("Maximum phase charge")[0]
        self.assertIn("45.00 uC ± 0.20 uC worst of 20 pulses, of 3 cases", line[1])
        self.assertEqual(line[3], "✗ FAIL no good")

    def test_in_words_stand_with_the_limit_of_each(self) -> None:
        self.add("short_and_open", [make_sample.word("status.fault", w, w, "SRS-041")
                                    for w in ("NONE", "LEAD_OFF")], "", suite="iec60601_2_10")
        lines = Cells(self.form("iec60601-2-10")).rows
        line = next(row for row in lines if len(row) > 4 and "device reports: short" in row[1])
        self.assertEqual(line[2], "NONE, LEAD_OFF")
        self.assertRegex(line[3], "NONE.*verified.*LEAD_OFF.*verified")

    def test_of_a_suite_without_modes_stand_once(self) -> None:
        self.add("output", [self.number("voltage.peak", 50.3, 0.5, VOLTS, capture="pulse")],
                 "load=500 ohm", capture="pulse")
        text = Page(self.form()).text
        self.assertEqual(text.count("50.3 V ± 1.0 V"), 1)
        self.assertNotIn("mode:", text)
        self.assertIn("Single pulse, 500 ohm E1", text)

    def test_stand_once_for_each_mode(self) -> None:
        for mode, value in (("continuous", 50.0), ("cycled", 40.0)):
            self.add("output", [self.number("voltage.peak", value, 0.5, VOLTS)],
                     f"mode={mode},load=500 ohm")
        text = Page(self.form()).text
        self.assertLess(text.index("Output, mode: continuous"), text.index("50.0 V ± 1.0 V"))
        self.assertLess(text.index("Output, mode: cycled"), text.index("40.0 V ± 1.0 V"))


class Doubt(Made):
    """Never a clean number."""

    def line(self, finding: dict, *more: str, **how: Any) -> list[str]:
        self.add("dose", [finding], **how)
        return Cells(self.form("fda-510k", *more)).under("Maximum average current")[0]

    def test_an_error_without_a_value_is_no_figure(self) -> None:
        finding = {**self.number("current.average", 1e-3, 1e-6, AMPS, "ERROR", reason="clipped"),
                   "measured": None}
        line = self.line(finding, verdict="ERROR", reason="current.average: clipped")
        self.assertEqual(line[1], "⚠︎ no figure")
        self.assertIn("! ERROR clipped", line[3])

    def test_a_value_that_is_no_number_is_an_error_even_where_the_record_calls_it_pass(self) -> None:
        finding = self.number("current.average", 1e-3, 1e-6, AMPS)
        finding["measured"]["value"] = "nan"
        line = self.line(finding)
        self.assertEqual(line[1], "⚠︎ no figure")
        self.assertIn("ERROR", line[3])

    def test_an_inconclusive_value_is_marked(self) -> None:
        line = self.line(self.number("current.average", 1e-3, 1e-6, AMPS, "INCONCLUSIVE",
                                     reason="inside by less than U"), verdict="INCONCLUSIVE")
        self.assertTrue(line[1].startswith("⚠︎ 1.0000 mA ± 0.0020 mA"), line)
        self.assertIn("INCONCLUSIVE inside by less than U", line[3])

    def test_a_flaky_a_blocked_and_a_cut_case_are_marked(self) -> None:
        good = self.number("current.average", 1e-3, 1e-6, AMPS)
        for how, word in (({"verdict": "FLAKY"}, "FLAKY"),
                          ({"verdict": "BLOCKED", "reason": "no load box"}, "BLOCKED"),
                          ({"complete": False}, "ERROR")):
            with self.subTest(word):
                self.cases = []
                line = self.line(good, **how)
                self.assertTrue(line[1].startswith("⚠︎"), line)
                self.assertIn(word, line[3])

    def test_a_case_that_passed_without_the_finding_is_an_error(self) -> None:
        self.add("dose", [])
        line = Cells(self.form()).under("Maximum average current")[0]
        self.assertIn("ERROR", line[3])
        self.assertIn("it has no finding of current.average", line[3])

    def test_one_bad_case_among_good_ones_spoils_the_line(self) -> None:
        self.add("dose", [self.number("current.average", 1e-3, 1e-6, AMPS)])
        self.add("dose", [], "mode=continuous,b=2", verdict="ERROR", reason="no answer")
        line = Cells(self.form()).under("Maximum average current")[0]
        self.assertTrue(line[1].startswith("⚠︎ 1.0000 mA"), line)
        self.assertIn("ERROR", line[3])
        self.assertIn("no answer", line[3])

    def test_an_altered_run_has_no_clean_figure_and_says_so_at_the_top(self) -> None:
        line = self.line(self.number("current.average", 1e-3, 1e-6, AMPS),
                         "--altered=changed: events.jsonl")
        self.assertTrue(line[1].startswith("⚠︎ 1.0000 mA"), line)
        self.assertIn("ALTERED", line[3])
        text = Page((self.path / "form.html").read_text(encoding="utf-8")).text
        self.assertIn("ALTERED. These files are no longer as the run left them: changed: events.jsonl", text)
        self.assertNotIn("✓ PASS E", text)

    def test_a_capture_that_is_not_the_recorded_one_is_noticed_without_being_told(self) -> None:
        self.add("output", [self.number("voltage.peak", 50.3, 0.5, VOLTS, capture="pulse")],
                 "mode=continuous,load=500 ohm", capture="pulse")
        file = self.path / "captures/0000-pulse.h5"
        for spoil in (lambda: file.write_bytes(file.read_bytes() + b"x"), file.unlink):
            spoil()
            text = self.form()
            line = Cells(text).under("Maximum output voltage")[0]
            self.assertTrue(line[1].startswith("⚠︎ 50.3 V"), line)
            self.assertIn("ALTERED captures/0000-pulse.h5 is not the file that was recorded", line[3])
            self.assertIn("ALTERED: the file is not the one that was recorded", Page(text).text)

    def test_a_killed_run_is_incomplete(self) -> None:
        self.add("dose", [self.number("current.average", 1e-3, 1e-6, AMPS)])
        planned = ["standards/fda_pms_510k/dose[mode=continuous]",
                   "standards/fda_pms_510k/on_off[mode=continuous,on=2 s]"]
        self.add("on_off", [], "mode=cycled")
        text = self.form(finished=False, planned=planned, verdict="ERROR")
        self.assertIn("INCOMPLETE. The run was killed or interrupted; 1 of 2 planned cases",
                      Page(text).text)
        burst = Cells(text).under("Burst mode")[0]
        self.assertEqual(burst[1], "not measured in this run: run scenarios/standards/fda_pms_510k")


class Open(Made):
    def test_a_run_without_the_suite_fills_nothing_and_names_the_suite(self) -> None:
        self.cases = [make_sample.case(0, "accuracy/rms", "", "PASS", [make_sample.step(
            "1", "expect", "", 0, 1, findings=[self.number("rms", 0.03, 1e-4, AMPS)])])]
        for name, form in FORMS.items():
            text = Page(self.form(name)).text
            self.assertIn(f"It holds no case of {form.suite_path}: run that suite first.", text)
            self.assertIn("0 lines measured", text)
            rows = form.general + form.of_mode
            parts = [p for row in rows for p in row.parts if isinstance(p, (Line, Derived))]
            wanted = f"not measured in this run: run {form.suite_path}"
            traces = 4 if form.of_mode else 0
            self.assertEqual(text.count(wanted), len(parts) + traces)

    def test_no_number_stands_in_a_line_that_was_not_measured(self) -> None:
        for name in FORMS:
            lines = [row for row in Cells(self.form(name)).rows
                     if len(row) > 1 and row[-1].startswith("not measured in this run")]
            self.assertGreater(len(lines), 30)
            self.assertFalse([row for row in lines if "±" in "".join(row)])

    def test_what_belongs_to_another_mode_is_not_called_missing(self) -> None:
        self.add("on_off", [self.number("burst.pulses", 80, 0, SECONDS)], "mode=cycled")
        self.add("dose", [])
        text = self.form()
        continuous = text[text.index("mode: continuous"):]
        self.assertEqual(Cells(continuous).under("ON time")[0][1], "mode cycled only")

    def test_claims_no_compliance(self) -> None:
        for name in FORMS:
            text = Page(self.form(name)).text
            self.assertIn("It does not claim that the device complies with any standard", text)
            self.assertNotRegex(text, r"(?i)\b(is compliant|conforms|complies with the)\b")

    def test_a_figure_of_an_unread_standard_is_never_called_verified(self) -> None:
        self.assertEqual(sure_word("F", "FDA guidance, 1999"), "verified")
        self.assertEqual(sure_word("F", "IEC 601-2-10:1987 as quoted"), "secondary")
        self.assertEqual([sure_word(s, "") for s in ("f", "B", "GK", "C", "house", "")],
                         ["secondary", "not verified", "not verified", "computed", "own figure", "no source"])


class Traces(Made):
    def test_are_drawn_for_each_load_with_baseline_axes_and_settings(self) -> None:
        for load in ("500 ohm", "2 kohm", "10 kohm"):
            self.add("output", [self.number("voltage.peak", 50.3, 0.5, VOLTS, capture="pulse")],
                     f"mode=continuous,load={load}", capture="pulse")
        self.add("train", [], capture="train")
        page = Page(self.form())
        self.assertEqual(page.tags.count("svg"), 4)
        for words in ("Single pulse, 500 ohm, mode: continuous", "Single pulse, 10 kohm",
                      "Train, 500 ohm, mode: continuous", "baseline", "time from the onset, us",
                      "current, mA", "voltage, V", f"load 500 ohm; {SETTINGS}"):
            self.assertIn(words, page.text)
        self.assertLessEqual({link for link in page.links}, {f"#{i}" for i in page.ids})

    def test_a_trace_that_cannot_be_drawn_says_why(self) -> None:
        case = self.add("train", [], capture="train")
        case["steps"][2]["captures"][0]["file"] = "../../etc/passwd"
        self.assertIn("cannot be drawn: '../../etc/passwd' is not a file of the run folder",
                      Page(self.form()).text)


class Written(Made):
    def run_main(self, *arguments: str) -> tuple[int, str, str]:
        said, complained = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            code = main([str(self.path), *arguments])
        return code, said.getvalue(), complained.getvalue()

    def test_as_html_and_pdf_that_say_the_same(self) -> None:
        self.add("dose", [self.number("current.average", 1e-3, 1e-6, AMPS)])
        self.form()
        code, said, _ = self.run_main("--form", "fda-510k")
        self.assertEqual((code, said), (0, f"{self.path}/fda-510k.html\n{self.path}/fda-510k.pdf\n"))
        pdf = (self.path / "fda-510k.pdf").read_bytes()
        self.assertTrue(pdf.startswith(b"%PDF-") and pdf.rstrip().endswith(b"%%EOF"))
        self.assertGreaterEqual(len(re.findall(rb"/Type /Page\b", pdf)), 2)

    def test_alike_when_made_again(self) -> None:
        self.add("train", [self.number("current.peak", 0.02, 1e-4, AMPS, capture="train")],
                 capture="train")
        self.form()
        made = []
        for _ in range(2):
            self.run_main("--form", "fda-510k")
            made.append([(self.path / f"fda-510k.{e}").read_bytes() for e in ("html", "pdf")])
        self.assertEqual(made[0][0], made[1][0])
        self.assertEqual(made[0][1], made[1][1])

    def test_or_not_at_all(self) -> None:
        make_sample.write(self.path, make_sample.base_record())
        code, _, complained = self.run_main("--form", "fda-510k", "--out", str(self.path / "no/x.pdf"))
        self.assertEqual(code, 3)
        self.assertEqual(complained, f"soleus_report: {self.path}/no/x.pdf: No such file or directory\n")
        code, _, complained = self.run_main("--form", "fda")
        self.assertEqual(code, 2)
        self.assertEqual(complained, "soleus_report: unknown form 'fda': expected one of fda-510k, "
                                     "iec60601-2-10\n")

    def test_without_weasyprint_it_names_the_package_and_writes_nothing(self) -> None:
        make_sample.write(self.path, make_sample.base_record())
        with mock.patch.dict(sys.modules, {"weasyprint": None}):
            code, _, complained = self.run_main("--form", "fda-510k")
        self.assertEqual(code, 3)
        self.assertIn("has no module 'weasyprint': apt install weasyprint", complained)
        self.assertFalse((self.path / "fda-510k.html").exists())

    def test_the_pdf_reads_as_the_page_does(self) -> None:
        self.add("dose", [self.number("current.average", 1e-3, 1e-6, AMPS)])
        self.form()
        self.run_main("--form", "fda-510k")
        text = subprocess.run(["pdftotext", "-layout", self.path / "fda-510k.pdf", "-"], text=True,
                              capture_output=True, check=True).stdout
        for words in ("1.0000 mA ± 0.0020 mA", "No compliance with any standard is claimed.",
                      "Maximum average current"):
            self.assertIn(words, text)


if __name__ == "__main__":
    unittest.main()
