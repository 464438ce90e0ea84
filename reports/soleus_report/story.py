"""What went wrong, in words: the first failing stage of a case, the talk around it, and the command
that repeats it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from soleus_report.record import CaseRecord, Exchange, Finding, RunRecord, StepRecord, Verdict
from soleus_report.summary import count, settled_cases
from soleus_report.units import clock, uncertain

_TALK_BEFORE, _TALK_AFTER = 8, 4  # exchanges shown around the moment
_MOST_DISTURBANCES = 20

_RULES = {
    "simple": "simple acceptance: the value alone decides (ILAC-G8:09/2019, 4.2.1)",
    "guarded": "guard band w = U: passes only if inside by at least U (ILAC-G8:09/2019, 4.2.2)",
    "nonbinary": "non-binary: pass and fail only where U leaves no doubt (ILAC-G8:09/2019, 4.2.3)",
}
_SURE = {
    "F": "found in the named source",
    "f": "found in a weak or secondary source",
    "C": "computed from stated inputs",
    "B": "commonly stated, no source seen",
    "GK": "general knowledge, not verified",
    "house": "this project's own figure",
}
SYMBOLS = {Verdict.PASS: "✓", Verdict.FLAKY: "≈", Verdict.INCONCLUSIVE: "?", Verdict.BLOCKED: "⊘",
           Verdict.FAIL: "✗", Verdict.ERROR: "!"}


def rule_text(rule: str) -> str:
    return _RULES.get(rule, rule or "no rule")


def sure_text(sure: str) -> str:
    return _SURE.get(sure, sure)


def found_text(finding: Finding) -> str:
    """The value with U where there is one, else the rig's own words."""
    if finding.measured is None:
        return finding.found or "nothing"
    m = finding.measured
    return uncertain(m.value, m.u, m.unit, m.k)


def budget_text(finding: Finding) -> str:
    """'gain 83 %, noise 17 %': shares of the variance, the small ones left out."""
    m = finding.measured
    if m is None or not m.budget or not m.u > 0:
        return ""
    shares = [(source, 100 * (u / m.u) ** 2) for source, u in m.budget]
    return ", ".join(f"{source} {share:.0f} %" for source, share in shares if share >= 1)


def expected_text(finding: Finding) -> str:
    return finding.expected or (finding.limit.text if finding.limit else "") or "nothing stated"


def deciding_step(case: CaseRecord) -> StepRecord | None:
    """The first step as bad as the case, or the first that did not pass; of a step and its parts
    the part."""
    bad = [s for s in case.steps if s.verdict is case.verdict] or \
          [s for s in case.steps if s.verdict is not Verdict.PASS]
    if not bad or case.verdict is Verdict.PASS:
        return None
    step = bad[0]
    while part := next((s for s in bad if s.path.startswith(step.path + ".")), None):
        step = part
    return step


def deciding_finding(step: StepRecord | None) -> Finding | None:
    """The first finding as bad as its step."""
    if step is None:
        return None
    bad = [f for f in step.findings if f.verdict is step.verdict] or \
          [f for f in step.findings if f.verdict is not Verdict.PASS]
    return bad[0] if bad else None


def moment_ps(step: StepRecord | None, finding: Finding | None) -> int | None:
    """When it happened: at the deciding pulse, or at the end of the step."""
    if finding and finding.measured and finding.measured.at_ps is not None:
        return finding.measured.at_ps
    return step.ended_ps if step else None


def _end(text: str) -> str:
    """The text as the end of a sentence."""
    return text if text.endswith((".", "!", "?")) else text + "."


