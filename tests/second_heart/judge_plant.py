"""Solves the plant's equations again, from its parameter file, with scipy's LSODA and without any
event handling: valves are plain conditions, steps are short. Compares with what the plant printed.

Usage: judge_plant.py PRINT_PLANT PARAMETERS.yaml
"""

import subprocess
import sys
from math import atanh, exp, tanh

import numpy as np
import yaml
from scipy.integrate import solve_ivp

UNITS = {"mL": 1, "m": 1, "mL/mmHg": 1, "mmHg": 1, "mmHg s/mL": 1, "s": 1, "ms": 1e-3, "us": 1e-6,
         "kg/m3": 1, "L/min": 1000 / 60, "%": 0.01, "mA": 1e-3, "m/s2": 1, "Hz": 1}
POOLS = ("foot", "calf_deep", "calf_superficial", "thigh", "pelvis", "thorax", "rest")


def read(path):
    with open(path, encoding="utf-8") as file:
        groups = yaml.safe_load(file)["parameters"]
    values = {}
    for group, members in groups.items():
        for key, entry in members.items():
            number, _, unit = str(entry["value"]).partition(" ")
            values[f"{group}.{key}"] = float(number) * (UNITS[unit] if unit else 1)
    return values


class Judge:
    def __init__(self, p):
        self.p, self.depth, self.saphenous_leak = p, dict.fromkeys(POOLS, 0.0), p["valve.leak"]
        self.drives = [(-1e9, 0.0)]  # from when on, the excitation

    def vein(self, pool, volume):
        rest, more, per = (self.p[f"{pool}.{k}"] for k in ("unstressed", "distensible", "compliance"))
        if volume < rest:
            return self.p["vein.collapse"] * (1 - (rest / volume) ** 1.5)
        share = (volume - rest) / more
        return more / per * share / (1 - share)

    def force(self, t):
        pole, total = self.p["muscle.twitch_rise"] / 2, 0.0
        for (begun, drive), (_, before) in zip(self.drives[1:], self.drives):
            if t > begun:
                s = (t - begun) / pole
                total += (drive - before) * (1 - exp(-s) * (1 + s + s * s / 2))
        return tanh(total)

    def slope(self, t, x):
        p, weight = self.p, self.p["blood.density"] * 9.80665 / 133.322387
        v = dict(zip(POOLS + ("arteries", "lungs"), x))
        tone, late = x[9], x[10]
        force = self.force(t)
        inside = {pool: self.vein(pool, v[pool]) for pool in POOLS}
        filling = inside["thorax"]
        inside["calf_deep"] += p["muscle.pressure"] * force
        inside["calf_superficial"] += p["muscle.pressure"] * force * p["muscle.skin"]
        inside["thorax"] += p["thorax.pressure"]
        inside["rest"] += p["baroreflex.veins"] * (tone - 1)
        arterial = (v["arteries"] - p["arteries.unstressed"]) / p["arteries.compliance"]
        lungs = (v["lungs"] - p["lungs.unstressed"]) / p["lungs.compliance"]
        head = {pool: inside[pool] - weight * self.depth[pool] for pool in POOLS}
        q = {pool: (arterial - head[pool]) / p[f"artery.{pool}"] / tone
             for pool in POOLS if pool != "thorax"}
        q["calf_deep"] = max(0.0, q["calf_deep"] * (1 + p["muscle.hyperaemia"] * late))

        def valve(name, a, b, leak=p["valve.leak"]):
            drop = head[a] - head[b]
            up = a if drop > 0 else b
            area = min(1.0, v[up] / p[f"{up}.unstressed"])
            return (1 if drop > 0 else leak) * area ** 2 * drop / p[f"vein.{name}"]

        foot_deep = valve("foot_deep", "foot", "calf_deep")
        foot_skin = valve("foot_superficial", "foot", "calf_superficial")
        perforator = valve("perforator", "calf_superficial", "calf_deep")
        squeezed = p["vein.popliteal"] / p["vein.popliteal_squeezed"]
        popliteal = valve("popliteal", "calf_deep", "thigh") * (1 + (squeezed - 1) * force)
        saphenous = valve("saphenous", "calf_superficial", "thigh", self.saphenous_leak)
        femoral = valve("femoral", "thigh", "pelvis")
        iliac = (head["pelvis"] - head["thorax"]) / p["vein.iliac"] * min(
            1.0, v["pelvis"] / p["pelvis.unstressed"]) ** 2
        caval = (head["rest"] - head["thorax"]) / p["vein.caval"]
        right = p["heart.output"] * max(0.0, filling) / (max(0.0, filling) + p["heart.right"])
        left = p["heart.output"] * max(0.0, lungs) / (max(0.0, lungs) + p["heart.left"])
        return [q["foot"] - foot_deep - foot_skin,
                q["calf_deep"] + foot_deep + perforator - popliteal,
                q["calf_superficial"] + foot_skin - perforator - saphenous,
                q["thigh"] + popliteal + saphenous - femoral,
                q["pelvis"] + 2 * femoral - iliac,
                iliac + caval - right,
                q["rest"] - caval,
                left - 2 * (q["foot"] + q["calf_deep"] + q["calf_superficial"] + q["thigh"])
                - q["pelvis"] - q["rest"],
                right - left,
                (exp(p["baroreflex.gain"] * (1 - arterial / p["baroreflex.set"])) - tone)
                / p["baroreflex.time"],
                (force - late) / p["muscle.hyperaemia_time"]]


def main(program, parameters):
    lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split("\n")
    rows = np.array([[float(word) for word in line.split()] for line in lines if line])
    p = read(parameters)
    judge = Judge(p)
    judge.depth.update(foot=p["standing.foot"], calf_deep=p["standing.calf"],
                       calf_superficial=p["standing.calf"], thigh=p["standing.thigh"],
                       pelvis=p["standing.pelvis"])
    judge.drives += [(20.0, atanh(p["muscle.tiptoe"])), (21.0, 0.0)]
    x, worst = rows[0, 1:], 0.0
    for before, row in zip(rows, rows[1:]):
        if before[0] == 25.0:
            judge.saphenous_leak = p["valve.incompetent"]
        solved = solve_ivp(judge.slope, (before[0], row[0]), x, "LSODA", rtol=1e-8, atol=1e-8,
                           max_step=0.01)
        x = solved.y[:, -1]
        worst = max(worst, float(np.max(np.abs(x - row[1:]))))
    print(f"{len(rows)} instants, largest difference {worst:.2e}")
    moved = float(np.ptp(rows[:, 2]))
    if len(rows) != 61 or moved < 20:
        sys.exit(f"the plant did not live through its story: {len(rows)} instants, {moved} mL moved")
    if not worst < 2e-3:
        sys.exit("the plant and the judge disagree by more than 0.002 mL")


if __name__ == "__main__":
    main(*sys.argv[1:])
