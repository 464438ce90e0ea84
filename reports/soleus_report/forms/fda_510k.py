"""The output table of FDA's "Guidance Document for Powered Muscle Stimulator 510(k)s" of 9 June
1999, sections 1 to 3, and what 21 CFR 882.5891 and 882.5888 ask to be characterised besides."""

from __future__ import annotations

import math

from soleus_report.forms.table import (MA_PER_CM2, W_PER_CM2, Declared, Derived, Form, Line, Pick,
                                       Row)
from soleus_report.record import Measurement


def _load(ohm: str) -> tuple[tuple[str, str], ...]:
    return (("load", ohm),)


def _at_each_load(quantity: str) -> tuple[Line, ...]:
    return tuple(Line("output", quantity, label, _load(label), percent=True)
                 for label in ("500 ohm", "2 kohm", "10 kohm"))


def _waveform(phases: Measurement) -> str:
    kind = {1: "monophasic", 2: "biphasic"}.get(int(phases.value), "multiphasic")
    return f"{kind}, {phases.value:.0f} phases"


def _bursts_per_second(on: Measurement, off: Measurement) -> tuple[float, float]:
    rate = 1 / (on.value + off.value)
    return rate, rate * rate * math.hypot(on.u, off.u)


def _duty(on: Measurement, off: Measurement) -> tuple[float, float]:
    whole = on.value + off.value
    u = math.hypot(off.value * on.u, on.value * off.u) / whole**2
    return 100 * on.value / whole, 100 * u


def _area(rms: Measurement, density: Measurement) -> tuple[float, float]:
    return 1e4 * rms.value / density.value, math.nan  # the bench file states no uncertainty


def _peak_density(peak: Measurement, rms: Measurement,
                  density: Measurement) -> tuple[float, float]:
    per_area = 0.1 * density.value / rms.value  # mA/cm2 from A
    return peak.value * per_area, peak.u * per_area


_BASIC_UNIT = (
    Row("Power source; line isolation; leakage", (
        Declared("Power source and line isolation"),
        Declared("Patient leakage current, normal and single fault",
                 "not measured by this rig: needs a safety analyser"),)),
    Row("Channels, regulation, software", (
        Declared("Number of modes and channels, their isolation"),
        Declared("Regulated current or voltage; software control"),)),
    Row("Automatic overload trip", (
        Line("overload_trip", "output.off_latency", "output ends after the overload"),
        Line("overload_trip", "phase1.width.max", "longest phase of it"),
        Line("overload_trip", "status.fault", "device reports", pick=Pick.WORDS))),
    Row("Automatic no-load trip", (
        Line("no_load_trip", "output.off_latency", "output ends after the electrode comes off"),
        Line("no_load_trip", "output.pulses_after", "pulses after it"),
        Line("no_load_trip", "status.fault", "device reports", pick=Pick.WORDS))),
    Row("Automatic shut-off", (
        Line("shut_off", "train.duration", "output with the timer at 10 s"),
        Line("shut_off", "status.state", "then", pick=Pick.WORDS))),
    Row("Patient override control", (
        Line("override", "output.off_latency", "output ends after the stop button", capture="halt"),
        Line("override", "output.off_latency", "output ends after the dead-man switch",
             capture="trip"))),
    Row("Indicator: output on", (
        Line("indicator", "led.high", "lit while there is output", capture="lit"),
        Line("indicator", "led.high", "lit without", capture="dark"))),
    Row("Other", (
        Declared("Low-battery and level indicators, timer range, standards, 21 CFR 898"),
        Declared("Weight, size, housing"))),
)

