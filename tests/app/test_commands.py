"""The commands that run nothing, and what others make of what they print."""

import csv
import io
import json
import pathlib
import re
import shutil
import subprocess
import time
import unittest

import jsonschema
import yaml

import harness
from harness import BENCH, CHECKOUT, DOUBTFUL, ERRS, FAILS, PASSES, BLOCKED, QUICK, RIG


class Doctor(harness.RigTest):
    def test_tells_what_the_bench_of_the_suite_can_be_trusted_with(self):
        done = self.rig("doctor", "--energise", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        checks = {c["check"]: c for c in json.loads(done.stdout)["checks"]}
        for name in ("device", "link", "zero of current", "zero of voltage", "digitizer", "load", "clock"):
            self.assertEqual(checks[name]["state"], "good", checks[name])
        self.assertEqual(checks["calibration"]["state"], "attention")
        self.assertIn("calibrated_until", checks["calibration"]["cure"])

    def test_bad_bench_is_exit_code_3_and_no_bench_file_2(self):
        text = (CHECKOUT / "fixtures/simulated.yaml").read_text()
        image = pathlib.Path(RIG).parent.parent / "firmware/soleus_e.elf"
        bench = self.folder / "bench.yaml"
        bench.write_text(text.replace("firmware: soleus_e.elf", f"firmware: {image}")
                         .replace("offset_error: 8 uA", "offset_error: 80 uA"))
        done = self.rig("doctor", bench)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertRegex(done.stdout, r"bad +zero of current: 79.\d+ uA")
        self.assertIn("ground loop", done.stdout)
        done = self.rig("doctor", self.folder / "none.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"^rig: .*none.yaml: .*\n$")

    def test_shows_every_instrument_that_cannot_be_reached(self):
        bench = self.write("table.yaml", """bench: Table 1
kind: instruments
protocol: soleus
device: {tcp: "127.0.0.1:1"}
load: 500 ohm
digitizer:
  tcp: 127.0.0.1:1
  channels: [{name: current, unit: A, input: 1, per_volt: 10 mA}]
""")
        refused = "tcp 127.0.0.1:1: connect: Connection refused"
        device = "is it switched on, and does it listen there?"
        scope = ("is it switched on, its LAN port open, and no other program connected to it? "
                 "`rig scan 127.0.0.1:1` asks it")
        done = self.rig("doctor", bench)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(done.stdout, f"""Table 1
  bad        device: {bench}:4:15: {refused}
             -> {device}
  bad        digitizer: {bench}:7:8: {refused}
             -> {scope}
""")
        checks = json.loads(self.rig("doctor", bench, "--json").stdout)["checks"]
        self.assertEqual(checks[1], {"check": "digitizer", "state": "bad",
                                     "found": f"{bench}:7:8: {refused}", "cure": scope})
        done = self.run_rig(self.scenario(PASSES), "--bench", bench)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(done.stderr, f"rig: {bench}:4:15: the device: {refused}; {device}\n"
                                      f"rig: {bench}:7:8: the digitizer: {refused}; {scope}\n")


class Schema(harness.RigTest):
    def setUp(self):
        super().setUp()
        done = self.rig("schema")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.schema = json.loads(done.stdout)
        jsonschema.Draft202012Validator.check_schema(self.schema)
        self.validator = jsonschema.Draft202012Validator(self.schema)

    def errors(self, text):
        # Every scalar as the text it is: the rig reads YAML so.
        return list(self.validator.iter_errors(yaml.load(text, yaml.BaseLoader)))

    def test_accepts_every_scenario_of_the_project(self):
        files = [f for f in (CHECKOUT / "scenarios").rglob("*.yaml") if f.name != "suite.yaml"]
        self.assertGreater(len(files), 20)
        for file in files:
            with self.subTest(file=file.name):
                self.assertEqual(self.errors(file.read_text()), [])

    def test_rejects_broken_ones(self):
        self.assertEqual(self.errors(PASSES), [])
        for broken in (PASSES.replace("rate: 1 MHz", "rat: 1 MHz"), PASSES.replace("20 mA", "20 us"),
                       PASSES.replace("20 mA", "20"), PASSES.replace("scenario: Quick", "title: Quick"),
                       PASSES.replace("[start]", "[strat]"), PASSES.replace("pulse.count", "pulse.cuont"),
                       PASSES.replace("as: train, channels", "channels")):
            self.assertNotEqual(self.errors(broken), [], broken)


class List(harness.RigTest):
    def test_names_every_case_once_per_line(self):
        self.scenario(PASSES.replace("steps:", "sweep: {n: [a, b]}\nsteps:"), "a.yaml")
        self.scenario(PASSES, "sub/b.yaml")
        self.assertEqual(self.rig("list", "scenarios").stdout, "a[n=a]\na[n=b]\nsub/b\n")

    def test_is_json_for_scripts_whatever_the_titles_hold(self):
        self.scenario(PASSES.replace("Quick", '"tab\\tquote\\" slash\\\\ bell\\a\\nline µ"'))
        cases = json.loads(self.rig("list", "scenarios", "--json").stdout)
        self.assertEqual(cases[0]["id"], "s")
        self.assertIn("µ", cases[0]["title"])

    def test_filters(self):
        self.scenario(PASSES.replace("steps:", "tags: [fast, night]\nverifies: [SRS-010]\nsteps:"), "a.yaml")
        self.scenario(PASSES.replace("steps:", "tags: [slow, night]\nsteps:"), "b.yaml")
        for expression, found in (("tag:fast", "a"), ("tag:night", "a b"), ("not tag:fast", "b"),
                                  ("verifies:SRS-010", "a"), ("tag:night and not (id:a or file:zzz)", "b"),
                                  ("tag:fast or tag:slow", "a b"), ('"b"', "b"), ("tag:nigh", "")):
            done = self.rig("list", "scenarios", "--filter", expression)
            self.assertEqual(done.stdout.split(), found.split(), expression)
            self.assertEqual(done.returncode, 0 if found else 5)


class Explain(harness.RigTest):
    def test_tells_unit_definition_and_source_of_a_quantity(self):  # of all of them: catalog_test.cc
        names = [line.split()[0] for line in self.rig("explain").stdout.splitlines()]
        self.assertGreater(len(names), 25)
        for name in names[::20]:
            text = self.rig("explain", name).stdout
            for word in ("unit", "definition", "source"):
                self.assertRegex(text, rf"(?m)^  {word} +\S", name)

    def test_knows_every_quantity_that_the_rig_adds_to_a_record(self):
        named = set()
        for file in (CHECKOUT / "rig/run").glob("*.cc"):
            named |= set(re.findall(r'"(safe_state\.\w+)"', file.read_text()))
        self.assertGreaterEqual(len(named), 3)
        self.scenario(PASSES + "  - expect: {status.state: RUNNING}\n")
        self.run_rig("scenarios")
        found = {f["quantity"] for step in self.record()["cases"][0]["steps"] for f in step.get("findings", [])}
        self.assertGreater(found, {"safe_state.current", "status.state"})
        for name in named | found | {"led.high", "answer to start", "device"}:
            done = self.rig("explain", name)
            self.assertEqual(done.returncode, 0, done.stderr)
            for word in ("unit", "definition", "source"):
                self.assertRegex(done.stdout, rf"(?m)^  {word} +\S", name)
        text = self.rig("explain", "safe_state.time_to_zero").stdout
        self.assertIn("From when the stop command begins to be sent", text)
        self.assertIn("'at most'", text)

    def test_takes_a_statistic_too_and_suggests_for_a_typo(self):
        self.assertIn("statistics", self.rig("explain", "phase1.width.mean").stdout)
        self.assertEqual(self.rig("explain", "phase1.widht").stderr,
                         "rig: unknown quantity 'phase1.widht', did you mean 'phase1.width'?\n")


    def test_shows_what_the_uncertainty_of_a_finding_is_made_of(self):
        self.scenario(DOUBTFUL)
        self.run_rig("scenarios")
        run = self.run_folder()
        text = self.rig("explain", "phase1.amplitude.mean", "--budget", run).stdout
        self.assertRegex(text, r"(?m)^  INCONCLUSIVE  phase1.amplitude.mean  \d+\.\d+ mA \+- ")
        self.assertRegex(text, r"(?m)^      u = .*, k = 2, U = .*; n = \d+$")
        self.assertRegex(text, r"(?m)^      gain +\S+ uA +\d+\.\d %$")
        shares = [float(share) for share in re.findall(r"(\S+) %$", text, re.M)]
        self.assertAlmostEqual(sum(shares), 100, delta=0.1 * len(shares))
        for args, words in ((["rate"], "no finding with a number for rate"),
                            (["--filter", "zz"], "no finding with a number in a case with 'zz'")):
            done = self.rig("explain", *args, "--budget", run)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)
        self.assertEqual(self.rig("explain", "--budget", "nowhere").stderr,
                         "rig: nowhere: no such run folder\n")


class Validate(harness.RigTest):
    def test_the_projects_suite_shows_every_requirement_and_every_limit(self):
        done = self.rig("validate", CHECKOUT / "scenarios", "--strict")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        answer = json.loads(self.rig("validate", CHECKOUT / "scenarios", "--json").stdout)
        self.assertGreaterEqual(answer["requirements"], 60)

    def test_a_run_tells_what_a_file_claims_to_verify_and_does_not_look_at(self):
        self.scenario(PASSES.replace("steps:", "verifies: [SRS-010, SRS-020]\nsteps:", 1))
        done = self.rig("run", "scenarios", "--no-report")
        self.assertEqual((done.returncode, done.stderr), (0, "".join(
            f"rig: warning: scenarios/s.yaml: {id} is said to be verified, but no limit of it is held\n"
            for id in ("SRS-010", "SRS-020"))))

    def test_strict_refuses_what_nothing_shows(self):
        spec = self.folder / "spec.yaml"
        entry = ("  - {id: SRS-00%d, title: t, text: t, source: s, sure: house, limits: {%s}}\n")
        spec.write_text("spec: S\nrequirements:\n" + entry % (1, "count: == 0, state: {is: IDLE}") +
                        entry % (2, "") + entry % (3, "answer: {is: not_ready}"))
        shows = ("scenario: S\nverifies: [%s]\nsteps:\n  - {start: , answer: %s}\n"
                 "  - capture: {as: c, channels: [current], rate: 1 MHz, for: 60 ms}\n"
                 "  - expect: {in: c, pulse.count: SRS-001.count, status.state: %s}\n")

        def validate(*words):
            self.scenario(shows % words)
            done = self.rig("validate", "scenarios", "--strict", "--spec", spec)
            return done.returncode, done.stdout, done.stderr

        code, out, err = validate("SRS-001, SRS-002, SRS-003", "not_ready", "IDLE")
        self.assertEqual(code, 2)
        self.assertEqual(err, "rig: strict: 5 parts of the spec are not shown by these scenarios\n")
        for line in ("without a limit: SRS-002\n", "held against: SRS-001.state SRS-003.answer\n",
                     "no limit of it is held: scenarios/s.yaml: SRS-002 scenarios/s.yaml: SRS-003\n"):
            self.assertIn(line, out)
        code, out, err = validate("SRS-001", "SRS-003.answer", "SRS-001.state")
        self.assertEqual((code, out.splitlines()[1]), (2, "without a scenario: SRS-002 SRS-003"))
        spec.write_text(spec.read_text().replace(entry % (2, ""), ""))
        self.assertEqual(validate("SRS-001, SRS-003", "SRS-003.answer", "SRS-001.state")[::2], (0, ""))
        self.run_rig("scenarios", "--spec", spec)
        findings = [f for step in self.record()["cases"][0]["steps"] for f in step["findings"]]
        self.assertEqual([f["requirement"] for f in findings if f["requirement"]],
                         ["SRS-003", "SRS-001", "SRS-001"])

    def test_names_limits_that_nothing_is_held_against(self):
        self.scenario(PASSES.replace("steps:", "verifies: [SRS-043]\nsteps:"))
        self.assertIn("limits that nothing is held against: SRS-043.fault SRS-043.last_width "
                      "SRS-043.latency", self.rig("validate", "scenarios").stdout)

    def test_warns_of_a_limit_that_the_bench_cannot_resolve_before_anything_runs(self):
        # The simulated bench knows its gain to 0.25 %.
        hopeless = QUICK % "phase1.amplitude: 20 mA +- 0.02 mA"
        self.scenario(hopeless)
        self.scenario(QUICK % "phase1.amplitude: 20 mA +- 2 mA", "fine.yaml")
        done = self.rig("validate", "scenarios")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"^rig: warning: \S*s.yaml:\d+:\d+: phase1.amplitude: the limit .*"
                                      r"20 mA \+- 0.02 mA\) cannot be resolved on this bench: U will be "
                                      r"\d+(\.\d)? uA at least, a test uncertainty ratio of 0\.\d+\n$")
        lines = json.loads(self.rig("validate", "scenarios", "--json").stdout)["unresolvable"]
        self.assertEqual([f"rig: warning: {line}\n" for line in lines], [done.stderr])
        self.run_rig("scenarios")
        verdicts = {case["id"]: case["verdict"] for case in self.record()["cases"]}
        self.assertEqual(verdicts, {"s": "INCONCLUSIVE", "fine": "PASS"})

    def test_warns_of_captures_in_which_even_a_good_device_gives_no_pulse(self):
        still = (QUICK % "phase1.width: SRS-010").replace("start", "stop")
        self.scenario(still, "still.yaml")
        self.scenario((QUICK % "phase1.width: SRS-010").replace("rate: 100 Hz", "rate: 1 Hz"), "slow.yaml")
        done = self.rig("validate", "scenarios")
        self.assertEqual(done.returncode, 0)
        slow, idle = done.stderr.splitlines()
        self.assertRegex(slow, r"^rig: warning: \S*slow.yaml:\d+:\d+: phase1.width: capture 'train' may hold no "
                               r"pulse: it lasts \d+ ms, a period at 1 Hz 1 s$")
        self.assertRegex(idle, r"^rig: warning: \S*still.yaml:\d+:\d+: phase1.width: capture 'train' can hold no "
                               r"pulse: no step starts the device before it ends$")
        self.assertEqual(self.rig("validate", "scenarios", "--strict").returncode, 2)

    def test_warns_of_upper_limits_that_a_device_nobody_starts_keeps(self):
        idle = (QUICK % "current.peak: <= 25 mA").replace("start", "stop")
        self.scenario(idle, "idle.yaml")
        self.scenario((QUICK % "current.peak: 0 mA .. 25 mA").replace("start", "stop"), "both.yaml")
        self.scenario(idle.replace("stop", '{start: , answer: any}'), "asked.yaml")
        done = self.rig("validate", "scenarios")
        warning = (r"^rig: warning: \S*idle.yaml:\d+:\d+: current.peak: silence keeps this limit: no "
                   r"step starts the device before capture 'train' ends\n$")
        self.assertRegex(done.stderr, warning)
        self.assertRegex(self.rig("run", "scenarios", "--no-report").stderr, warning)

    def test_takes_the_folder_named_scenarios_when_none_is_given(self):
        self.scenario(PASSES)
        self.assertEqual(self.rig("validate").stdout, self.rig("validate", "scenarios").stdout)
        self.assertEqual(self.rig("list").stdout, self.rig("list", "scenarios").stdout)
        shutil.rmtree(self.folder / "scenarios")
        done = self.rig("list")
        self.assertEqual((done.returncode, done.stderr),
                         (2, "rig: no scenario given, and no folder 'scenarios' here\n"))

    def test_counts_cases_and_requirements_without_a_scenario(self):
        self.scenario(PASSES.replace("steps:", "verifies: [SRS-010]\nsteps:"))
        done = self.rig("validate", "scenarios", "--json")
        answer = json.loads(done.stdout)
        self.assertEqual(answer["cases"], 1)
        self.assertEqual(len(answer["uncovered"]), answer["requirements"] - 1)
        self.assertNotIn("SRS-010", answer["uncovered"])

    def test_says_that_the_bench_was_opened(self):
        self.scenario(PASSES)
        self.assertIn("\nthe bench was opened, and put nothing out: Simulated bench, Soleus E (controller "
                      "atmega328p, ", self.rig("validate", "scenarios").stdout)
        self.assertIn("on a table its device and instruments are connected to",
                      " ".join(self.rig("validate", "--help").stdout.split()))

    def test_keeps_a_suite_inside_another_one_apart(self):
        inner = self.folder / "scenarios/inner"
        inner.mkdir(parents=True)
        spec = self.folder / "spec.yaml"
        spec.write_text("spec: S\nrequirements:\n  - {id: X-001, title: t, text: t, source: s, sure: house, "
                        "limits: {state: {is: IDLE}}}\n")
        self.scenario(PASSES)
        (inner / "suite.yaml").write_text(f"suite: Inner\nspec: {spec}\nbench: {BENCH}\n")
        (inner / "i.yaml").write_text("scenario: I\nverifies: [X-001]\nsteps:\n"
                                      "  - expect: {status.state: X-001.state}\n")
        self.assertEqual(self.rig("list", "scenarios").stdout, "s\n")
        self.assertEqual(self.rig("list", "scenarios/inner").stdout, "inner/i\n")
        self.assertIn("scenarios/inner, a suite of its own: 1 case is valid; 1 of 1 requirements have a "
                      "scenario\n", self.rig("validate", "scenarios").stdout)
        whole = json.loads(self.rig("validate", "scenarios", "--json").stdout)
        self.assertEqual(whole["apart"]["scenarios/inner"]["cases"], 1)
        (inner / "i.yaml").write_text("scenario: I\nsteps:\n  - expect: {status.state: IDLE}\n")
        self.assertEqual(self.rig("validate", "scenarios/inner", "--strict").returncode, 2)
        both = self.rig("run", "scenarios", "scenarios/inner")
        self.assertEqual((both.returncode, both.stderr),
                         (2, "rig: scenarios/inner/i.yaml: it is not of the suite of scenarios/s.yaml: run one suite after "
                             "the other, or give --spec and --bench for both\n"))
        self.assertEqual(self.rig("list", "scenarios", "scenarios/inner", "--spec", spec, "--bench", BENCH).returncode, 0)
        done = self.rig("run", "scenarios")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("rig: scenarios/inner is a suite of its own and not part of this run\n", done.stderr)

    def test_takes_the_projects_own_scenarios(self):
        began = time.monotonic()
        done = self.rig("validate", CHECKOUT / "scenarios")
        print(f"\nrig validate scenarios: {1000 * (time.monotonic() - began):.0f} ms")
        self.assertEqual(done.returncode, 0, done.stderr)


