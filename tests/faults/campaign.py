"""Runs the suite against every seeded fault and prints what caught it, and against good devices.

Each firmware_under_test/faults/*.patch is one defect, of the firmware (F..) or of the modelled
hardware (H.., a patch of the bench file). Its head names the requirement that it breaks and the
quantities that are to notice. A fault counts as caught only when a finding of such a quantity,
under that requirement, is FAIL. The good image has to pass everything, also with other seeds,
other noise and other errors of clock, gain and baud rate within what the bench file promises.
Exit code 0: all caught by the check that names them, and no false alarm.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "fixtures/simulated.yaml"


@dataclass
class Fault:
    id: str
    title: str
    breaks: str
    caught_by: list[str]
    magnitude: str  # how it is graded; empty: it is there or not
    rare: str  # when alone it shows; empty: always
    patch: pathlib.Path

    @property
    def of_the_bench(self) -> bool:
        return self.id.startswith("H")


@dataclass
class Caught:
    case: str
    quantity: str
    requirement: str
    bench_s: float  # virtual time from the start of the run to the end of the step that failed


def read_fault(patch: pathlib.Path) -> Fault:
    head = {}
    for line in patch.read_text().splitlines():
        if line.startswith("--- "):
            break
        key, colon, value = line.partition(":")
        if colon:
            head[key.strip()] = value.strip().strip('"')
    names = [name.strip() for name in head["caught_by"].strip("[]").split(",")]
    return Fault(head["fault"], head["title"], head["breaks"], names, head.get("magnitude", ""),
                 head.get("rare", ""), patch)


class Rig:
    """The program, one case at a time: the campaign itself uses all processors."""

    def __init__(self, program: str, scenarios: str, folder: str):
        self.program, self.scenarios, self.folder = program, scenarios, pathlib.Path(folder)
        self.images = pathlib.Path(program).resolve().parent.parent / "firmware"

    def run(self, which: str, firmware: pathlib.Path | None = None,
            bench: pathlib.Path | None = None, seed: int = 1) -> dict:
        with tempfile.TemporaryDirectory(dir=self.folder) as out:
            command = [self.program, "run", self.scenarios, "--filter", which, "--no-report", "--json",
                       "--jobs", "1", "--seed", str(seed), "--out", out]
            command += ["--firmware", str(firmware)] if firmware else []
            command += ["--bench", str(bench)] if bench else []
            done = subprocess.run(command, capture_output=True, text=True, timeout=900)
        if done.returncode not in (0, 1, 3, 4):
            raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def broken_bench(self, fault: Fault) -> pathlib.Path:
        copy = self.folder / f"{fault.id}.yaml"
        subprocess.run(["patch", "--silent", "--fuzz=0", "-o", copy, "-i", fault.patch, BENCH],
                       check=True)
        return copy


def failures(record: dict) -> list[Caught]:
    found = []
    elapsed = 0.0
    for case in record["cases"]:
        for step in case["steps"]:
            for finding in step["findings"]:
                if finding["verdict"] == "FAIL":
                    found.append(Caught(case["id"], finding["quantity"], finding["requirement"],
                                        elapsed + step["ended_ps"] * 1e-12))
        elapsed += case["bench_time_ps"] * 1e-12
    return found


def named(fault: Fault, failed: list[Caught]) -> Caught | None:
    """The first failed finding of a quantity that the fault names, under the broken requirement."""
    for f in failed:
        if f.requirement == fault.breaks and any(f.quantity.startswith(n) for n in fault.caught_by):
            return f
    return None


def seek(rig: Rig, fault: Fault, which: str) -> dict:
    begun = time.monotonic()
    if fault.of_the_bench:
        record = rig.run(which, bench=rig.broken_bench(fault))
    else:
        record = rig.run(which, firmware=rig.images / "faults" / f"{fault.patch.stem}.elf")
    failed = failures(record)
    caught = named(fault, failed)
    return {
        "fault": fault.id, "title": fault.title, "requirement": fault.breaks,
        "expected": fault.caught_by, "graded": bool(fault.magnitude), "rare": fault.rare,
        "caught_by": caught.quantity if caught else None, "case": caught.case if caught else None,
        "time_to_detect_s": round(caught.bench_s, 3) if caught else None,
        "first": failed[0].__dict__ if failed else None, "failed_findings": len(failed),
        "wall_s": round(time.monotonic() - begun, 2),
    }


def varied_bench(folder: pathlib.Path, seed: int) -> pathlib.Path:
    """The good bench with other errors, each within twice its standard uncertainty, and other noise."""
    draw = random.Random(seed)
    text = BENCH.read_text()

    def change(pattern: str, value: str) -> None:
        nonlocal text
        text, count = re.subn(pattern, value, text, count=1)
        assert count == 1, pattern

    change(r"clock_error: \S+ ppm", f"clock_error: {draw.uniform(-50, 50):.1f} ppm")
    change(r"noise: 60 uA, gain_error: \S+ %, offset_error: \S+ uA",
           f"noise: {draw.uniform(30, 75):.1f} uA, gain_error: {draw.uniform(-.5, .5):.3f} %, "
           f"offset_error: {draw.uniform(-20, 20):.1f} uA")
    change(r"noise: 80 mV, gain_error: \S+ %, offset_error: \S+ mV",
           f"noise: {draw.uniform(40, 100):.1f} mV, gain_error: {draw.uniform(-.5, .5):.3f} %, "
           f"offset_error: {draw.uniform(-200, 200):.1f} mV")
    change(r"mcu: atmega328p", f"mcu: atmega328p\nbaud_error: {draw.uniform(-2, 2):.2f} %")
    change(r"clock: 16 MHz", f"clock: {16e6 * (1 + draw.uniform(-50e-6, 50e-6)):.0f} Hz")
    bench = folder / f"good_{seed}.yaml"
    bench.write_text(text)
    return bench


def clean(rig: Rig, seed: int, which: str) -> dict:
    bench = None if seed == 1 else varied_bench(rig.folder, seed)
    record = rig.run(which, bench=bench, seed=seed)
    alarms = [{"seed": seed, "case": c["id"], "verdict": c["verdict"]}
              for c in record["cases"] if c["verdict"] != "PASS"]
    return {"seed": seed, "cases": len(record["cases"]), "alarms": alarms}


def print_row(row: dict) -> None:
    marks = ("graded " if row["graded"] else "") + ("rare" if row["rare"] else "")
    print(f"{row['fault']:<5} {row['title']:<60.60} {row['requirement']}  "
          f"{row['caught_by'] or 'MISSED':<24} {row['time_to_detect_s'] or 0:8.1f} s  {marks:<11} "
          f"{row['case'] or ''}", flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rig", required=True)
    parser.add_argument("--scenarios", default=str(ROOT / "scenarios"))
    parser.add_argument("--only", nargs="*", help="ids of the faults to seed; default: all")
    parser.add_argument("--every", type=int, default=1, help="only every n-th fault")
    parser.add_argument("--clean", type=int, default=5, help="runs with a good device")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--quick", action="store_true",
                        help="against each fault only the scenarios that verify what it breaks, "
                             "and two runs with a good device")
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    return parser.parse_args()


def main() -> int:
    options = parse()
    faults = [read_fault(p) for p in (ROOT / "firmware_under_test/faults").glob("*.patch")]
    faults.sort(key=lambda f: (f.id[0], int(f.id[1:])))
    if options.only:
        faults = [f for f in faults if f.id in options.only]
    faults = faults[::options.every]
    seeds = range(1, 1 + (2 if options.quick else options.clean))
    suite = "tag:nightly"
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        rig = Rig(options.rig, options.scenarios, folder)
        goods = [pool.submit(clean, rig, seed, suite) for seed in seeds]
        runs = [pool.submit(seek, rig, f, f"{suite} and verifies:{f.breaks}" if options.quick else suite)
                for f in faults]
        rows = []
        for run in runs:
            rows.append(run.result())
            if not options.json:
                print_row(rows[-1])
        goods = [good.result() for good in goods]
    missed = [row["fault"] for row in rows if row["caught_by"] is None]
    alarms = [alarm for good in goods for alarm in good["alarms"]]
    summary = {"seeded": len(rows), "detected": len(rows) - len(missed), "clean_runs": len(goods),
               "clean_cases": sum(good["cases"] for good in goods),
               "false_alarms": len(alarms), "wall_s": round(time.monotonic() - begun, 1)}
    if options.json:
        print(json.dumps({**summary, "alarms": alarms, "faults": rows}, indent=2))
    else:
        for alarm in alarms:
            print(f"false alarm with seed {alarm['seed']}: {alarm['case']}: {alarm['verdict']}")
        print(f"{summary['detected']} of {summary['seeded']} seeded faults caught by the check that "
              f"names them; {len(alarms)} false alarms in {summary['clean_cases']} cases of "
              f"{len(goods)} runs with a good device; {summary['wall_s']:.0f} s")
    return 0 if not missed and not alarms else 1


if __name__ == "__main__":
    sys.exit(main())
