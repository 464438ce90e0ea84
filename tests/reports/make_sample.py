"""Writes a run folder as the rig leaves it, with every verdict in it and drawn captures.

    make_sample.py FOLDER [--killed] [--cases N]
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import drawn
import numpy as np
from drawn import Drawn, Shape

Json = dict[str, Any]
ARMED = 0.1  # s: when the captures of drawn.store() were armed
GRAVITY = ["PASS", "FLAKY", "INCONCLUSIVE", "BLOCKED", "FAIL", "ERROR"]


def ps(seconds: float) -> int:
    return round(seconds * 1e12)


def number(quantity: str, capture: str, value: float, u: float, limit: Json, verdict: str,
           conformance: float, at: float | None = None, reason: str = "", count: int = 20) -> Json:
    """A finding on a number."""
    unit = limit["unit"]
    measured: Json = {"name": quantity, "value": value, "u": u, "unit": unit, "statistic": "every",
                      "count": count, "lowest": value - 3 * u, "highest": value}
    if at is not None:
        measured["at_ps"] = ps(at)
    return {"quantity": quantity, "capture": capture, "measured": measured, "limit": limit,
            "requirement": limit["requirement"], "expected": limit["text"],
            "found": f"{value:.4g} {unit} +- {2 * u:.2g} {unit}", "reason": reason,
            "conformance": conformance, "verdict": verdict}


def word(quantity: str, found: str, expected: str, requirement: str) -> Json:
    """A finding on a word."""
    ok = found == expected
    return {"quantity": quantity, "capture": "", "requirement": requirement, "expected": expected,
            "found": found, "reason": "" if ok else f"expected {expected}, found {found}",
            "verdict": "PASS" if ok else "FAIL"}


def limit(text: str, unit: str, requirement: str, low: float | None = None,
          high: float | None = None, rule: str = "nonbinary") -> Json:
    bounds = {k: v for k, v in (("low", low), ("high", high)) if v is not None}
    return {**bounds, "unit": unit, "text": text, "requirement": requirement, "rule": rule}


WIDTH = limit("290 us .. 310 us", "s", "SRS-012", 290e-6, 310e-6)
AMPLITUDE = limit("19 mA .. 21 mA", "A", "SRS-011", 19e-3, 21e-3)
NEGATIVE = limit("-21 mA .. -19 mA", "A", "SRS-011", -21e-3, -19e-3)
GAP = limit("90 us .. 110 us", "s", "SRS-012", 90e-6, 110e-6)
PEAK = limit("<= 22 mA", "A", "SRS-020", high=22e-3, rule="guarded")
OFF = limit("<= 100 ms", "s", "SRS-041", high=0.1, rule="guarded")


def step(path: str, kind: str, text: str, begun: float, ended: float, verdict: str = "PASS",
         **more: Any) -> Json:
    line = 6 + 3 * int(path.split(".")[0])
    base = {"path": path, "where": f"scenario.yaml:{line}:5", "kind": kind, "text": text,
            "verdict": verdict, "error": "", "begun_ps": ps(begun),
            "ended_ps": ps(ended), "findings": [], "captures": [], "dialogue": [],
            "disturbances": []}
    return {**base, **more}


def talk(*lines: tuple[float, bool, str, str]) -> list[Json]:
    return [{"at_ps": ps(at), "to_device": to, "bytes": data, "meaning": meaning}
            for at, to, data, meaning in lines]


def greeting() -> list[Json]:
    return talk((0.010, True, "00 05 01 01 7C F1 00", "hello"),
                (0.014, False, "00 0E 01 81 02 01 03 01 01 31 61 62 00",
                 "ok: protocol 1, firmware 1.0"),
                (0.020, True, "00 0A 02 03 01 20 4E 03 9A 00", "set amplitude 20 mA"),
                (0.024, False, "00 06 02 83 03 4D 00", "ok"),
                (0.030, True, "00 0A 03 03 04 B8 88 03 11 00", "set rate 35 Hz"),
                (0.034, False, "00 06 03 83 03 A8 00", "ok"),
                (0.120, True, "00 05 04 05 6B 0E 00", "start"),
                (0.124, False, "00 06 04 85 03 42 00", "ok"))


def keepalives(begin: float, end: float) -> list[Json]:
    lines = [line for k, at in enumerate(np.arange(begin, end, 0.05))
             for line in ((at, True, f"00 05 {k + 5:02X} 08 5A C3 00", "keep-alive"),
                          (at + 0.004, False, f"00 06 {k + 5:02X} 88 03 77 00", "ok"))]
    return talk(*lines)


class Folder:
    """A run folder in the making."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._captures = 0

    def keep(self, whole: Drawn, name: str, **how: Any) -> Json:
        """Stores a capture and returns its reference."""
        file = f"captures/{self._captures:04d}-{name}.h5"
        self._captures += 1
        ref = drawn.store(whole, self.path / file, name, **how)
        digest = hashlib.sha256((self.path / file).read_bytes()).hexdigest()
        return {**ref, "file": file, "sha256": digest}


