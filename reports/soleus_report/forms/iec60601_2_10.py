"""IEC 60601-2-10 (nerve and muscle stimulators), clause by clause, as far as a bench can measure it.
The text of the standard was not available: clauses and figures rest on what others quote."""

from __future__ import annotations

from soleus_report.forms.table import MA_PER_CM2, Declared, Form, Line, Pick, Row

_ROWS = (
    Row("Symbol at the output connectors above 10 mA or 10 V r.m.s. over 5 s", (
        Line("maximum", "rms.sliding_5s", "r.m.s. current over 5 s, 500 ohm"),
        Declared("The symbol itself", "to be inspected")), clause="201.7.2"),
    Row("Direct current is disclosed", (
        Line("maximum", "dc", "strongest settings, 500 ohm"),
        Line("accuracy", "dc", "every setting and load of the suite")),
        note="disclosure; the limit is the device's own", clause="201.7.9.2.101"),
    Row("Current density that needs attention", (
        Line("maximum", "current.density", "r.m.s., smallest electrode", shown=MA_PER_CM2),),
        clause="201.7.9.2.101"),
    Row("Electrodes, effect of the load, maximum outputs in the instructions", (
        Declared("Instructions for use", "to be inspected"),), clause="201.7.9.2.101"),
    Row("Amplitude control in small steps", (
        Line("increments", "ramp.largest_step", "largest increment"),
        Line("increments", "ramp.falls", "steps down while rising")), clause="201.12.1.101"),
    Row("Output at the minimum setting", (
        Line("minimum", "current.peak", "smallest amplitude that starts"),
        Line("minimum", "status.amplitude", "amplitude after reset")),
        note="at most 2 % of the output at the maximum", clause="201.12.1.101"),
    Row("Accuracy of amplitude, pulse duration and rate", (
        Line("accuracy", "phase1.amplitude", "amplitude, first phase", pick=Pick.WORST, held=True),
        Line("accuracy", "phase2.amplitude", "amplitude, second phase", pick=Pick.WORST),
        Line("accuracy", "phase1.width", "duration, first phase", pick=Pick.WORST),
        Line("accuracy", "phase2.width", "duration, second phase", pick=Pick.WORST),
        Line("accuracy", "rate", "repetition rate", pick=Pick.WORST)),
        note="the figure nearest to its limit, of loads from 200 ohm to 1 kohm",
        clause="201.12.1.102"),
    Row("Supply 10 % off", (
        Line("supply", "phase1.amplitude", "amplitude", pick=Pick.WORST),
        Line("supply", "phase1.width", "duration", pick=Pick.WORST),
        Line("supply", "rate", "repetition rate", pick=Pick.WORST)),
        note="the device's own limits, inside 10 %", clause="201.12.4.101"),
    Row("Output starts from the minimum only", (
        Line("interlock", "answer to start", "START without an amplitude set", pick=Pick.WORDS,
             held=True),
        Line("interlock", "pulse.count", "pulses after power has come back"),
        Line("interlock", "current.peak", "current after power has come back"),
        Line("interlock", "status.amplitude", "amplitude after power has come back")),
        clause="201.12.4.102"),
    Row("Output indicator", (
        Line("indicator", "led.high", "lit while there is output", capture="lit"),
        Line("indicator", "led.high", "lit without", capture="dark")), clause="201.12.4.103"),
    Row("R.m.s. current into 500 ohm", (
        Line("maximum", "rms", "strongest settings, over the ON time"),),
        note="the row for repetition rates up to 400 Hz", clause="201.12.4.104"),
    Row("Energy per pulse into 500 ohm", (
        Line("maximum", "energy", "strongest settings"),
        Line("maximum", "pulse.duration.max", "pulse duration, below 0.1 s")),
        clause="201.12.4.104"),
    Row("Open-circuit peak voltage", (
        Line("open_circuit", "voltage.peak", "into 100 kohm, strongest settings"),),
        note="100 kohm stands for an open circuit, so that what flows can be measured",
        clause="201.12.4.104"),
    Row("Short and open circuit at the strongest output", (
        Line("short_and_open", "phase1.amplitude", "into a short circuit", capture="shorted",
             pick=Pick.WORST),
        Line("short_and_open", "current.peak", "peak into a short circuit", capture="shorted"),
        Line("short_and_open", "status.fault", "device reports: short, open", pick=Pick.WORDS),
        Line("short_and_open", "phase1.amplitude", "amplitude afterwards", capture="afterwards",
             pick=Pick.WORST)),
        note="5 s short, 15 s open", clause="201.13"),
    Row("Single fault: current source gives too much", (
        Line("fault_runaway", "output.off_latency", "output ends after"),
        Line("fault_runaway", "energy.max", "largest energy of a pulse"),
        Line("fault_runaway", "status.fault", "device reports", pick=Pick.WORDS)),
        clause="201.4.7, 201.13"),
    Row("Single fault: program hangs inside a pulse", (
        Line("fault_hang", "output.off_latency", "output ends after"),
        Line("fault_hang", "energy.max", "largest energy of a pulse"),
        Line("fault_hang", "status.fault", "device reports", pick=Pick.WORDS)),
        clause="201.4.7, 201.13"),
    Row("Interruption of the supply", (
        Line("supply_interruption", "output.off_latency", "output ends after the dip"),
        Line("supply_interruption", "pulse.count", "pulses after it"),
        Line("supply_interruption", "current.peak", "current after it")), clause="201.11.8"),
    Row("Applied part type BF or CF; leakage currents; dielectric strength", (
        Declared("", "not measured by this rig: needs a safety analyser"),), clause="201.8"),
)

FORM = Form(
    name="iec60601-2-10",
    title="Nerve and muscle stimulators: clause by clause",
    suite="iec60601_2_10",
    edition="after IEC 60601-2-10:2012 + A1:2016 + A2:2023, as far as its clauses are known from "
            "others’ quotes",
    about="No text of the standard could be read. Clause numbers and figures rest on secondary "
          "sources and general knowledge: compare both with a bought copy first.",
    general=_ROWS,
)
