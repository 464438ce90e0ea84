"""The output tables of standards, from the real program; figures computed again from exported samples
by numpy and scipy, and from closed forms."""

import csv
import html
import json
import math
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import numpy as np
import yaml
from scipy import integrate

import harness
from harness import CHECKOUT, IMAGES, PASSES, memory_disk

SUITE = CHECKOUT / "scenarios/standards"
# The continuous mode is enough here; the whole suites run every night.
CASES = ("file:fda_pms_510k and (id:dose[mode=continuous or id:output[mode=continuous or "
         "id:pulse_width[mode=continuous or id:frequency[mode=continuous,rate=120)")
AMPS, WIDTH, RATE, LOAD, AREA = 0.1, 450e-6, 120.0, 500.0, 25.0  # what was set; ohm, cm2
PREFIX = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9, "k": 1e3}


def lines_of(page):
    """{(row, line): (text, verdict)} of the tables of the page, the first of each name."""
    found, heading = {}, ""
    for row in re.findall(r"<tr.*?</tr>", page, re.S):
        cells = [" ".join(html.unescape(re.sub(r"<br>|<small.*?</small>|<[^>]*>", " ", cell)).split())
                 for cell in re.findall(r"<td.*?</td>", row, re.S)]
        if row.startswith('<tr class="head"'):
            heading = " ".join(html.unescape(re.search("<b>(.*?)</b>", row)[1]).split())
        elif len(cells) > 1:
            found.setdefault((heading, cells[0]), (cells[1], cells[3] if len(cells) > 3 else ""))
    return found


def figure(text, unit):
    """'45.10 uC ± 0.23 uC' as (value, U) in the unit."""
    got = re.match(rf"(-?[\d.]+) (\w?){re.escape(unit)} ± ([\d.]+) (\w?){re.escape(unit)}", text)
    assert got, text
    return float(got[1]) * PREFIX[got[2]], float(got[3]) * PREFIX[got[4]]


class Form(harness.RigTest):
    """One run of the suite for all."""

    run_of_suite = None

    @classmethod
    def setUpClass(cls):
        if Form.run_of_suite:
            return
        kept = pathlib.Path(tempfile.mkdtemp(prefix="rig_forms_", dir=memory_disk()))
        unittest.addModuleCleanup(shutil.rmtree, kept, ignore_errors=True)
        test = cls("rig")
        test.folder = kept
        done = test.rig("run", CHECKOUT / "scenarios", "--filter", CASES, "--out", kept / "runs",
                        "--no-report", timeout=280)
        assert done.returncode == 0, done.stdout + done.stderr
        Form.run_of_suite = next((kept / "runs").iterdir())
        done = test.rig("report", cls.run_of_suite, "--form", "fda-510k")
        assert done.returncode == 0, done.stderr
        Form.made = done.stdout
        Form.lines = lines_of((cls.run_of_suite / "fda-510k.html").read_text())
        Form.record = json.loads((cls.run_of_suite / "record.json").read_text())

    def samples(self, case, capture):
        """Time since arming, segment, current and voltage of the pulses of an exported capture, one
        list item for each."""
        ref = next(c for k in self.record["cases"] if case in k["id"] for s in k["steps"]
                   for c in s["captures"] if c["name"] == capture)
        out = self.folder / "samples.csv"
        self.assertEqual(self.rig("export", self.run_of_suite / ref["file"], out).returncode, 0)
        with out.open() as file:
            lines = [next(file)]
            while lines[-1].startswith("#"):
                lines.append(next(file))
            head = lines[-1].strip().split(",")
            armed = float(re.search(r"# armed_at_s: ([\d.]+)", "".join(lines))[1])
            names = [n for n in head if n in ("t_s", "segment", "current_A", "voltage_V")]
            data = np.loadtxt(file, delimiter=",", usecols=[head.index(n) for n in names])
        data[:, 0] -= armed
        return np.split(data, np.flatnonzero(np.diff(data[:, 1])) + 1)


