"""`rig qualify`: what it says about faults that are caught, missed, strange, or not there."""

import json
import signal
import subprocess
import time
import unittest

import harness
from harness import CHECKOUT, IMAGES, RIG

FAULTS = CHECKOUT / "firmware_under_test/faults"


class Qualify(harness.RigTest):
    def qualify(self, *args, **how):
        return self.rig("qualify", "--no-report", "--out", self.folder / "q", *args, timeout=300, **how)

    def result(self, *args):
        done = self.qualify("--json", *args)
        return done.returncode, json.loads(done.stdout)

    def test_seeded_faults_are_caught_and_good_devices_are_not(self):
        code, q = self.result("--only", "F10,H03,H11", "--quick", "--clean", "2")
        self.assertEqual(code, 0)
        counts = [q[k] for k in ("seeded", "detected", "clean_runs", "false_alarms")]
        self.assertEqual(counts, [3, 3, 2, 0])
        self.assertTrue(q["finished"])
        self.assertAlmostEqual(q["detection_at_least"], 0.05 ** (1 / 3))
        gap, reference, leak = q["faults"]
        self.assertEqual((gap["id"], gap["requirement"], gap["verdict"]), ("F10", "SRS-012", "detected"))
        self.assertEqual((gap["caught_by"], gap["expected_check"]), ("gap", "gap"))
        self.assertGreater(gap["time_to_detect_s"], 0.3)
        self.assertEqual(reference["caught_by"], "phase1.amplitude")
        self.assertEqual(leak["caught_by"], "dc", "no error of the bench: without power it is not there")
        self.assertNotIn("requirements_never_failed", q, "three faults say nothing about that")
        stored = next((self.folder / "q").iterdir()) / "qualification.json"
        self.assertEqual(json.loads(stored.read_text()), q)

    def test_smallest_detectable_magnitude_is_bisected(self):
        code, q = self.result("--only", "F11", "--quick", "--clean", "0")
        self.assertEqual(code, 0)
        grading = q["faults"][0]["grading"]
        self.assertEqual(grading["smallest_detected"] - grading["largest_missed"], 1)
        tried = {t["magnitude"]: t for t in grading["tried"]}
        self.assertFalse(tried[0]["detected"])
        self.assertLess(tried[0]["share"], 1)
        # 1 % + 1 us of 20 us: more than half a microsecond has to be found, 2 us at the latest.
        self.assertIn(grading["smallest_detected"], (2, 3, 4))
        self.assertEqual(sorted(tried), [t["magnitude"] for t in grading["tried"]])

    def fault(self, name, old, new):
        text = next(FAULTS.glob(name + "_*.patch")).read_text()
        self.assertIn(old, text)
        self.write(f"faults/{name}_x.patch", text.replace(old, new))

    def test_a_fault_that_other_checks_catch_counts_as_not_detected(self):
        self.fault("F11", "caught_by: [gap]", "caught_by: [phase1.width]")
        code, q = self.result("--faults", self.folder / "faults", "--quick", "--clean", "0", "--no-grades")
        self.assertEqual((code, q["detected"]), (1, 0))
        fault = q["faults"][0]
        self.assertEqual((fault["verdict"], fault["first_caught_by"]), ("elsewhere", "gap"))
        self.assertNotIn("caught_by", fault)

    def test_a_fault_that_does_no_harm_is_missed(self):
        self.fault("F11", "#define MAGNITUDE 8", "#define MAGNITUDE 0")
        code, q = self.result("--faults", self.folder / "faults", "--quick", "--clean", "0", "--no-grades")
        self.assertEqual(code, 1)
        self.assertEqual(q["faults"][0]["verdict"], "missed")

    def test_a_patch_that_does_not_compile_is_an_error_of_the_rig(self):
        self.fault("F10", "\n+", "\n+no such words; ")
        code, q = self.result("--faults", self.folder / "faults", "--quick", "--clean", "0")
        self.assertEqual((code, q["faults"][0]["verdict"]), (3, "error"))
        self.assertIn("error:", q["faults"][0]["error"])

    def test_a_users_own_image_is_caught_by_any_check(self):
        image = IMAGES / "faults/F43_lead_off_too_slow.elf"
        code, q = self.result("--against", image, "--filter", "verifies:SRS-041 and tag:nightly",
                              "--clean", "0")
        self.assertEqual((code, q["seeded"], q["detected"]), (0, 1, 1))
        self.assertEqual(q["faults"][0]["id"], image.name)
        good, q = self.result("--against", IMAGES / "soleus_e.elf", "--filter",
                              "verifies:SRS-041 and tag:nightly", "--clean", "0")
        self.assertEqual((good, q["faults"][0]["verdict"]), (1, "missed"))

    def test_what_cannot_be_used_is_told_in_one_line(self):
        garbage = self.write("garbage.elf", b"no image")
        for args, words in (
                (("--only", "F999"), "--only: no seeded fault is called 'F999'"),
                (("--faults", "nowhere"), "nowhere: No such file or directory"),
                (("--against", garbage), f"{garbage}: not an ELF file"),
                (("--bench", "none.yaml"), "none.yaml: no such file"),
                (("--every", "0"), "--every: Value 0 not in range 1 to 1000; `rig --help` lists all")):
            done = self.qualify(*args)
            self.assertEqual((done.returncode, done.stderr, done.stdout), (2, f"rig: {words}\n", ""))
        self.assertFalse((self.folder / "q").exists(), "nothing may be written")
        self.fault("F11", "breaks: SRS-012", "breaks: SRS-999")
        done = self.qualify("--faults", "faults")
        self.assertEqual(done.returncode, 2)
        self.assertIn("breaks SRS-999, which is not in", done.stderr)
        done = self.qualify("--filter", "tag:none")
        self.assertEqual(done.returncode, 5)

    def test_ctrl_c_leaves_what_is_known(self):
        process = subprocess.Popen(
            [RIG, "qualify", "--only", "F10,F24", "--clean", "400", "--jobs", "1", "--json", "--no-report",
             "--no-grades", "--out", str(self.folder / "q")], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True)
        end = time.monotonic() + 60
        while not any((p / "results.jsonl").stat().st_size for p in (self.folder / "q").glob("*")
                      if (p / "results.jsonl").exists()):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        q = json.loads(out)
        self.assertFalse(q["finished"])
        self.assertEqual(q["faults"][0]["verdict"], "detected")
        self.assertEqual(q["seeded"], sum(f["verdict"] != "not run" for f in q["faults"]))
        self.assertLess(q["clean_runs"], 400)
        self.assertEqual(q["false_alarms"], 0)


if __name__ == "__main__":
    unittest.main()