_OUTPUT = (
    Row("Waveform", (Line("pulse_width", "pulse.phases", words=_waveform),)),
    Row("Shape", (
        Line("pulse_width", "phase1.droop", "droop of the first phase"),
        Line("pulse_width", "phase1.first_transition", "its first transition, 10 % to 90 %"),
        Line("pulse_width", "phase1.second_transition", "its second transition")),
        note="rectangular where droop and transitions are small"),
    Row("Maximum output voltage", _at_each_load("voltage.peak"),
        note="largest magnitude during the pulses, strongest settings"),
    Row("Maximum output current", _at_each_load("current.peak"),
        note="largest magnitude, strongest settings"),
    Row("Pulse width", (Line("pulse_width", "pulse.duration", "range", pick=Pick.RANGE),),
        note="first to last 50 % crossing, phases and gap"),
    Row("Frequency", (Line("frequency", "rate", "range", pick=Pick.RANGE),)),
    Row("Beat frequency", (Declared("", "interferential modes only; no suite for them here"),)),
    Row("Multiphasic: symmetrical?", (
        Line("pulse_width", "width.difference", "first minus second phase"),)),
    Row("Multiphasic: phase duration", (
        Line("pulse_width", "phase1.width", "first phase", pick=Pick.RANGE),
        Line("pulse_width", "phase2.width", "second phase", pick=Pick.RANGE))),
    Row("Net charge per pulse", (
        Line("dose", "net_charge", "500 ohm"),
        Line("dose", "charge_imbalance.mean", "share of the first phase"),
        Declared("How it is brought to zero")),
        note="integral of the current over the whole pulse, tail included"),
    Row("Maximum phase charge", (
        Line("dose", "phase1.charge", "500 ohm, first phase"),
        Line("dose", "phase2.charge", "500 ohm, second phase")),
        note="integral of the current over one phase"),
    Row("Maximum current density", (
        Line("dose", "current.density", "500 ohm, r.m.s.", shown=MA_PER_CM2),
        Line("dose", "rms", "r.m.s. current, over the area"),
        Derived("dose", "area of the smallest electrode", ("rms", "current.density"),
                "as the bench file states it: r.m.s. current / density", _area, "cm2"),
        Derived("dose", "500 ohm, peak", ("current.peak", "rms", "current.density"),
                "peak current / the same area", _peak_density, "mA/cm2")),
        note="r.m.s. over the ON time / area of the smallest electrode"),
    Row("Maximum power density", (
        Line("dose", "power.density", "500 ohm, over 1 s", shown=W_PER_CM2),),
        note="R x (r.m.s. current over 1 s)^2 / area"),
    Row("Burst mode", (
        Line("on_off", "burst.pulses", "a) pulses per burst", pick=Pick.RANGE),
        Derived("on_off", "b) bursts per second", ("burst.on_time", "burst.off_time"),
                "1 / (ON + OFF)", _bursts_per_second, "Hz"),
        Line("on_off", "burst.on_time", "c) burst duration", pick=Pick.RANGE),
        Derived("on_off", "d) duty cycle", ("burst.on_time", "burst.off_time"),
                "b x c = ON / (ON + OFF)", _duty, "%"))),
    Row("ON time", (Line("on_off", "burst.on_time", "measured range", pick=Pick.RANGE),),
        note="first onset to one period after the last"),
    Row("OFF time", (Line("on_off", "burst.off_time", "measured range", pick=Pick.RANGE),)),
    Row("Maximum average current", (
        Line("dose", "current.average", "500 ohm"),),
        note="21 CFR 882.5891: magnitudes of all phase charges per time"),
    Row("Also asked by 21 CFR 882.5891", (
        Declared("Type of impedance monitoring"),
        Declared("Distribution of the current at the electrodes"))),
    Row("Additional features", (Declared(""),)),
)

FORM = Form(
    name="fda-510k",
    title="Powered muscle stimulator: output table",
    suite="fda_pms_510k",
    edition="after the FDA guidance “Powered Muscle Stimulator 510(k)s” of 9 June 1999, sections 1 "
            "to 3, with what 21 CFR 882.5891 and 882.5888 ask to be characterised",
    about="The guidance was read in full from a copy; the draft guidances of 2010 were not "
          "readable and are not used.",
    general=_BASIC_UNIT,
    of_mode=_OUTPUT,
)