def first_failing_stage(case: CaseRecord, earlier: list[CaseRecord] | None = None) -> str:
    """One or two sentences. `earlier`: the attempts before this one."""
    step = deciding_step(case)
    if case.verdict is Verdict.FLAKY and earlier:
        tried = "; ".join(f"attempt {c.attempt} was {c.verdict.value}: "
                          f"{c.reason or first_failing_stage(c).rstrip('.')}" for c in earlier)
        return _end(f"Passed on attempt {case.attempt} only; {tried}")
    if step is None:
        if not case.complete:
            return "The run was cut short inside this case, before any step of it went wrong."
        return _end(case.reason or "The record names no step that went wrong")
    stage = f"Step {step.path} ({step.kind}, {step.where}) "
    finding = deciding_finding(step)
    if step.verdict is Verdict.BLOCKED:
        return stage + _end(f"is more than this bench can do: {step.error or case.reason}")
    if finding is None:
        why = step.error or case.reason or "no reason recorded"
        word = "got no answer" if step.verdict is Verdict.ERROR else f"is {step.verdict.value}"
        return stage + _end(f"{word}: {why}")
    by = f" ({finding.requirement_id()})" if finding.requirement_id() else ""
    text = (f"found {finding.quantity} = {found_text(finding)} where {expected_text(finding)} "
            f"was expected{by}: {finding.verdict.value}")
    if finding.reason and finding.measured:
        text += f", {finding.reason}"
    return stage + _end(text)


@dataclass(frozen=True)
class Talk:
    exchanges: list[Exchange]
    before: int  # not shown
    after: int
    here: int | None  # the entry before which the moment lies


def talk_around(case: CaseRecord, at_ps: int | None) -> Talk:
    """The dialogue near a moment; without one, its end."""
    everything = case.dialogue()
    if at_ps is None:
        middle = len(everything)
    else:
        middle = sum(e.at_ps <= at_ps for e in everything)
    begin, end = max(0, middle - _TALK_BEFORE), min(len(everything), middle + _TALK_AFTER)
    here = middle - begin if at_ps is not None and begin < end else None
    return Talk(everything[begin:end], begin, len(everything) - end, here)


def repeat_command(record: RunRecord, case: CaseRecord) -> str:
    """The shell line that runs this case alone, with the seed of the run."""
    # The filter looks for a part of the id, and has no way to write a quotation mark.
    id = max(case.id.split('"'), key=len)
    words = ["./do", "rig", "run", case.file]
    if record.bench_file:
        words += ["--bench", record.bench_file]
    if "/" in record.firmware:  # named on the command line, not the bench file's own
        words += ["--firmware", record.firmware]
    words += ["--filter", f'id:"{id}"', "--seed", str(record.seed)]
    return shlex.join(words)


def why_sentence(record: RunRecord) -> str:
    """Why the run has its verdict, in one sentence."""
    cases = settled_cases(record)
    total = count(record)
    ran = f"{len(cases)} of {total.planned} planned cases ran"
    if not cases:
        return "Nothing ran, so nothing was found out." if total.planned else \
               "Nothing was planned and nothing ran."
    bad = [c for c in cases if c.verdict is record.verdict and c.verdict is not Verdict.PASS]
    if not bad:
        bad = [c for c in cases if c.verdict is not Verdict.PASS]
    if bad:
        many = f"{len(bad)} of {total.planned} cases"
        verb = "are" if len(bad) > 1 else "is"
        first = bad[0].reason or first_failing_stage(bad[0])
        text = f"{many} {verb} {bad[0].verdict.value}; first {bad[0].id}: {first}"
        failed = [c for c in cases if c.verdict is Verdict.FAIL]
        if failed and bad[0].verdict is not Verdict.FAIL:  # trouble of the rig must not hide it
            text = (f"{text.rstrip('.')}; and {len(failed)} of {total.planned} FAIL, "
                    f"first {failed[0].id}: {failed[0].reason or first_failing_stage(failed[0])}")
        return _end(text)
    if record.verdict is Verdict.PASS and total.not_run == 0:
        checks = sum(len(c.findings()) for c in cases)
        return f"All {len(cases)} planned cases passed, {checks} findings in all."
    return f"{ran} and passed; the run as a whole is {record.verdict.value}."


def asked_and_achieved(case: CaseRecord) -> list[str]:
    """One line per disturbance of the case, for so many as one reads."""
    lines = [f"{d.what}: at {clock(d.achieved_ps)}"
            + ("" if d.asked_ps == d.achieved_ps else f" (asked for {clock(d.asked_ps)})")
            for d in case.disturbances()]
    more = len(lines) - _MOST_DISTURBANCES
    return lines[:_MOST_DISTURBANCES] + ([f"and {more} more"] if more > 0 else [])