class Figures(Form):
    """Samples in, figures of the table out, by another way."""

    def assert_figure(self, row, line, unit, sampled, closed=None, near=0.02):
        """The table's figure is that of the samples (within `near` of U), and the closed form's
        within U."""
        text, verdict = self.lines[(row, line)]
        self.assertEqual(verdict, "✓ PASS")
        value, expanded = figure(text, unit)
        half_digit = 0.5 * 10 ** -len(text.split(" ")[0].partition(".")[2])
        half_digit *= PREFIX[text.split(" ")[1].removesuffix(unit)]
        self.assertLess(abs(value - sampled), near * expanded + half_digit, (text, sampled))
        if closed is not None:
            self.assertLess(abs(value - closed), expanded, (text, closed))

    def doses(self):
        """Of each pulse: onset, charges of both phases, net charge, integral of i^2."""
        for pulse in self.samples("dose[mode=continuous", "dose"):
            t, i = pulse[:, 0] - pulse[0, 0], pulse[:, 2]
            i = i - i[:150].mean()  # what the digitizer shows before the pulse
            first, second = np.where(i > AMPS / 4, i, 0), np.where(i < -AMPS / 4, i, 0)
            yield (pulse[0, 0], integrate.trapezoid(first, t),
                   integrate.trapezoid(second, t), integrate.trapezoid(i, t),
                   integrate.trapezoid(np.where(abs(i) > AMPS / 4, i * i, 0), t))

    def test_of_charge_density_and_power_are_those_of_the_samples_and_of_the_formulas(self):
        doses = np.array([d for d in self.doses() if d[0] > 1.0])  # the scenario looks from 1 s on
        self.assertGreater(len(doses), 200)
        onset, first, second, _, square = doses.T
        period = np.diff(onset).mean()
        rms = math.sqrt(square.sum() / (len(doses) * period))
        closed_rms = AMPS * math.sqrt(RATE * 2 * WIDTH)
        self.assert_figure("Maximum phase charge", "500 ohm, first phase", "C", first.max(),
                           AMPS * WIDTH)
        self.assert_figure("Maximum phase charge", "500 ohm, second phase", "C", -second.min(),
                           AMPS * WIDTH)
        self.assert_figure("Maximum current density", "r.m.s. current, over the area", "A", rms,
                           closed_rms)
        self.assert_figure("Maximum current density", "500 ohm, r.m.s.", "mA/cm2",
                           1e3 * rms / AREA, 1e3 * closed_rms / AREA)
        one_second = square[onset - onset[0] < 1.0].sum()  # 120 pulses a second, all alike
        self.assert_figure("Maximum power density", "500 ohm, over 1 s", "W/cm2",
                           LOAD * one_second / AREA, LOAD * closed_rms**2 / AREA, near=0.05)
        self.assert_figure("Maximum average current", "500 ohm", "A",
                           (first - second).sum() / (len(doses) * period), 2 * RATE * AMPS * WIDTH)
        net, expanded = figure(self.lines[("Net charge per pulse", "500 ohm")][0], "C")
        self.assertLess(abs(net) + expanded, 1e-6)
        self.assertLess(abs(net - doses[np.argmax(abs(doses[:, 3])), 3]), expanded)

    def test_of_voltage_and_current_at_each_load_are_those_of_the_samples(self):
        for load, ohm in (("500 ohm", 500), ("2 kohm", 2000), ("10 kohm", 10000)):
            pulses = np.concatenate(self.samples(f"output[mode=continuous,load={load}", "pulse"))
            self.assert_figure("Maximum output voltage", load, "V", abs(pulses[:, 3]).max(), near=0.5)
            self.assert_figure("Maximum output current", load, "A", abs(pulses[:, 2]).max(), near=0.7)
            volts, u_volts = figure(self.lines[("Maximum output voltage", load)][0], "V")
            self.assertLess(abs(volts - min(AMPS * ohm, 150.0)), u_volts, "the compliance is 150 V")

    def test_of_the_pulse_width_are_those_of_the_half_amplitude_crossings(self):
        for width, at in (("50 us", 0), ("450 us", 1)):
            longest = 0.0
            for pulse in self.samples(f"pulse_width[mode=continuous,width={width}", "shape"):
                t, i = pulse[:, 0] - pulse[0, 0], abs(pulse[:, 2])
                over = np.flatnonzero(i > AMPS / 2)
                ends = []
                for k in (over[0] - 1, over[-1]):
                    ends.append(t[k] + (AMPS / 2 - i[k]) / (i[k + 1] - i[k]) * (t[k + 1] - t[k]))
                longest = max(longest, ends[1] - ends[0])
            text = self.lines[("Pulse width", "range")][0].split(" to ")[at]
            value, expanded = figure(text, "s")
            self.assertLess(abs(value - longest), expanded, text)
            self.assertLess(abs(value - (2 * float(width.split()[0]) * 1e-6 + 100e-6)), expanded)


