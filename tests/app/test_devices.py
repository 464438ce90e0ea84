"""Devices that are worse than faulty: a verdict on the device, in bounded time, and no hang."""

import subprocess
import time
import unittest

import harness
from harness import CHECKOUT, PASSES

SECONDS = 20  # of the wall clock, for a run of a few seconds of bench time on a busy machine


class WorseThanFaulty(harness.RigTest):
    def check(self, name, found):
        image = self.folder / f"{name}.elf"
        subprocess.run(["avr-gcc", "-mmcu=atmega328p", "-DF_CPU=16000000UL", "-Os", "-Wall", "-Werror",
                        CHECKOUT / "tests/app/firmware" / f"{name}.c", "-o", image], check=True)
        began = time.monotonic()
        done = self.run_rig(self.scenario(PASSES), "--firmware", image, timeout=SECONDS)
        self.assertLess(time.monotonic() - began, SECONDS)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        case = self.record()["cases"][0]
        self.assertEqual(case["verdict"], "FAIL")
        self.assertTrue(case["reason"].startswith("step 0 (boot): device: expected an answer, found "
                                                  "the device does not answer 'hello' within 200 ms"),
                        case["reason"])
        self.assertIn(found, case["reason"])
        self.assertLess(case["bench_time_ps"], 10e12)
        self.assertEqual(case["steps"][-1]["kind"], "safe_state")

    def test_one_that_never_boots(self):
        self.check("dead", "")

    def test_one_that_babbles(self):
        self.check("babbler", "pieces of garbage came instead")

    def test_one_that_answers_nonsense(self):
        self.check("liar", "pieces of garbage came instead")


class PowerCycle(harness.RigTest):
    def test_brings_the_real_firmware_back(self):
        done = self.run_rig(self.scenario("""
scenario: Off and on
steps:
  - set: {amplitude: 20 mA}
  - start
  - power: cycle
  - expect: {status.state: IDLE, status.amplitude: 0 mA +- 0 mA}
"""))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
