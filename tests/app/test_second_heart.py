"""The plant from the outside: its table, its page, its bad input, and what it may not do to a verdict."""

import json
import unittest

from harness import CHECKOUT, SPEC, RigTest

PARAMETERS = CHECKOUT / "fixtures/second_heart/parameters.yaml"
BENCH = CHECKOUT / "fixtures/simulated_second_heart.yaml"

PUMP = """
scenario: Pump
steps:
  - set: {amplitude: 40 mA, width: 300 us, rate: 35 Hz, on_time: 2 s, off_time: 2 s}
  - capture:
      as: pump
      channels: [calf_volume, popliteal_flow]
      rate: 100 Hz
      for: 7 s
      during: [{at: 2 s, do: start}]
  - inform: {in: pump, quantities: [plant.ejected, plant.calf_swing]}
%s"""
CHECKED = "  - expect: {status.state: RUNNING}\n"


class Table(RigTest):
    def test_has_model_literature_and_seed_text_side_by_side(self):
        done = self.rig("second-heart", "--no-sensitivities")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("a model, no clinical claim; no verdict depends on it", done.stdout)
        row = next(r for r in done.stdout.splitlines() if r.startswith("ankle vein pressure, standing"))
        self.assertRegex(row, r"9\d(\.\d)? mmHg +meets +~90; .*~90$")
        self.assertIn("MISS", done.stdout, "what the model misses is said")
        self.assertIn("(not found in the literature)", done.stdout)

    def test_is_machine_readable_and_knows_what_each_assumed_parameter_does(self):
        told = json.loads(self.rig("second-heart", "--json").stdout)
        for parameter in told["parameters"]:
            self.assertEqual("percent" in parameter, parameter["source"].startswith("assumed"))
        figures = {f["id"]: f for f in told["figures"]}
        self.assertTrue(figures["ankle_standing"]["meets"])
        at = [f["id"] for f in told["figures"]].index("ankle_standing")
        depth = next(p for p in told["parameters"] if p["name"] == "standing.foot")
        self.assertAlmostEqual(depth["percent"][at], 10, delta=2)  # the column is nearly all of it

    def test_page_holds_the_table_and_five_pictures(self):
        page = self.folder / "heart.html"
        done = self.rig("second-heart", "--no-sensitivities", "--page", page)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = page.read_text()
        self.assertEqual(text.count("data:image/png;base64,"), 5)
        self.assertIn("no clinical claim", text)

    def test_refuses_bad_parameters_in_one_line(self):
        text = PARAMETERS.read_text().replace("value: 2.1 mL/mmHg", "value: 2.1", 1)
        line = 1 + text[:text.index("value: 2.1,")].count("\n")
        path = self.write("p.yaml", text)
        done = self.rig("second-heart", "--parameters", path)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, f"rig: {path}:{line}:25: expected a compliance like its range, "
                                      "found '2.1' (no unit)\n")


class BenchFile(RigTest):
    def complaint(self, text, by):
        bench = BENCH.read_text().replace("second_heart/parameters.yaml", str(PARAMETERS))
        self.assertIn(text, bench)
        path = self.write("b.yaml", bench.replace(text, by))
        done = self.run_rig(self.scenario(PUMP % CHECKED), "--bench", path)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr.count("\n"), 1)
        return done.stderr.removeprefix(f"rig: {path}:").strip().split(": ", 1)[1]

    def test_says_what_is_wrong_with_the_plant_in_one_line(self):
        self.assertEqual(self.complaint("posture: sitting", "posture: siting"),
                         "expected supine, sitting or standing, found 'siting', did you mean 'sitting'?")
        self.assertEqual(self.complaint("unit: mL, signal", "unit: V, signal"),
                         "expected mL for the signal calf_volume, found 'V'")
        line = next(x for x in BENCH.read_text().splitlines() if x.startswith("second_heart:"))
        self.assertEqual(self.complaint(line.replace("second_heart/parameters.yaml", str(PARAMETERS)), ""),
                         "'calf_volume' is of a plant, and this bench has no second_heart")
        self.assertRegex(self.complaint(str(PARAMETERS), "gone.yaml"), "gone.yaml: no such file$")

    def test_an_image_that_was_not_built_is_bad_input(self):
        path = self.scenario(PUMP.replace("steps:", "firmware: gone.elf\nsteps:") % CHECKED)
        done = self.run_rig(path, "--bench", BENCH)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, f"rig: {path}: no image 'gone.elf' among those built with the rig\n")


class Informative(RigTest):
    def setUp(self):
        super().setUp()
        self.write("scenarios/suite.yaml", f"suite: Test\nspec: {SPEC}\nbench: {BENCH}\n")

    def test_findings_are_told_and_judge_nothing(self):
        done = self.run_rig(self.scenario(PUMP % CHECKED))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        steps = self.record()["cases"][0]["steps"]
        findings = next(s for s in steps if s["kind"] == "inform")["findings"]
        ejected, swing = (f["measured"]["value"] for f in findings)
        self.assertGreater(ejected, 20)  # mL/min: the stimulator's pulses reached the calf
        self.assertGreater(swing, 5)     # mL
        for finding in findings:
            self.assertEqual(finding["expected"], "informative: a model, no clinical claim")
            self.assertIsNone(finding.get("limit"))

    def test_a_case_that_only_informs_is_refused(self):
        done = self.run_rig(self.scenario(PUMP % ""))
        self.assertEqual(done.returncode, 2)
        self.assertIn("this scenario expects nothing", done.stderr)

    def test_the_plant_cannot_be_held_against_a_limit(self):
        done = self.run_rig(self.scenario(PUMP % "  - expect: {in: pump, plant.ejected: '>= 1 mL/min'}\n"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("'plant.ejected' is of a model and cannot be expected: put it in an `inform` step",
                      done.stderr)

    def test_a_bench_without_a_plant_blocks(self):
        self.write("scenarios/suite.yaml",
                   f"suite: Test\nspec: {SPEC}\nbench: {CHECKOUT / 'fixtures/simulated.yaml'}\n")
        done = self.run_rig(self.scenario(PUMP % CHECKED))
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("channel.calf_volume", done.stdout)

    def test_bad_words_are_refused_with_their_place(self):
        path = self.scenario(PUMP.replace("plant.ejected,", "plant.ejectet,") % CHECKED)
        self.assertIn("the plant has no quantity 'plant.ejectet', did you mean 'plant.ejected'?",
                      self.run_rig(path).stderr)
        path = self.scenario(PUMP.replace("plant.ejected,", "plant.ankle_pressure,") % CHECKED)
        self.assertIn("'plant.ankle_pressure' needs channel ankle_pressure in capture 'pump'",
                      self.run_rig(path).stderr)


if __name__ == "__main__":
    unittest.main()