class Page(Form):
    def test_is_written_as_html_and_pdf_and_stays_in_the_manifest(self):
        self.assertEqual(self.made, f"{self.run_of_suite}/fda-510k.html\n{self.run_of_suite}/fda-510k.pdf\n")
        self.assertTrue((self.run_of_suite / "fda-510k.pdf").read_bytes().startswith(b"%PDF-"))
        subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "manifest"],
                       cwd=self.run_of_suite, check=True, capture_output=True)
        self.assertIn("fda-510k.pdf", (self.run_of_suite / "manifest").read_text())
        self.assertEqual(self.rig("show", self.run_of_suite).returncode, 0)

    def test_fills_only_what_the_run_measured(self):
        text, _ = self.lines[("Automatic shut-off", "output with the timer at 10 s")]
        self.assertEqual(text, "not measured in this run: run scenarios/standards/fda_pms_510k")
        done = self.rig("report", self.run_of_suite, "--form", "iec60601-2-10", "--out", "iec.html")
        self.assertEqual((done.returncode, done.stdout), (0, "iec.html\n"), done.stderr)
        page = (self.folder / "iec.html").read_text()
        self.assertIn("It holds no case of scenarios/standards/iec60601_2_10", page)
        self.assertNotRegex(page, r"\d ± \d")

    def test_of_an_altered_run_has_no_clean_figure(self):
        copy = self.folder / "copy"
        shutil.copytree(self.run_of_suite, copy)
        capture = next((copy / "captures").glob("*-dose.h5"))
        capture.write_bytes(capture.read_bytes() + b"x")
        done = self.rig("report", copy, "--form", "fda-510k", "--out", "altered.html")
        self.assertEqual((done.returncode, done.stderr),
                         (3, f"rig: {copy}: changed: captures/{capture.name}\n"))
        lines = lines_of((self.folder / "altered.html").read_text())
        measured = [line for line in lines.values() if "±" in line[0]]
        self.assertGreater(len(measured), 15)
        for text, verdict in measured:
            self.assertTrue(text.startswith("⚠︎ ") and "ALTERED" in verdict, (text, verdict))

    def test_of_a_faulty_device_says_what_failed(self):
        image = next((IMAGES / "faults").glob("F14_*.elf"))
        done = self.run_rig(CHECKOUT / "scenarios", "--filter",
                            "file:fda_pms_510k/dose and id:mode=continuous", "--firmware", image)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        run = self.run_folder()
        self.assertEqual(self.rig("report", run, "--form", "fda-510k", "--out", "f.html").returncode, 0)
        lines = lines_of((self.folder / "f.html").read_text())
        text, verdict = lines[("Net charge per pulse", "share of the first phase")]
        share = float(text.split(" ")[0])
        self.assertGreater(share, 2.0)
        self.assertTrue(verdict.startswith("✗ FAIL"), verdict)
        self.assertEqual(lines[("Maximum phase charge", "500 ohm, first phase")][1], "✓ PASS")

    def test_of_an_unknown_form_or_an_impossible_place_is_refused_in_one_line(self):
        for words, code, complaint in (
                (["--form", "fda-501k"], 2, "rig: unknown form 'fda-501k', did you mean 'fda-510k'?\n"),
                (["--form", "fda-510k", "--out", "x.doc"], 2,
                 "rig: x.doc: expected a folder, or a name that ends in .html or .pdf\n"),
                (["--form", "fda-510k", "--json"], 2,
                 "rig: --json prints the trace matrix of a report, not of a form\n")):
            done = self.rig("report", self.run_of_suite, *words)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (code, "", complaint))
        done = self.rig("report", self.run_of_suite, "--form", "fda-510k", "--out", "no/such/x.pdf")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("No such file or directory", done.stderr)


