"""The rig as its users call it: a process with arguments, output and an exit code."""

from __future__ import annotations

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RIG = os.environ["RIG"]
BENCH = ROOT / "fixtures" / "simulated.yaml"
SPEC = ROOT / "firmware_under_test" / "soleus_e" / "requirements.yaml"

TRAIN = """scenario: A short train
verifies: [SRS-010]
sweep: {amplitude: [10 mA, 20 mA, 30 mA, 40 mA]}
steps:
  - set: {amplitude: "${amplitude}", width: 300 us, gap: 100 us, rate: 35 Hz}
  - capture:
      as: train
      channels: [current, voltage]
      rate: 1 MHz
      for: 1 s
      during: [start]
  - expect: {in: train, pulse.count: ">= 30", phase1.width: SRS-010}
"""


class RigTest(unittest.TestCase):
    """A private folder; scenarios written as text."""

    def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)
        self.runs = self.folder / "runs"

    def write(self, name: str, text: str | bytes) -> pathlib.Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def rig(self, *arguments: object, timeout: float = 120) -> subprocess.CompletedProcess:
        return subprocess.run([RIG, *map(str, arguments)], capture_output=True, text=True,
                              timeout=timeout, cwd=self.folder)

    def run_arguments(self, *scenarios: object) -> list[str]:
        return ["run", *map(str, scenarios), "--bench", str(BENCH), "--spec", str(SPEC),
                "--no-report", "--out", str(self.runs)]

    def run_folder(self) -> pathlib.Path:
        return max(self.runs.iterdir(), key=lambda p: p.stat().st_mtime_ns)