class Completion(harness.RigTest):
    def test_is_a_script_that_bash_understands(self):
        script = self.rig("completion", "bash").stdout
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
        asked = script + '\nCOMP_WORDS=(rig run --se); COMP_CWORD=2; _rig; echo "${COMPREPLY[@]}"' \
                         '\nCOMP_WORDS=(rig va); COMP_CWORD=1; _rig; echo "${COMPREPLY[@]}"\n'
        done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.split(), ["--seed", "validate"])

    def test_exists_for_zsh_and_fish(self):
        self.assertIn("bashcompinit", self.rig("completion", "zsh").stdout)
        fish = self.rig("completion", "fish").stdout
        for command in ("run", "validate", "list", "show", "report", "export", "completion"):
            self.assertIn(f"-a {command} ", fish)
        for line in fish.splitlines():
            unescaped = re.sub(r"\\.", "", line)
            self.assertEqual(unescaped.count("'") % 2, 0, line)


class Record(harness.RigTest):
    """One run with every verdict in it, and what can be made of it."""

    def setUp(self):
        super().setUp()
        for name, text in (("passes", PASSES), ("fails", FAILS), ("errs", ERRS), ("blocked", BLOCKED),
                           ("doubtful", DOUBTFUL)):
            self.scenario(text.replace("steps:", "verifies: [SRS-010]\nsteps:"), name + ".yaml")
        done = self.run_rig("scenarios", "--junit", "ci.xml")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)

    def test_is_junit_that_ci_systems_take(self):
        for file in (self.run_folder() / "junit.xml", self.folder / "ci.xml"):
            subprocess.run(["xmllint", "--noout", "--schema", CHECKOUT / "tests/evidence/junit-10.xsd", file],
                           check=True, capture_output=True)

    def test_is_shown_case_by_case_and_step_by_step(self):
        done = self.rig("show", self.run_folder())
        self.assertEqual(done.returncode, 0)
        for line in ("PASS  passes", "FAIL  fails", "ERROR  errs", "BLOCKED  blocked", "INCONCLUSIVE  doubtful"):
            self.assertIn(line + "\n", done.stdout)
        one = self.rig("show", self.run_folder(), "fails").stdout
        self.assertIn("FAIL         pulse.count: 5 +- 0, expected == 0", one)
        self.assertNotIn("doubtful\n  0", one)

    def test_is_json_that_equals_the_record(self):
        shown = json.loads(self.rig("show", self.run_folder(), "--json").stdout)
        self.assertEqual(shown, self.record())

    def test_holds_what_its_manifest_says_also_after_the_report_is_made_again(self):
        def check():
            subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "manifest"],
                           cwd=self.run_folder(), check=True, capture_output=True)
        check()
        self.assertEqual(self.rig("report", self.run_folder()).returncode, 0)
        check()
        self.assertIn("report.html", (self.run_folder() / "manifest").read_text())

    def test_that_was_altered_stays_so_when_the_report_is_made(self):
        manifest = (self.run_folder() / "manifest").read_text()
        capture = sorted((self.run_folder() / "captures").iterdir())[0]
        capture.write_bytes(capture.read_bytes() + b"x")
        done = self.rig("report", self.run_folder())
        complaint = f"rig: {self.run_folder()}: changed: captures/{capture.name}\n"
        self.assertEqual((done.returncode, done.stderr), (3, complaint))
        self.assertEqual((self.run_folder() / "manifest").read_text(), manifest)
        self.assertIn(f"changed: captures/{capture.name}", (self.run_folder() / "report.html").read_text())
        shown = self.rig("show", self.run_folder())
        self.assertEqual((shown.returncode, shown.stderr), (3, complaint))

    def test_without_its_manifest_is_altered(self):
        (self.run_folder() / "manifest").unlink()
        complaint = f"rig: {self.run_folder()}: missing: manifest\n"
        for command in ("show", "report"):
            done = self.rig(command, self.run_folder())
            self.assertEqual((done.returncode, done.stderr), (3, complaint))
        self.assertIn("missing: manifest", (self.run_folder() / "report.html").read_text())
        self.assertFalse((self.run_folder() / "manifest").exists())

    def test_whose_page_was_altered_is_told_and_the_page_made_anew(self):
        self.assertEqual(self.rig("report", self.run_folder()).returncode, 0)
        for name in ("report.html", "trace.csv"):
            page = self.run_folder() / name
            whole = page.read_text()
            page.write_text(whole.replace("FAIL", "PASS"))
            complaint = f"rig: {self.run_folder()}: changed: {name}\n"
            done = self.rig("show", self.run_folder())
            self.assertEqual((done.returncode, done.stderr), (3, complaint))
            done = self.rig("report", self.run_folder(), "--out", "elsewhere.html")
            self.assertEqual((done.returncode, done.stderr), (3, complaint))
            done = self.rig("report", self.run_folder())
            self.assertEqual((done.returncode, done.stderr), (3, complaint))
            self.assertEqual(page.read_text(), whole)
            done = self.rig("show", self.run_folder())
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_whose_form_was_altered_is_not_sealed_anew_by_another_page(self):
        for form in ([], ["--form", "fda-510k"]):
            self.assertEqual(self.rig("report", self.run_folder(), *form).returncode, 0)
        page = self.run_folder() / "fda-510k.html"
        page.write_text(page.read_text() + "<p>PASS</p>")
        for command in ("report", "show"):
            done = self.rig(command, self.run_folder())
            self.assertEqual((done.returncode, done.stderr),
                             (3, f"rig: {self.run_folder()}: changed: fda-510k.html\n"))

    def test_tells_the_same_wall_time_on_the_console_and_on_its_page(self):
        self.scenario(PASSES, "alone.yaml")
        done = self.rig("run", "scenarios/alone.yaml", "--out", "others")
        told = float(re.search(r"wall time ([\d.]+) s", done.stdout)[1])
        record = json.loads(next((self.folder / "others").iterdir()).joinpath("record.json").read_text())
        self.assertEqual(told, round(record["wall_seconds"], 1))

    def test_is_nothing_but_json_beside_its_report(self):
        self.scenario(PASSES, "alone.yaml")
        done = self.rig("run", "scenarios/alone.yaml", "--json", "--out", "others")
        self.assertEqual(json.loads(done.stdout)["verdict"], "PASS")

    def test_that_has_a_note_laid_beside_it_is_not_altered(self):
        (self.run_folder() / "note.txt").write_text("looked at")
        done = self.rig("show", self.run_folder())
        self.assertEqual((done.returncode, done.stderr), (0, f"rig: {self.run_folder()}: extra: note.txt\n"))

    def test_is_left_alone_when_its_report_goes_elsewhere(self):
        before = self.files()
        done = self.rig("report", self.run_folder(), "--out", "elsewhere.html")
        self.assertEqual((done.returncode, done.stdout), (0, "elsewhere.html\n"), done.stderr)
        self.assertEqual({k: v for k, v in self.files().items() if k != "elsewhere.html"}, before)

    def test_shows_no_case_that_it_does_not_have(self):
        done = self.rig("show", self.run_folder(), "nosuch")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (2, "", "rig: no case of this run has 'nosuch' in its id\n"))

    def test_that_cannot_be_printed_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([RIG, "show", self.run_folder()], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stderr), (3, "rig: standard output: No space left on device\n"))

    def test_is_exported_for_other_tools(self):
        capture = sorted((self.run_folder() / "captures").glob("*-train.h5"))[0]
        for ending, check in ((".csv", self.check_csv), (".vcd", self.check_vcd), (".sr", self.check_sr)):
            out = self.folder / ("train" + ending)
            done = self.rig("export", capture, out)
            self.assertEqual((done.returncode, done.stdout), (0, f"{out}\n"), done.stderr)
            check(out)
        done = self.rig("export", capture, "x.xyz")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertFalse((self.folder / "x.xyz").exists())

    def check_csv(self, file):
        rows = list(csv.reader(line for line in io.StringIO(file.read_text()) if line[0] != "#"))
        self.assertGreater(len(rows), 59_000)

    def check_vcd(self, file):
        self.assertIn("$enddefinitions", file.read_text()[:2000])

    def check_sr(self, file):
        subprocess.run(["sigrok-cli", "-i", file, "--show"], check=True, capture_output=True)


class Captures(harness.RigTest):
    def test_of_one_name_are_all_kept_in_their_own_files(self):
        done = self.run_rig(self.scenario("""
scenario: Three times
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - repeat:
      times: 3
      steps:
        - capture: {as: train, channels: [current], rate: 1 MHz, for: 30 ms, during: [start]}
        - expect: {in: train, pulse.count: 2 .. 4}
        - stop
"""))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        captures = [c for s in self.record()["cases"][0]["steps"] for c in s["captures"]]
        self.assertEqual(len({c["file"] for c in captures}), 3, captures)
        for capture in captures:
            hashed = subprocess.run(["sha256sum", self.run_folder() / capture["file"]], check=True,
                                    capture_output=True, text=True).stdout.split()[0]
            self.assertEqual(hashed, capture["sha256"], capture["file"])


if __name__ == "__main__":
    unittest.main()
