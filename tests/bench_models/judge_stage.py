"""Integrates the circuit of print_stage's sequences with scipy.integrate.solve_ivp, and compares.

The circuit as output_stage.h draws it: a current source that becomes a voltage source of the
compliance behind the switches once the bridge voltage reaches it; a coupling capacitor; the
electrode, Rs + (Rp || C); with no gate on, the bleed across the output; with both on, the switches
alone. States: v on the coupling capacitor, e on the electrode's. Usage: judge_stage.py PRINT_STAGE
"""

import subprocess
import sys

from scipy.integrate import solve_ivp

# Largest difference allowed, relative to the greatest magnitude of the sequence. The closed form
# itself is exact; this is what the integrator (rtol 1e-11) leaves, and one picosecond of the
# instant at which the compliance is reached.
TOLERANCE = 1e-7


class Stage:
    def __init__(self, rail, coupling, bleed, switch, load):
        self.rail, self.coupling, self.bleed, self.switch = rail, coupling, bleed, switch
        self.load = (load, 0.0, 0.0)
        self.gates = (0, 0)
        self.amps = 0.0
        self.time = 0.0
        self.v = 0.0
        self.e = 0.0
        self.crossings = 0
        self.choose()

    def choose(self):
        """What drives: ("current", amps) or ("voltage", volts, ohms)."""
        series = self.load[0]
        sign = self.gates[0] - self.gates[1]
        drive = sign * self.amps
        if drive == 0:
            self.mode = ("voltage", 0.0, self.switch if all(self.gates) else self.bleed)
        elif abs(drive * series + self.v + self.e) <= self.rail:
            self.mode = ("current", drive)
        else:
            self.mode = ("voltage", sign * self.rail, self.switch)

    def current(self, v, e):
        if self.mode[0] == "current":
            return self.mode[1]
        return (self.mode[1] - v - e) / (self.mode[2] + self.load[0])

    def slopes(self, _, state):
        v, e = state
        _, parallel, capacitance = self.load
        i = self.current(v, e)
        de = (i - e / parallel) / capacitance if parallel > 0 else 0.0
        return [i / self.coupling, de]

    def live_until(self, t):
        while t - self.time > 0:
            def beyond(_, state):
                return self.rail - abs(self.mode[1] * self.load[0] + state[0] + state[1])

            beyond.terminal = True
            beyond.direction = -1
            events = beyond if self.mode[0] == "current" else None
            done = solve_ivp(self.slopes, (self.time, t), [self.v, self.e], method="LSODA",
                             rtol=1e-11, atol=1e-13, events=events, first_step=(t - self.time) * 1e-6)
            assert done.success, done.message
            self.time, (self.v, self.e) = done.t[-1], done.y[:, -1]
            if done.status == 1:
                self.crossings += 1
                self.mode = ("voltage", self.rail if self.mode[1] > 0 else -self.rail, self.switch)

    def seen(self):
        i = self.current(self.v, self.e)
        across = i * self.load[0] + self.e
        return i, across, across + self.v


def main():
    text = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout
    stages = []
    for line in text.splitlines():
        word, *rest = line.split()
        numbers = [float(x) for x in rest]
        if word == "stage":
            stage = Stage(*numbers)
            stages.append((stage, []))
            continue
        stage, pairs = stages[-1]
        stage.live_until(numbers[0])
        if word == "sample":
            pairs.append((stage.seen(), numbers[1:]))
            continue
        if word == "gates":
            stage.gates = (int(numbers[1]), int(numbers[2]))
        elif word == "current":
            stage.amps = numbers[1]
        elif word == "load":
            # A new net's capacitance starts empty.
            if stage.load[1] <= 0 or numbers[2] <= 0:
                stage.e = 0.0
            stage.load = tuple(numbers[1:])
        stage.choose()
    worst = [0.0, 0.0, 0.0]
    count = 0
    for _, pairs in stages:
        for k in range(3):
            scale = max(abs(ours[k]) for ours, _ in pairs)
            worst[k] = max([worst[k]] + [abs(ours[k] - theirs[k]) / scale for ours, theirs in pairs])
        count += len(pairs)
    crossings = sum(stage.crossings for stage, _ in stages)
    print(f"{count} samples, {crossings} times at the compliance; largest difference, relative: "
          f"current {worst[0]:.1e}, voltage {worst[1]:.1e}, bridge {worst[2]:.1e} (allowed {TOLERANCE:.0e})")
    return 0 if max(worst) < TOLERANCE and count > 5000 and crossings > 10 else 1


sys.exit(main())
