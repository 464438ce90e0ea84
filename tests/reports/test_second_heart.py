"""The plant's page and the comparison on a run's page: told, never judged."""

from __future__ import annotations

import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from test_report import Page

from soleus_report.plant import comparison, is_informative
from soleus_report.record import CaseRecord, Finding, Measurement, RunRecord, StepRecord, Verdict
from soleus_report.second_heart import PICTURES, acceptance, main

TIPTOES = {"time": [0, 1, 2], "deep_volume": [80, 40, 60], "deep_pressure": [70, 120, 5],
           "calf_volume": [120, 80, 90], "ankle_pressure": [92, 95, 27]}
FLOWS = {"time": [0, 1, 2], "on": [0, 1, 0], "force": [0, 0.9, 0],
         **{key: [1, 20, 0] for key in ("calf_artery", "popliteal", "leg", "pelvis", "heart")}}


def figure(name: str, model: float, low: float, high: float, meets: bool) -> dict:
    return {"id": name, "name": f"{name} <of> the calf", "unit": "mmHg", "definition": "It is.",
            "model": model, "literature": f"{low} to {high} (S1)", "low": low, "high": high,
            "seed": "", "meets": meets}


DATA = {"plant": "Second heart", "figures": [figure("ankle", 92, 76, 95, True),
                                             figure("refill", 13, 2.8, 2.8, False)],
        "parameters": [{"name": "valve.leak", "value": "0 %", "source": "assumed: tight",
                        "percent": [0.1, -12.0]},
                       {"name": "blood.volume", "value": "5000 mL", "source": "textbook"}],
        "rates": [{"per_minute": 2, "stroke": 4, "minute": 8},
                  {"per_minute": 120, "stroke": 1, "minute": 120}],
        "tiptoes": TIPTOES, "tiptoes_incompetent": TIPTOES, "flows": FLOWS}


class PlantPage(unittest.TestCase):
    def page(self) -> str:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "heart.html")
            with mock.patch.object(sys, "stdin", io.StringIO(json.dumps(DATA))):
                self.assertEqual(main([str(out), folder]), 0)
            for name in PICTURES:
                self.assertEqual(Path(folder, f"{name}.png").read_bytes()[:4], b"\x89PNG")
            return out.read_text()

    def test_says_what_misses_and_that_it_is_a_model(self) -> None:
        text = self.page()
        self.assertIn("1 of 2 figures meet the literature", text)
        self.assertIn("no clinical claim", text)
        self.assertIn(">miss<", text)
        self.assertIn("refill &lt;of&gt; the calf", text)

    def test_is_self_contained(self) -> None:
        page = Page(self.page())
        self.assertEqual([x for x in page.loaded if not x.startswith(("#", "data:"))], [])

    def test_shows_the_sensitivity_to_assumed_parameters_only(self) -> None:
        text = self.page()
        self.assertIn("1 of 2 parameters are assumed", text)
        self.assertIn("-12.0", text)

    def test_a_value_off_the_axis_is_drawn_at_its_end(self) -> None:
        axes = acceptance(DATA).axes[0]
        points = [line.get_xdata()[0] for line in axes.lines]
        self.assertEqual(max(points), 3)


def told(value: float) -> CaseRecord:
    finding = Finding(quantity="plant.ejected", capture="pump", found=f"{value:g} mL/min",
                      expected="informative: a model, no clinical claim", verdict=Verdict.PASS,
                      measured=Measurement(name="plant.ejected", value=value, unit="mL/min"))
    return CaseRecord(index=int(value), id=f"c{value:g}", parameters=[("device", f"F{value:g}")],
                      steps=[StepRecord(kind="inform", findings=[finding])])


class RunPage(unittest.TestCase):
    def test_compares_each_device_with_the_first(self) -> None:
        found = comparison(Path("/nowhere"), RunRecord(cases=[told(40), told(50)]))
        assert found is not None
        self.assertEqual([c.label for c in found.cases], ["F40", "F50"])
        self.assertEqual(found.change(found.cases[0], "plant.ejected"), "")
        self.assertEqual(found.change(found.cases[1], "plant.ejected"), " (+25.0 %)")
        self.assertEqual(found.picture, "", "no capture, no picture")

    def test_a_run_without_a_plant_has_none(self) -> None:
        self.assertIsNone(comparison(Path("/nowhere"), RunRecord(cases=[CaseRecord()])))

    def test_only_what_says_so_is_informative(self) -> None:
        self.assertTrue(is_informative(Finding(expected="informative: a model, no clinical claim")))
        self.assertFalse(is_informative(Finding(expected=">= 3")))


if __name__ == "__main__":
    unittest.main()
