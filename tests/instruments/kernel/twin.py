#!/usr/bin/env python3
"""The twin test: one scenario on the simulated bench, and on a table made of the same models, where the
scope hangs on a real Linux USB stack (QEMU, usb-redir) and the device on a serial port of the guest, at
real time. Both findings have to agree within their uncertainties, and in their verdicts.

twin.py RIG BINARIES WORK-FOLDER      exit code 77: no guest comes up here
"""

import json
import math
import os
import pathlib
import re
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2]
BENCH = CHECKOUT / "fixtures/simulated.yaml"
SPEC = CHECKOUT / "firmware_under_test/soleus_e/requirements.yaml"
SCENARIO = """scenario: Twin
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 50 Hz}
  - capture:
      as: train
      channels: [current, voltage]
      rate: 200 kHz
      for: 2.3 s
      range: {current: 40 mA, voltage: 20 V}
      during: [start]
  - stop
  - expect:
      in: train
      phase1.width: 290 us .. 310 us
      phase2.width: 290 us .. 310 us
      gap: 95 us .. 105 us
      period.mean: 19 ms .. 21 ms
      phase1.amplitude.mean: 18 mA .. 22 mA
      phase2.amplitude.mean: 18 mA .. 22 mA
      phase1.charge.mean: 5 uC .. 7 uC
      phase1.width.max: "<= 100 us"
"""


class Served:
    """A bench that lives at real time: its device on a pseudo terminal, its scope on TCP."""

    def __init__(self, rig):
        self.process = subprocess.Popen([rig, "bench", "serve", BENCH, "--port", "0"],
                                        stdout=subprocess.PIPE, text=True)
        self.table = ""
        while "name: voltage" not in self.table:
            line = self.process.stdout.readline()
            if not line:
                sys.exit("twin: the bench does not come up")
            self.table += line

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)

    def found(self, what):
        return re.search(what + r": ([^\s}]+)", self.table).group(1)

    def in_guest(self):
        text = self.table.replace("tcp: " + self.found("tcp"), "usb: 1AB1:04CE:DS1ZA000000001")
        text = text.replace(self.found("serial"), "/dev/ttyS1")
        return text.replace("digitizer:", "patience: 10 s  # an emulated processor\ndigitizer:")


def findings(record):
    case = record["cases"][0]
    print(f"twin: {record['bench']}: {case['verdict']} {case.get('reason') or ''}")
    return {f["quantity"]: f for step in case["steps"] if step["kind"] == "expect"
            for f in step.get("findings", [])}


def on_simulated(rig, scenario, out):
    done = subprocess.run([rig, "run", scenario, "--bench", BENCH, "--spec", SPEC, "--no-report",
                           "--json", "--out", out], capture_output=True, text=True)
    return findings(json.loads(done.stdout))


def on_usb(rig, binaries, work, scenario):
    with Served(rig) as served:
        table = work / "twin/table.yaml"
        table.write_text(served.in_guest())
        done = subprocess.run(
            [HERE / "run.sh", work, binaries, rig, "run", scenario, "--bench", table, "--spec", SPEC,
             "--no-report", "--json", "--out", "/tmp/runs"],
            capture_output=True, text=True,
            env=os.environ | {"MODELS": "ds1000z@" + served.found("tcp"),
                              "DEVICE": served.found("serial"),
                              "COMES_UP": '^."schema"|^rig|^twin/|PASS|FAIL'})
    if done.returncode == 77:
        print("twin: SKIPPED, nothing was compared: no guest comes up here", file=sys.stderr)
        sys.exit(77)
    console = re.sub(r"\r|\x1b\[K", "", done.stdout)
    start = re.search(r'\{\s*"schema"', console)
    if not start:
        sys.exit(f"twin: no record came out of the guest:\n{console[-3000:]}\n{done.stderr[-2000:]}")
    return findings(json.JSONDecoder().raw_decode(console[start.start():])[0])


def main():
    rig, binaries, work = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
    folder = work / "twin"
    folder.mkdir(parents=True, exist_ok=True)
    scenario = folder / "twin.yaml"
    scenario.write_text(SCENARIO)
    simulated = on_simulated(rig, scenario, folder / "runs")
    table = on_usb(rig, binaries, work, scenario)
    bad = []
    compared = 0
    print(f"{'quantity':24} {'simulated digitizer':>30} {'scope on a USB stack':>30}  apart / U")
    for quantity in sorted(simulated | table):
        a, b = simulated.get(quantity), table.get(quantity)
        if a is None or b is None or a["verdict"] != b["verdict"]:
            bad.append(f"{quantity}: {a and a['verdict']} against {b and b['verdict']}")
            continue
        apart = ""
        if a.get("measured") and b.get("measured"):
            ours, theirs = a["measured"], b["measured"]
            allowed = math.hypot(ours["k"] * ours["u"], theirs["k"] * theirs["u"])
            ratio = abs(ours["value"] - theirs["value"]) / allowed if allowed else 0
            apart = f"{ratio:.2f}"
            compared += 1
            if ratio > 1:
                bad.append(f"{quantity}: {a['found']} against {b['found']}")
        print(f"{quantity:24} {a['found']:>30} {b['found']:>30}  {apart}  {a['verdict']}")
    if compared < 8:
        bad.append(f"only {compared} quantities were compared")
    for line in bad:
        print("twin: " + line, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
