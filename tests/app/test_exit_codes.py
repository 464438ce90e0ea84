"""What the shell is told, and when the verdict of one case counts more than another's."""

import unittest

import harness
from harness import BLOCKED, DOUBTFUL, ERRS, FAILS, PASSES


class ExitCode(harness.RigTest):
    def expect(self, code, *texts, args=()):
        paths = [self.scenario(text, f"s{k}.yaml") for k, text in enumerate(texts)]
        done = self.run_rig(*paths, *args)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_0_when_all_passed(self):
        self.expect(0, PASSES)
        self.assertEqual(self.record()["verdict"], "PASS")

    def test_1_when_the_device_failed(self):
        done = self.expect(1, FAILS)
        self.assertIn("pulse.count: expected == 0, found 5 +- 0", done.stdout)

    def test_1_also_when_the_rig_erred_beside_it(self):
        self.expect(1, FAILS, ERRS, BLOCKED, DOUBTFUL, PASSES)

    def test_3_when_the_rig_could_not_find_out(self):
        self.expect(3, ERRS, PASSES)
        self.assertIn("'lifted' never happened", self.record()["cases"][0]["reason"])

    def test_3_when_the_bench_cannot_do_it(self):
        self.expect(3, BLOCKED, PASSES)
        case = self.record()["cases"][0]
        self.assertEqual(case["verdict"], "BLOCKED")
        self.assertEqual(case["reason"], "the bench 'Simulated bench, Soleus E' lacks: thermometer")

    def test_4_when_the_limit_lies_within_the_uncertainty(self):
        self.expect(4, DOUBTFUL, PASSES)
        self.assertEqual(self.record()["cases"][0]["verdict"], "INCONCLUSIVE")

    def test_5_when_the_filter_leaves_nothing(self):
        done = self.expect(5, PASSES, args=["--filter", "id:nothing"])
        self.assertEqual(done.stderr, "rig: nothing to run: 1 cases found, none selected\n")
        self.assertFalse((self.folder / "runs").exists())

    def test_5_when_the_shard_is_empty(self):
        self.expect(5, PASSES, args=["--shard", "2/2"])

    def test_of_a_retried_failure_is_still_1(self):
        self.expect(1, FAILS, args=["--retry", "2"])
        attempts = [(c["attempt"], c["verdict"]) for c in self.record()["cases"]]
        self.assertEqual(attempts, [(1, "FAIL"), (2, "FAIL"), (3, "FAIL")])

    def test_is_written_down_in_help(self):
        text = self.rig("--help").stdout
        for code in ("0", "1", "2", "3", "4", "5", "70", "130"):
            self.assertRegex(text, rf"(?m)^  {code} +\w")


class Seed(harness.RigTest):
    def content(self, *args):
        done = self.run_rig("scenarios", *args)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        content = self.record()["content_sha256"]
        self.assertIn("content " + content[:16], done.stdout)
        harness.shutil.rmtree(self.folder / "runs")
        return content

    def test_decides_the_whole_content_of_the_record(self):
        self.scenario(PASSES.replace("steps:", "sweep: {n: ['1', '2', '3', '4']}\nsteps:"), "a.yaml")
        self.scenario(PASSES.replace("for: 60 ms", "for: 80 ms").replace("4 .. 6", "6 .. 9"), "b.yaml")
        one = self.content("--seed", "7", "--jobs", "1")
        self.assertEqual(self.content("--seed", "7", "--jobs", "1"), one)
        self.assertEqual(self.content("--seed", "7", "--jobs", "2"), one)
        self.assertNotEqual(self.content("--seed", "8", "--jobs", "2"), one)

    def test_decides_it_however_the_paths_were_typed(self):
        self.scenario(PASSES, "a.yaml")
        contents = set()
        for path in ("scenarios", "./scenarios/", self.folder / "scenarios/a.yaml"):
            self.run_rig(path)
            contents.add(self.record()["content_sha256"])
            harness.shutil.rmtree(self.folder / "runs")
        self.assertEqual(len(contents), 1)

    def test_of_a_case_does_not_depend_on_its_company(self):
        self.scenario(PASSES, "a.yaml")
        self.scenario(PASSES, "b.yaml")
        self.run_rig("scenarios")
        both = {c["id"]: c["seed"] for c in self.record()["cases"]}
        harness.shutil.rmtree(self.folder / "runs")
        self.run_rig("scenarios/b.yaml")
        alone = self.record()["cases"][0]
        self.assertEqual(alone["seed"], both[alone["id"]])
        self.assertNotEqual(both["a"], both["b"])


class Settings(harness.RigTest):
    def test_come_from_the_flag_before_the_variable(self):
        self.scenario(PASSES)
        done = self.run_rig("scenarios", env={"RIG_SEED": "11"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.record()["seed"], 11)
        harness.shutil.rmtree(self.folder / "runs")
        self.run_rig("scenarios", "--seed", "12", env={"RIG_SEED": "11"})
        self.assertEqual(self.record()["seed"], 12)

    def test_shards_share_out_every_case_once(self):
        self.scenario(PASSES.replace("steps:", "sweep: {n: [a, b, c, d, e]}\nsteps:"))
        whole = self.rig("list", "scenarios").stdout.split("\n")
        parts = [self.rig("list", "scenarios", "--shard", f"{k}/3").stdout.split("\n") for k in (1, 2, 3)]
        self.assertEqual(sorted(sum(parts, [])), sorted(whole + ["", ""]))


if __name__ == "__main__":
    unittest.main()
