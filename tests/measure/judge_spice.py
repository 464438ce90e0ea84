"""A circuit as the waveform: ngspice simulates an output stage, a coupling capacitor and an electrode
(Rs + R || C), and measures its own traces with .measure; the rig measures the same traces.

Usage: judge_spice.py RIG
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

STEP = 0.2e-6  # s

# The stage leaks through Rout, so the current droops as the capacitors charge. A state is averaged
# without 10 % of its phase at either end, and gives the levels at which its edges are looked at. In
# the gap and after the pulse the electrode's capacitance flows back through Rout: the output ends
# where less than 0.5 mA is left, and 0.3 ms later nobody waits for more.
CIRCUIT = """* biphasic stimulator on a skin electrode
I1 0 out PULSE(0 20m 1m 4u 4u 296u 8m)
I2 out 0 PULSE(0 20m 1.4m 4u 4u 296u 8m)
Rout out 0 10k
Cc out lead 4.7u
Vsense lead skin 0
Rs skin tissue 300
Rp tissue 0 1.2k
Cp tissue 0 220n
.option reltol=1e-6 abstol=1e-12 vntol=1e-9 noopac
.control
tran 0.2u 26m 0 0.2u
linearize vsense#branch v(skin)
let i = vsense#branch
let p = v(skin)*i
let square = i*i
meas tran quiet avg i from=0.9m to=0.99m
meas tran state1 avg i from=1.032m to=1.272m
meas tran state2 avg i from=1.432m to=1.672m
let low1 = 0.1*state1
let half1 = 0.5*state1
let high1 = 0.9*state1
let low2 = 0.1*state2
let half2 = 0.5*state2
let high2 = 0.9*state2
meas tran start when i=$&half1 rise=1
meas tran width1 trig i val=$&half1 rise=1 targ i val=$&half1 fall=1
meas tran width2 trig i val=$&half2 fall=1 targ i val=$&half2 rise=1
meas tran gap trig i val=$&half1 fall=1 targ i val=$&half2 fall=1
meas tran period trig i val=$&half1 rise=1 targ i val=$&half1 rise=2
meas tran rise1 trig i val=$&low1 rise=1 targ i val=$&high1 rise=1
meas tran fall1 trig i val=$&high1 fall=1 targ i val=$&low1 fall=1
meas tran rise2 trig i val=$&low2 fall=1 targ i val=$&high2 fall=1
meas tran fall2 trig i val=$&high2 rise=1 targ i val=$&low2 rise=1
meas tran begin1 find i at=1.032m
meas tran end1 find i at=1.272m
meas tran peak1 max i from=0.9m to=1.38m
meas tran peak2 min i from=1.38m to=2m
meas tran volts max v(skin) from=0.9m to=2m
meas tran volts2 min v(skin) from=0.9m to=2m
meas tran turns when i=1u fall=1
meas tran returns when i=1u rise=2
meas tran ends when i=0.5m fall=2
let until = ends+0.3m
meas tran charge1 integ i from=0.99m to=$&turns
meas tran charge2 integ i from=$&turns to=$&returns
meas tran net integ i from=0.99m to=$&until
meas tran energy integ p from=0.99m to=$&until
meas tran square integ square from=0.99m to=$&until
wrdata traces.txt vsense#branch v(skin)
.endc
.end
"""


def simulate(folder):
    (folder / "circuit.cir").write_text(CIRCUIT)
    done = subprocess.run(["ngspice", "-b", "circuit.cir"], cwd=folder, capture_output=True, text=True)
    if not (folder / "traces.txt").exists():
        sys.exit(f"ngspice failed:\n{done.stdout}{done.stderr}")
    found = re.findall(r"^(\w+) += +([-+.\de]+)", done.stdout, re.MULTILINE)
    return {name: float(value) for name, value in found}, np.loadtxt(folder / "traces.txt")[:, [1, 3]]


def measure(rig, folder, traces):
    lines = ["Time (s),current (A),voltage (V)"]
    lines += [f"{k * STEP:.7e},{i:.8e},{v:.8e}" for k, (i, v) in enumerate(traces)]
    (folder / "traces.csv").write_text("\n".join(lines) + "\n")
    command = [rig, "measure", folder / "traces.csv", "--json", "--pulses", folder / "pulses.csv",
               "--threshold", "0.5mA", "--baseline", "0A", "--max-gap", "0.3ms", "--edges", "interpolated"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lines = (folder / "pulses.csv").read_text().splitlines()
    names, row = lines[1].split(","), lines[2].split(",")
    pulse = {name: float(value) for name, value in zip(names, row) if value}
    return json.loads(done.stdout), pulse


def judge(spice, seen, pulse):
    """(name, ngspice's, ours, allowed). Both take a straight line between the same two samples."""
    train = {name: m["mean"] for name, m in seen["measurements"].items()}
    instant, level = 0.01 * STEP, 2e-4 * abs(spice["state1"])
    charge = spice["charge1"]
    droop = 100 * (1 - spice["end1"] / spice["begin1"])
    yield "start_s", spice["start"], pulse["start_s"], instant
    for ours, theirs in (("phase1.width", "width1"), ("phase2.width", "width2"), ("gap", "gap"),
                         ("phase1.first_transition", "rise1"),
                         ("phase1.second_transition", "fall1"), ("phase2.first_transition", "rise2"),
                         ("phase2.second_transition", "fall2")):
        yield ours, spice[theirs], pulse[ours], 2 * instant
    yield "period", spice["period"], train["period"], 2 * instant
    yield "phase1.amplitude", spice["state1"] - spice["quiet"], pulse["phase1.amplitude"], level
    yield "phase2.amplitude", spice["quiet"] - spice["state2"], pulse["phase2.amplitude"], level
    yield "phase1.peak", spice["peak1"], pulse["phase1.peak"], level
    yield "phase2.peak", -spice["peak2"], pulse["phase2.peak"], level
    yield "phase1.droop", droop, pulse["phase1.droop"], 0.02 * droop
    yield "voltage.peak", max(spice["volts"], -spice["volts2"]), train["voltage.peak"], 1e-2
    yield "phase1.charge", charge, pulse["phase1.charge"], 1e-3 * charge
    yield "phase2.charge", -spice["charge2"], pulse["phase2.charge"], 1e-3 * charge
    yield "net_charge", spice["net"], pulse["net_charge"], 1e-3 * charge
    yield "energy", spice["energy"], pulse["energy"], 1e-3 * spice["energy"]
    yield "rms", (spice["square"] / spice["period"]) ** 0.5, train["rms"], 1e-3 * train["rms"]


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        spice, traces = simulate(folder)
        seen, pulse = measure(sys.argv[1], folder, traces)
    failed = seen["pulses"] != 4 or seen["cut"] != 0
    print(f"{seen['pulses']} pulses, {seen['cut']} cut")
    for quantity, theirs, ours, allowed in judge(spice, seen, pulse):
        bad = not abs(theirs - ours) <= allowed
        failed |= bad
        print(f"{'FAILED' if bad else 'agrees'} {quantity:25} ngspice {theirs:13.6e} rig {ours:13.6e} "
              f"differ by {abs(theirs - ours):8.1e} (allowed {allowed:.1e})")
    return 1 if failed else 0


sys.exit(main())