def case(index: int, id: str, scenario: str, verdict: str, steps: list[Json], reason: str = "",
         verifies: tuple[str, ...] = (), attempt: int = 1, complete: bool = True) -> Json:
    name, _, row = id.partition("[")
    parameters = [p.split("=", 1) for p in row.rstrip("]").split(",") if "=" in p]
    return {"index": index, "id": id, "scenario": scenario, "file": f"scenarios/{name}.yaml",
            "verifies": list(verifies), "tags": [name.split("/")[0]], "parameters": parameters,
            "seed": 1000 + index, "attempt": attempt, "verdict": verdict, "reason": reason,
            "steps": steps, "bench_time_ps": ps(0.9), "wall_seconds": 0.31, "complete": complete}


def pulse_shape(folder: Folder, index: int, rate: int = 35, width: float = 300e-6) -> Json:
    """Passes at 300 us; at 309.5 us the uncertainty leaves it open."""
    onsets = np.arange(0.05, 0.4, 1 / rate)
    whole = drawn.pulse_train(5_000_000, 0.4, onsets, Shape(width=width), seed=index)
    at = ARMED + float(onsets[3])
    inside = width < 309e-6
    verdict = "PASS" if inside else "INCONCLUSIVE"
    reason = "" if inside else "conditional pass: inside the limit by less than U"
    findings = [
        number("phase1.width", "train", width + 0.1e-6, 0.35e-6, WIDTH, verdict,
               1.0 if inside else 0.8735, at, reason),
        number("gap", "train", 100.2e-6, 0.35e-6, GAP, "PASS", 1.0, at),
        number("phase1.amplitude", "train", 20.13e-3, 24e-6, AMPLITUDE, "PASS", 1.0, at),
        number("phase2.amplitude", "train", -20.07e-3, 24e-6, NEGATIVE, "PASS", 1.0, at),
    ]
    steps = [step("1", "set", "set: amplitude 20 mA, width 300 us", 0, 0.04, dialogue=greeting()),
             step("2", "capture", "capture train: current, voltage at 5 MHz for 400 ms", 0.1, 0.5,
                  captures=[folder.keep(whole, "train")]),
             step("3", "expect", "expect in train: pulse shape", 0.5, 0.5, verdict,
                  findings=findings)]
    row = f"amplitude=20 mA,rate={rate} Hz,width={width * 1e6:.4g} us"
    return case(index, f"timing/pulse_shape[{row}]", "Pulses have the shape that was set",
                verdict, steps, f"phase1.width: {reason}" if reason else "", ("SRS-011", "SRS-012"))


def lead_off(folder: Folder, index: int, latency: float, amplitude: int = 20, attempt: int = 1,
             verdict: str = "", id: str = "safety/lead_off") -> Json:
    """The load opens at 0.4 s; the output goes on for `latency`."""
    late = latency > 0.1
    onsets = np.arange(0.03, 0.3 + latency, 1 / 35)
    whole = drawn.pulse_train(5_000_000, 0.7, onsets, Shape(amplitude=amplitude * 1e-3), seed=index)
    opened = round(0.3 * whole.rate)
    noise = np.random.default_rng(index).normal(0, 60e-6, whole.current.size - opened)
    whole.current[opened:] = 0.004 * whole.current[opened:] + noise  # the rail shows, no current
    whole.voltage[opened:] *= 2.0
    finding = number("output.off_latency", "trip", latency, 210e-6, OFF, "FAIL" if late else "PASS",
                     0.0 if late else 1.0, ARMED + float(onsets[-1]),
                     "outside the limit by more than U" if late else "", count=1)
    finding["instant"] = "the edge of aux, 180 us after the host's instant"
    finding["event_ps"] = ps(0.40018)
    state = word("status.state", "RUNNING" if late else "LEAD_OFF", "LEAD_OFF", "SRS-041")
    said = greeting() + keepalives(0.15, 0.8)
    said += talk((0.801, True, "00 05 20 02 11 09 00", "status"),
                 (0.806, False, "00 1E 20 82 03 03 01 20 4E 00", f"state {state['found']}, fault "
                  + ("NONE" if late else "LEAD_OFF")))
    steps = [step("1", "load", "load: 500 ohm", 0, 0),
             step("2", "set", f"set: amplitude {amplitude} mA, width 300 us, rate 35 Hz", 0, 0.04),
             step("3", "capture", "capture trip: current, voltage at 5 MHz for 700 ms", 0.1, 0.8,
                  captures=[folder.keep(whole, "trip")], dialogue=said,
                  disturbances=[{"what": "load open", "asked_ps": ps(0.4),
                                 "achieved_ps": ps(0.4)}]),
             step("4", "expect", "expect in trip: output.off_latency <= 100 ms", 0.8, 0.8,
                  finding["verdict"], findings=[finding]),
             step("5", "expect", "expect: status.state LEAD_OFF", 0.8, 0.81, state["verdict"],
                  findings=[state])]
    reason = f"output.off_latency: {latency * 1e3:.4g} ms, limit <= 100 ms (SRS-041)"
    return case(index, f"{id}[amplitude={amplitude} mA,rate=35 Hz]",
                "Lead-off cuts the output within its limit",
                verdict or ("FAIL" if late else "PASS"), steps, reason if late else "",
                ("SRS-041",), attempt)


