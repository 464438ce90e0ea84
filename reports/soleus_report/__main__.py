"""report: makes report.html of a run folder, or the output tables that a standard asks for.

Exit codes: 0 written; 2 usage or unreadable input; 3 the page could not be made or written.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

_PACKAGES = {"weasyprint": "weasyprint",
             **{name: f"python3-{name}" for name in ("h5py", "jinja2", "matplotlib", "numpy")}}


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="soleus_report", description="Makes one self-contained HTML page of a run folder.")
    parser.add_argument("folder", type=Path, metavar="RUNFOLDER",
                        help="holds record.json and captures/")
    parser.add_argument("--out", type=Path, metavar="FILE",
                        help="default: RUNFOLDER/report.html, with trace.csv beside it")
    parser.add_argument("--form", metavar="NAME", default="",
                        help="an output table instead, as HTML and PDF (or the one that FILE ends in)")
    parser.add_argument("--json", action="store_true",
                        help="print the trace matrix on standard output")
    parser.add_argument("--plant", action="store_true",
                        help="figures of the modelled plant come on standard input, as JSON")
    parser.add_argument("--altered", action="append", default=[], metavar="TEXT",
                        help="what is no longer as the run left it; the page says so")
    return parser.parse_args(arguments)


def _make(options: argparse.Namespace) -> None:
    from soleus_report.page import render, write
    from soleus_report.record import load_record
    from soleus_report.trace import as_csv, as_json, trace_of

    record = load_record(options.folder)
    if options.form:
        from soleus_report.forms import page as form_page
        for path in form_page.make(options.form, options.folder, record, options.altered,
                                   options.out):
            print(path)
        return
    trace = trace_of(record)
    beside = "" if options.out else "trace.csv"
    figures = json.load(sys.stdin) if options.plant else None
    write(render(options.folder, record, options.altered, trace, beside, figures),
          options.out or options.folder / "report.html")
    if beside:
        write(as_csv(trace), options.folder / beside)
    if options.json:
        print(json.dumps(as_json(record, trace, options.altered), indent=1))


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    try:
        from soleus_report.decode import InputError
        _make(options)
    except ModuleNotFoundError as error:
        name = (error.name or "").split(".")[0]
        if name not in _PACKAGES:
            raise
        print(f"soleus_report: {sys.executable} has no module '{name}': "
              f"apt install {_PACKAGES[name]} and run it with /usr/bin/python3", file=sys.stderr)
        return 3
    except InputError as error:
        print(f"soleus_report: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"soleus_report: {error.filename or options.out or options.folder}: "
              f"{error.strerror}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
