"""Runs the suite against every seeded fault and prints what caught it.

Each firmware_under_test/faults/*.patch says what it breaks and which quantity is to notice; its
image was built beside the good one. The good image has to pass everything. A fault counts as
caught only when a finding of a named quantity, under the broken requirement, is FAIL.
Exit code 0: all caught by the check that names them, and no false alarm.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclass
class Fault:
    id: str
    title: str
    breaks: str
    caught_by: list[str]
    image: pathlib.Path


@dataclass
class Caught:
    case: str
    quantity: str
    requirement: str
    bench_s: float  # virtual time from the start of the run to the end of the step that failed


def read_fault(patch: pathlib.Path, images: pathlib.Path) -> Fault:
    head = {}
    for line in patch.read_text().splitlines():
        if line.startswith("--- "):
            break
        key, colon, value = line.partition(":")
        if colon:
            head[key.strip()] = value.strip().strip('"')
    names = [name.strip() for name in head["caught_by"].strip("[]").split(",")]
    return Fault(head["fault"], head["title"], head["breaks"], names, images / f"{patch.stem}.elf")


def run(rig: str, image: pathlib.Path | None, scenarios: str, out: str, only: str = "") -> dict:
    which = f"tag:nightly and verifies:{only}" if only else "tag:nightly"
    command = [rig, "run", scenarios, "--filter", which, "--no-report", "--json", "--out", out]
    if image:
        command += ["--firmware", str(image)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode not in (0, 1, 3, 4):
        sys.exit(f"campaign: {' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


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
    """The first failed finding that the fault names: by requirement, or by quantity."""
    by_both = [f for f in failed if f.requirement == fault.breaks]
    by_quantity = [f for f in failed if any(f.quantity.startswith(n) for n in fault.caught_by)]
    return (by_both or by_quantity or [None])[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rig", required=True)
    parser.add_argument("--scenarios", default=str(ROOT / "scenarios"))
    parser.add_argument("--quick", action="store_true",
                        help="against each fault only the scenarios that verify what it breaks")
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    options = parser.parse_args()
    images = pathlib.Path(options.rig).resolve().parent.parent / "firmware" / "faults"
    faults = [read_fault(p, images) for p in sorted((ROOT / "firmware_under_test/faults").glob("*.patch"))]
    rows = []
    missed = 0
    with tempfile.TemporaryDirectory() as out:
        good = run(options.rig, None, options.scenarios, out)
        alarms = [c["id"] for c in good["cases"] if c["verdict"] != "PASS"]
        for fault in faults:
            only = fault.breaks if options.quick else ""
            failed = failures(run(options.rig, fault.image, options.scenarios, out, only))
            caught = named(fault, failed)
            missed += caught is None
            rows.append({
                "fault": fault.id, "title": fault.title, "breaks": fault.breaks,
                "caught_by": caught.quantity if caught else None,
                "requirement": caught.requirement if caught else None,
                "case": caught.case if caught else None,
                "time_to_detect_s": round(caught.bench_s, 3) if caught else None,
                "failed_findings": len(failed),
            })
            if not options.json:
                row = rows[-1]
                print(f"{fault.id}  {fault.title:<55.55} {fault.breaks}  "
                      f"{row['caught_by'] or 'MISSED':<24} {row['time_to_detect_s'] or 0:8.1f} s  "
                      f"{row['case'] or ''}", flush=True)
    summary = {"seeded": len(faults), "detected": len(faults) - missed,
               "clean_cases": len(good["cases"]), "false_alarms": len(alarms)}
    if options.json:
        print(json.dumps({**summary, "faults": rows}, indent=2))
    else:
        print(f"{summary['detected']} of {summary['seeded']} seeded faults caught by the check that "
              f"names them; {len(alarms)} false alarms in {summary['clean_cases']} clean cases")
    return 0 if missed == 0 and not alarms else 1


if __name__ == "__main__":
    sys.exit(main())