class Suites(unittest.TestCase):
    def cases(self, name):
        return yaml.load((SUITE / name).read_text(), yaml.BaseLoader)

    def test_measure_each_load_and_mode_that_the_table_asks_for(self):
        rows = self.cases("fda_pms_510k/output.yaml")["rows"]
        self.assertEqual({(r["mode"], r["load"]) for r in rows},
                         {(m, l) for m in ("continuous", "cycled")
                          for l in ("500 ohm", "2 kohm", "10 kohm")})
        for name in ("dose", "train", "pulse_width", "frequency"):
            rows = self.cases(f"fda_pms_510k/{name}.yaml")["rows"]
            self.assertEqual({r["mode"] for r in rows}, {"continuous", "cycled"}, name)

    def test_hold_every_scenario_and_quantity_that_a_form_is_filled_from(self):
        lines = subprocess.run(
            ["/usr/bin/python3", "-B", "-c",
             "from soleus_report.forms.page import FORMS\n"
             "from soleus_report.forms.table import Declared, Line\n"
             "for f in FORMS.values():\n"
             "  for row in f.general + f.of_mode:\n"
             "    for p in row.parts:\n"
             "      for q in [] if isinstance(p, Declared) else "
             "[p.quantity] if isinstance(p, Line) else p.inputs:\n"
             "        print(f.suite, p.file, q, sep='|')"],
            env={"PYTHONPATH": str(CHECKOUT / "reports")}, capture_output=True, text=True, check=True)
        wanted = set(lines.stdout.split("\n")) - {""}
        self.assertGreater(len(wanted), 60)
        for suite, file, quantity in (line.split("|") for line in wanted):
            text = (SUITE / suite / f"{file}.yaml").read_text()
            self.assertIn("answer:" if quantity.startswith("answer") else f"{quantity}:", text,
                          f"{suite}/{file}: {quantity}")


class Trace(harness.RigTest):
    def setUp(self):
        super().setUp()
        self.scenario(PASSES.replace("pulse.count: 4 .. 6", "phase1.width: SRS-010")
                      .replace("steps:", "verifies: [SRS-010, SRS-011]\nsteps:"))
        done = self.rig("run", "scenarios", "--out", "runs")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.run_made = self.run_folder()

    def test_is_printed_as_json_with_the_hash_that_the_manifest_has(self):
        done = self.rig("report", self.run_made, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        trace = json.loads(done.stdout)
        line = next(t for t in trace["trace"] if t.get("quantity"))
        self.assertEqual((line["requirement"], line["case"], line["quantity"], line["verdict"]),
                         ("SRS-010", "s", "phase1.width", "PASS"))
        self.assertIn(f"{line['capture_sha256']}  {line['capture_file']}\n",
                      (self.run_made / "manifest").read_text())
        self.assertNotIn("SRS-010", trace["uncovered"])
        self.assertIn("SRS-011", trace["uncovered"])
        self.assertEqual((trace["unknown"], trace["broken"]), ([], []))

    def test_lies_beside_the_report_and_in_the_manifest(self):
        with (self.run_made / "trace.csv").open(newline="") as file:
            lines = list(csv.DictReader(file))
        self.assertEqual([t["requirement"] for t in lines if t["quantity"]], ["SRS-010"])
        self.assertIn("  trace.csv\n", (self.run_made / "manifest").read_text())


if __name__ == "__main__":
    unittest.main()
