"""report: makes report.html of a run folder.

Exit codes: 0 written; 2 usage or unreadable input; 3 the page could not be made or written.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_PACKAGES = {name: f"python3-{name}" for name in ("h5py", "jinja2", "matplotlib", "numpy")}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="soleus_report", description="Makes one self-contained HTML page of a run folder.")
    parser.add_argument("folder", type=Path, metavar="RUNFOLDER",
                        help="holds record.json and captures/")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: RUNFOLDER/report.html")
    parser.add_argument("--altered", action="append", default=[], metavar="TEXT",
                        help="what is no longer as the run left it; the page says so")
    options = parser.parse_args(arguments)
    try:
        from soleus_report.decode import InputError
        from soleus_report.page import render, write
        from soleus_report.record import load_record
    except ModuleNotFoundError as error:
        name = (error.name or "").split(".")[0]
        if name not in _PACKAGES:
            raise
        print(f"soleus_report: {sys.executable} has no module '{name}': "
              f"apt install {_PACKAGES[name]} and run it with /usr/bin/python3", file=sys.stderr)
        return 3
    out: Path = options.out or options.folder / "report.html"
    try:
        write(render(options.folder, load_record(options.folder), options.altered), out)
    except InputError as error:
        print(f"soleus_report: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"soleus_report: {error.filename or out}: {error.strerror}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