def over_current(folder: Folder, index: int) -> Json:
    """The source overshoots into the digitizer's full scale; and samples went missing."""
    onsets = np.arange(0.05, 0.3, 1 / 35)
    shape = Shape(amplitude=21.5e-3, overshoot=0.35)
    whole = drawn.pulse_train(5_000_000, 0.3, onsets, shape, index)
    whole = drawn.lose(whole, 620_000, 660_000)
    ref = folder.keep(whole, "fault", current_range=27e-3)
    at = ARMED + float(onsets[2])
    finding = number("current.peak", "fault", 27e-3, 40e-6, PEAK, "FAIL", 0.0, at,
                     "outside the limit by more than U; clipped: the true value is at least this")
    steps = [step("1", "inject", "inject: source_gain 1.075", 0, 0.1, dialogue=greeting()),
             step("2", "capture", "capture fault: current, voltage at 5 MHz for 300 ms", 0.1, 0.4,
                  captures=[ref],
                  disturbances=[{"what": "source_gain 1.075", "asked_ps": ps(0.15),
                                 "achieved_ps": ps(0.1503)}]),
             step("3", "expect", "expect in fault: current.peak <= 22 mA", 0.4, 0.4, "FAIL",
                  findings=[finding])]
    return case(index, "safety/over_current[gain=1.075]", "No pulse exceeds the programmed current",
                "FAIL", steps, "current.peak: at least 27 mA, limit <= 22 mA (SRS-020)",
                ("SRS-020",))


def no_answer(index: int) -> Json:
    """The device talks nonsense, then nothing."""
    said = talk((0.010, True, "00 05 01 01 7C F1 00", "hello"),
                (0.014, False, "3C 73 63 72 69 70 74 3E",
                 "garbage: <script>alert('x')</script> & \x1b[31mred"),
                (0.050, True, "00 05 01 01 7C F1 00", "hello, again"))
    steps = [step("1", "set", "set: amplitude 20 mA", 0, 0.1, dialogue=said[:2]),
             step("2", "expect", "expect: status.state IDLE", 0.05, 1.05, "ERROR",
                  dialogue=said[2:],
                  error="/dev/ttyUSB0: read: no answer to hello within 1 s; heard \"<script>\"")]
    return case(index, "protocol/hello", "The device says <who> it is & what it runs", "ERROR",
                steps, "/dev/ttyUSB0: read: no answer to hello within 1 s", ("SRS-050",))


def blocked(index: int) -> Json:
    steps = [step("1", "needs", "needs: load.chatter", 0, 0, "BLOCKED",
                  error="this bench has no load.chatter; it offers load.open, load.short")]
    return case(index, "safety/chatter[open=20 ms]",
                "Intermittent contact does not confuse lead-off", "BLOCKED", steps,
                "this bench has no load.chatter", ("SRS-042",))


def soak(folder: Folder, index: int) -> Json:
    """A segmented capture: one window per trigger."""
    onsets = np.arange(0.01, 1.2, 1 / 35)
    whole = drawn.pulse_train(1_000_000, 1.25, onsets, Shape(), seed=index)
    ref = folder.keep(drawn.windows(whole, onsets, 200e-6, 2e-3), "soak")
    ref["segments"] = 17_500
    findings = [number("phase1.width", "soak", 300.4e-6, 0.6e-6, WIDTH, "PASS", 1.0,
                       ARMED + float(onsets[7]), count=17_500),
                number("charge_imbalance", "soak", 0.21, 0.05,
                       limit("-2 % .. 2 %", "%", "SRS-013", -2.0, 2.0), "PASS", 1.0, count=17_500)]
    steps = [step("1", "set", "set: amplitude 20 mA", 0, 0.1, dialogue=greeting()),
             step("2", "capture", "capture soak: current, voltage at 1 MHz, 2 ms per trigger",
                  0.1, 1.4, captures=[ref]),
             step("3", "expect", "expect in soak: pulse shape", 1.4, 1.4, findings=findings)]
    return case(index, "soak/half_hour", "Half an hour of pulses without one out of shape", "PASS",
                steps, "", ("SRS-012", "SRS-013"))


