"""The real program, from the outside: private scenarios in a temporary folder, exit codes, files."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

RIG = os.environ["RIG"]
CHECKOUT = pathlib.Path(os.environ["CHECKOUT"])
SPEC = CHECKOUT / "firmware_under_test/soleus_e/requirements.yaml"
BENCH = CHECKOUT / "fixtures/simulated.yaml"
IMAGES = pathlib.Path(RIG).parent.parent / "firmware"

QUICK = """
scenario: Quick
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture: {as: train, channels: [current], rate: 1 MHz, for: 60 ms, during: [start]}
  - expect: {in: train, %s}
"""
PASSES = QUICK % "pulse.count: 4 .. 6"
FAILS = QUICK % "pulse.count: == 0"
# The amplitude is 20 mA to a few per mille, known to half a percent: this limit lies in between.
DOUBTFUL = QUICK % "phase1.amplitude.mean: <= 20.05 mA"
ERRS = """
scenario: Waits for a pulse that never comes
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - capture:
      as: train
      channels: [current]
      rate: 1 MHz
      for: 60 ms
      during: [start, {at: {pulse: 1000, plus: 0 s}, do: {load: open}, as: lifted}]
  - expect: {in: train, after: lifted, pulse.count: == 0}
"""
BLOCKED = """
scenario: Needs a thermometer
needs: [thermometer]
steps: [{expect: {status.state: IDLE}}]
"""


def memory_disk():
    """A file system in memory, where synchronising costs nothing; None: the usual place."""
    shm = pathlib.Path("/dev/shm")
    if shm.is_dir() and os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 1e9:
        return shm
    return None


class RigTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rig_app_", dir=memory_disk()))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.write("scenarios/suite.yaml", f"suite: Test\nspec: {SPEC}\nbench: {BENCH}\n")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def scenario(self, text, name="s.yaml"):
        return self.write("scenarios/" + name, text)

    def rig(self, *args, timeout=60, env=None, prefix=()):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RIG_")}
        environment["RIG_REPORTS"] = str(CHECKOUT / "reports")  # for a build outside the checkout
        environment.update(env or {})
        return subprocess.run([*prefix, RIG, *map(str, args)], cwd=self.folder, env=environment,
                              capture_output=True, text=True, timeout=timeout)

    def run_rig(self, *args, **how):
        """A run without its report page, which costs a second of matplotlib."""
        return self.rig("run", *args, "--out", self.folder / "runs", "--no-report", **how)

    def run_folder(self):
        folders = sorted((self.folder / "runs").iterdir())
        self.assertEqual(len(folders), 1, folders)
        return folders[0]

    def record(self):
        return json.loads((self.run_folder() / "record.json").read_text())

    def files(self):
        """Everything that is there, but for access times."""
        return {str(p.relative_to(self.folder)): p.stat().st_mtime_ns
                for p in self.folder.rglob("*")}
