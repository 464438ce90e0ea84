"""Integrates the platform of print_platform's sequences with scipy.integrate.solve_ivp, and compares.

The system as mechanics.h draws it, written down once more: one-sided springs and dampers are
switched by the sign of their depth and force inside the right-hand side. Usage: judge_platform.py
PRINT_PLATFORM
"""

import math
import subprocess
import sys

from scipy.integrate import solve_ivp

GRAVITY = 9.80665
# Largest differences allowed, relative to the greatest magnitude of the sequence: what the
# integrator leaves at contacts that open and close, which it steps over. The force is read from
# the cubic that the digitizer gets, the others from the series itself.
TOLERANCE = 1e-6
FORCE_TOLERANCE = 1e-4


def one_sided(stiffness, damping, depth, speed):
    force = stiffness * depth + damping * speed
    return force if depth > 0 and force > 0 else 0.0


class Platform:
    def __init__(self, settings):
        self.p = settings
        self.time = 0.0
        self.volts = None
        self.foot = self.leg = 0.0
        self.gap = 0.0
        self.clamped = False
        self.state = [0.0] * 9  # current; height and speed of platform, actuator, foot, leg
        self.contacts = 0

    def stand(self, foot, leg):
        p = self.p
        self.foot, self.leg = foot, leg
        weight = (foot + leg) * GRAVITY
        x = -weight / p["k"]
        xf = x - weight / p["kp"]
        self.state = [0.0, x, 0.0, x, 0.0, xf, 0.0, xf - leg * GRAVITY / p["k2"], 0.0]

    def pad(self, s):
        if self.foot <= 0:
            return 0.0
        return one_sided(self.p["kp"], self.p["cp"], s[1] - s[5], s[2] - s[6])

    def slopes(self, _, s):
        p = self.p
        i, x, v, xa, va, _, vf, _, vl = s
        loose = self.gap > 0
        resistance = p["R"] + (p["Rd"] if self.volts is None else p["Rs"])
        di = ((self.volts or 0.0) - resistance * i - p["B"] * (va if loose else v)) / p["L"]
        pad = self.pad(s)
        force = -p["k"] * x - p["c"] * v - pad
        if loose:
            d, w = xa - x, va - v
            stop = one_sided(p["ks"], p["cs"], -d - self.gap / 2, -w) - one_sided(
                p["ks"], p["cs"], d - self.gap / 2, w)
            mass = p["m"] - p["ma"]
            force += p["ma"] * GRAVITY - stop
            dva = (p["B"] * i + stop) / p["ma"] - GRAVITY
        else:
            mass = p["m"]
            force += p["B"] * i
        dx, dv = (0.0, 0.0) if self.clamped else (v, force / mass)
        dxa, dva = (va, dva) if loose else (dx, dv)
        knee = 0.0
        if self.leg > 0:
            knee = p["k2"] * (s[5] - s[7]) + p["c2"] * (vf - vl)
        dvf = (pad - knee) / self.foot - GRAVITY if self.foot > 0 else 0.0
        dvl = knee / self.leg - GRAVITY if self.leg > 0 else 0.0
        return [di, dx, dv, dxa, dva, vf, dvf, vl, dvl]

    def live_until(self, t):
        if t <= self.time:
            return
        done = solve_ivp(self.slopes, (self.time, t), self.state, method="DOP853", rtol=1e-10,
                         atol=1e-13, max_step=1e-4 if self.gap == 0 else 1e-5)
        assert done.success, done.message
        self.time, self.state = t, list(done.y[:, -1])

    def seen(self):
        s = self.state
        return s[0], s[1], s[2], self.pad(s), s[5] if self.foot > 0 else 0.0


def main():
    text = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout
    runs = []
    for line in text.splitlines():
        word, *rest = line.split()
        if word == "platform":
            platform = Platform({k: float(v) for k, v in (pair.split("=") for pair in rest)})
            pairs = []
            runs.append((platform, pairs))
            continue
        numbers = [float(x) for x in rest]
        if word == "stands":
            platform.stand(*numbers)
            continue
        platform.live_until(numbers[0])
        if word == "sample":
            pairs.append((platform.seen(), numbers[1:]))
        elif word == "drive":
            platform.volts = None if math.isnan(numbers[1]) else numbers[1]
        elif word == "loose":
            platform.gap = numbers[1]
        elif word == "clamp":
            platform.clamped = numbers[1] != 0
            if platform.clamped:
                platform.state[2] = 0.0
                if platform.gap == 0:
                    platform.state[4] = 0.0
    names = ["current", "height", "speed", "force", "height of the foot"]
    worst = [0.0] * 5
    off = 0
    for platform, pairs in runs:
        if any(theirs[3] == 0 for _, theirs in pairs) and platform.foot > 0:
            off += 1
        for k in range(5):
            scale = max(max(abs(ours[k]) for ours, _ in pairs), 1e-9)
            worst[k] = max([worst[k]] + [abs(ours[k] - theirs[k]) / scale for ours, theirs in pairs])
    count = sum(len(pairs) for _, pairs in runs)
    print(f"{count} samples of {len(runs)} sequences, {off} with the foot off at times; largest difference, "
          "relative: " + ", ".join(f"{n} {w:.1e}" for n, w in zip(names, worst)) + f" (allowed {TOLERANCE:.0e}, force {FORCE_TOLERANCE:.0e})")
    force = worst.pop(3)
    good = max(worst) < TOLERANCE and force < FORCE_TOLERANCE
    return 0 if good and count > 1500 and off > 3 else 1


sys.exit(main())
