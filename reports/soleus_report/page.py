"""Puts the page together: decides what stands where, and hands it to the templates."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jinja2

from soleus_report import story, summary, units
from soleus_report.plant import comparison, is_informative
from soleus_report.figures import MOST_CAPTURES, CaptureView, Illustrator, recorded_warnings
from soleus_report.record import CaseRecord, Exchange, Finding, RunRecord, StepRecord, Verdict
from soleus_report.trace import Trace, trace_of

MOST_ILLUSTRATED = 40  # cases that did not pass and get pictures; the others keep their words
_MOST_TALK = 400       # exchanges listed per case
_HERE = Path(__file__).parent


@dataclass
class CaseView:
    case: CaseRecord
    anchor: str
    step: StepRecord | None = None
    finding: Finding | None = None
    talk: story.Talk | None = None
    command: str = ""
    captures: list[CaptureView] = field(default_factory=list)
    no_pictures: str = ""  # why the captures are not drawn
    superseded: bool = False
    earlier: list[CaseView] = field(default_factory=list)  # attempts before this one

    @property
    def explained(self) -> bool:
        return self.case.verdict is not Verdict.PASS or not self.case.complete

    @property
    def stage(self) -> str:
        return story.first_failing_stage(self.case, [v.case for v in self.earlier])

    @property
    def dialogue(self) -> list[Exchange]:
        return self.case.dialogue()[:_MOST_TALK]

    @property
    def dialogue_left_out(self) -> int:
        return max(0, len(self.case.dialogue()) - _MOST_TALK)

    @property
    def captures_left_out(self) -> int:
        return max(0, len(self.case.captures()) - MOST_CAPTURES) if self.captures else 0


def _views(record: RunRecord, illustrator: Illustrator) -> list[CaseView]:
    settled = {id(case) for case in summary.settled_cases(record)}
    ordered = sorted(record.cases, key=lambda c: (c.index, c.attempt))
    views = [CaseView(case, f"case-{n}", superseded=id(case) not in settled)
             for n, case in enumerate(ordered)]
    illustrated, scenarios = 0, set()
    for n, view in enumerate(views):
        view.earlier = [v for v in views[:n] if (v.case.index, v.case.id) ==
                        (view.case.index, view.case.id)]
        case = view.case
        if view.explained:
            view.step = story.deciding_step(case)
            view.finding = story.deciding_finding(view.step)
            view.talk = story.talk_around(case, story.moment_ps(view.step, view.finding))
            view.command = story.repeat_command(record, case)
            illustrated += 1
            if illustrated > MOST_ILLUSTRATED:
                view.no_pictures = ("Not drawn: pictures are made for the first "
                                    f"{MOST_ILLUSTRATED} cases that did not pass.")
        elif (case.file, case.scenario) in scenarios:
            view.no_pictures = ("Not drawn: of the cases of a scenario that passed, the first "
                                "is drawn.")
        if not view.no_pictures:
            if not view.explained:
                scenarios.add((case.file, case.scenario))
            view.captures = illustrator.draw(case)
    return views


def environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update({
        "clock": units.clock, "span": units.span, "size": units.size, "quantity": units.quantity,
        "probability": units.probability, "found": story.found_text, "budget": story.budget_text,
        "expected": story.expected_text, "rule": story.rule_text, "sure": story.sure_text,
        "margin": summary.margin_text, "informative": is_informative,
        "warnings": recorded_warnings, "disturbances": story.asked_and_achieved,
    })
    environment.globals.update(SYMBOLS={v.value: s for v, s in story.SYMBOLS.items()})
    return environment


def render(folder: Path, record: RunRecord, altered: Sequence[str] = (),
           trace: Trace | None = None, trace_file: str = "", figures: dict | None = None) -> str:
    """The whole page as text. `altered`: what is no longer as the run left it. `trace_file`: where
    the whole trace matrix stands. `figures`: of the modelled plant, held against the literature."""
    illustrator = Illustrator(folder)
    views = _views(record, illustrator)
    trace = trace or trace_of(record)
    requirements = trace.rows
    anchors = {id(view.case): view.anchor for view in views}
    gravest_first = sorted((v for v in views if v.explained and not v.superseded),
                           key=lambda v: -v.case.verdict.gravity)
    return environment().get_template("page.html.j2").render(
        run=record, counts=summary.count(record), why=story.why_sentence(record),
        not_run=summary.not_run(record), altered=altered,
        quarantined=summary.quarantined(record),
        not_held=[row.requirement.id for row in requirements if not row.findings],
        contradictions=summary.contradictions(record), plant=comparison(folder, record),
        figures=figures,
        requirements=requirements, requirement_of={row.requirement.id: row for row in requirements},
        trace=trace, trace_file=trace_file,
        views=views, explained=gravest_first, anchor_of=lambda case: anchors[id(case)],
        bench_seconds=sum(c.bench_time_ps for c in record.cases) / 10**12,
        sure_marks=sorted({row.requirement.sure for row in requirements if row.requirement.sure}),
        most_illustrated=MOST_ILLUSTRATED, css=(_HERE / "style.css").read_text(encoding="utf-8"))


def write(content: str | bytes, path: Path) -> None:
    """Writes the file whole or not at all; into a pipe or a device as it is."""
    path = path.resolve()  # a symbolic link stays one
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent or ".", prefix=path.name, suffix=".part")
    except OSError as error:  # of the file that was asked for
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
