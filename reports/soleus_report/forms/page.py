"""A form as HTML and as PDF."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from soleus_report.decode import InputError
from soleus_report.forms import fda_510k, iec60601_2_10
from soleus_report.forms.table import (DECLARE, NOT_MEASURED, SURE_WORDS, Cell, Filler, Form, Row,
                                       sure_word)
from soleus_report.forms.traces import TraceView, settings_of, traces_of
from soleus_report.page import environment, write
from soleus_report.plots import Plotter
from soleus_report.record import RunRecord
from soleus_report.summary import contradictions, count

FORMS: dict[str, Form] = {form.name: form for form in (fda_510k.FORM, iec60601_2_10.FORM)}
_HERE = Path(__file__).parent

Filled = list[tuple[Row, list[Cell]]]


def _totals(tables: list[Filled]) -> dict[str, int]:
    cells = [cell for table in tables for _, cells in table for cell in cells]
    return {
        "measured": sum(cell.figure for cell in cells),
        "passed": sum(cell.verdict == "PASS" for cell in cells),
        "open": sum(cell.verdict == NOT_MEASURED for cell in cells),
        "declare": sum(cell.verdict == DECLARE for cell in cells),
    }


def render(name: str, folder: Path, record: RunRecord, altered: Sequence[str]) -> str:
    """The whole page as text. Throws InputError when there is no such form."""
    if name not in FORMS:
        raise InputError(f"unknown form '{name}': expected one of {', '.join(FORMS)}")
    form = FORMS[name]
    filler = Filler(form, folder, record, list(altered))
    general = filler.rows(form.general)
    modes: list[tuple[str, Filled, list[TraceView]]] = []
    plotter = Plotter()
    for mode in (filler.modes or [""]) if form.of_mode else []:
        rows = filler.rows(form.of_mode, mode)
        modes.append((mode, rows, traces_of(filler, mode, folder, plotter, form.suite_path)))
    used = {limit.sure for table in [general] + [m[1] for m in modes] for _, cells in table
            for cell in cells for limit in cell.limits}
    return environment().get_template("form.html.j2").render(
        form=form, run=record, altered=list(altered), counts=count(record),
        contradictions=contradictions(record), general=general, modes=modes,
        totals=_totals([general] + [m[1] for m in modes]), ran=bool(filler.cases),
        evidence=[(n + 1, case, ref, settings_of(case))
                  for n, (case, ref) in enumerate(filler.evidence)],
        kept=filler.kept, sure_words={k: v for k, v in SURE_WORDS.items() if k in used},
        sure_word=sure_word, css=(_HERE.parent / "form.css").read_text(encoding="utf-8"))


def pdf_of(html: str) -> bytes:
    """The page as PDF: what stands on the page, and nothing fetched from anywhere."""
    import weasyprint

    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)

    def nothing(url: str) -> dict[str, str]:
        raise ValueError(f"{url}: the page stands alone")

    os.environ["SOURCE_DATE_EPOCH"] = "0"  # else the fonts inside carry the time of their making
    return weasyprint.HTML(string=html, url_fetcher=nothing).write_pdf()


def make(name: str, folder: Path, record: RunRecord, altered: Sequence[str],
         out: Path | None) -> list[Path]:
    """Writes NAME.html and NAME.pdf into a folder, or the one file that `out` names by its ending.
    Throws InputError and OSError."""
    html = render(name, folder, record, altered)
    if out is None or out.is_dir():
        paths = [(out or folder) / f"{name}{ending}" for ending in (".html", ".pdf")]
    else:
        paths = [out]
    made = [pdf_of(html) if path.suffix == ".pdf" else html for path in paths]
    for content, path in zip(made, paths):
        write(content, path)
    return paths