REQUIREMENTS = [
    ("SRS-011", "Amplitude accuracy", "The amplitude shall be within 5 % of the set value.",
     "IEC 60601-2-10, 201.12.1.102 (20 %), tightened by this house", "GK"),
    ("SRS-012", "Pulse width accuracy", "The phase width shall be within 10 us of the set value.",
     "Soleus E SRS rev. 3", "house"),
    ("SRS-013", "Charge balance", "Net charge shall be below 2 % of phase 1's.", "", "house"),
    ("SRS-020", "Peak current", "No pulse shall exceed 110 % of the programmed current.",
     "Soleus E SRS rev. 3", "house"),
    ("SRS-041", "Lead-off cut-off", "The output shall end within 100 ms of an opened lead.",
     "FDA guidance 1999, section 2 (automatic no-load trip)", "F"),
    ("SRS-042", "Lead-off chatter", "Chatter shall not defeat the cut-off.", "", "house"),
    ("SRS-050", "Identification", "The device shall identify itself in 1 s.", "", "house"),
    ("SRS-090", "Watchdog", "A hang of the CPU shall end the output in 50 ms.", "Soleus", "B"),
]


def base_record() -> Json:
    """A run without cases."""
    keys = ("id", "title", "text", "source", "sure")
    return {
        "schema": "soleus-rig record 1", "id": "20261123T071500Z-3f2a", "tool": "soleus-rig 0.1.0",
        "bench": "Simulated bench, Soleus E", "bench_file": "fixtures/soleus_e.yaml",
        "bench_sha256": "5d" * 32, "device": "Soleus E, firmware 1.0, build 1ab2c3d4",
        "firmware": "soleus_e.elf", "firmware_sha256": "9a" * 32,
        "spec_file": "scenarios/spec.yaml", "spec_sha256": "c0" * 32,
        "instruments": [["digitizer", "modelled, 12 bit, 5 MHz, gain 0.1 % (k = 1)"],
                        ["load box", "modelled, 500 ohm, 0.1 %"]],
        "seed": 42, "started_utc": "2026-11-23T07:15:00Z", "wall_seconds": 12.4,
        "requirements": [dict(zip(keys, row)) for row in REQUIREMENTS], "planned": [], "cases": [],
        "finished": True, "verdict": "ERROR", "content_sha256": "77" * 32}


def write(folder: Path, record: Json) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def make(path: Path, killed: bool = False, cases: int = 11) -> Json:
    """Writes the run folder and returns its record. More than eleven cases: repeats."""
    folder, record = Folder(path), base_record()
    flaky = "safety/lead_off_retry"
    made = [pulse_shape(folder, 0), pulse_shape(folder, 1, rate=80), lead_off(folder, 2, 0.065, 10),
            lead_off(folder, 3, 0.251), over_current(folder, 4), no_answer(5), blocked(6),
            pulse_shape(folder, 7, width=309.5e-6), soak(folder, 8),
            lead_off(folder, 9, 0.151, 10, id=flaky),
            lead_off(folder, 9, 0.065, 10, attempt=2, verdict="FLAKY", id=flaky),
            lead_off(folder, 10, 0.065, 40)]
    makers = (lambda k: pulse_shape(folder, k, rate=20 + k % 90),
              lambda k: lead_off(folder, k, 0.065),
              lambda k: lead_off(folder, k, 0.2 + 1e-4 * k))
    made += [makers[k % 3](k) for k in range(11, cases)]
    record["planned"] = list(dict.fromkeys(c["id"] for c in made))
    if killed:
        made = made[:5]
        made[-1].update(complete=False, verdict="ERROR", reason="", steps=made[-1]["steps"][:1])
        record.update(finished=False, verdict="ERROR", content_sha256="")
    else:
        record["verdict"] = max((c["verdict"] for c in made), key=GRAVITY.index)
    record["cases"] = made
    write(path, record)
    return record


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--killed", action="store_true", help="as after kill -9 in the fifth case")
    parser.add_argument("--cases", type=int, default=11)
    options = parser.parse_args()
    make(options.folder, options.killed, options.cases)
