"""The page as a reader meets it: made from a drawn run folder, then taken apart again."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path

import make_sample

from soleus_report.__main__ import main

_VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """Checks that elements nest, and collects what the tests ask for."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.tags: list[str] = []
        self.counts: dict[str, int] = {}
        self._counting = ""
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = {k: v or "" for k, v in attrs}
        assert len(values) == len(attrs), f"<{tag}>: an attribute stands twice: {attrs}"
        if tag not in _VOID:
            self.open.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a":
            self.links.append(values["href"])
        self.loaded += [v for k, v in values.items() if k in ("src", "srcset", "data", "action")]
        if tag in ("link", "use", "image"):
            self.loaded += [v for k, v in values.items() if k.endswith("href")]
        self.loaded += re.findall(r"url\(([^)]*)\)", " ".join(values.values()))
        self._counting = values.get("data-count", "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()
        self._counting = ""

    def handle_data(self, data: str) -> None:
        if self._counting:
            self.counts[self._counting] = int(data)
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and what was said on stderr."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = main(list(arguments))
    return code, said.getvalue()


def page_of(folder: Path) -> str:
    code, said = run(str(folder))
    assert code == 0, said
    return (folder / "report.html").read_text(encoding="utf-8")


class SamplePage(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        held = tempfile.TemporaryDirectory()
        cls.addClassCleanup(held.cleanup)
        cls.folder = Path(held.name) / "run"
        cls.record = make_sample.make(cls.folder)
        cls.source = page_of(cls.folder)
        cls.page = Page(cls.source)

    def assert_says(self, words: str) -> None:
        self.assertTrue(words in self.page.text, f"the page does not say: {words}")

    def test_needs_nothing_from_elsewhere(self) -> None:
        self.assertEqual([link for link in self.page.links if not link.startswith("#")], [])
        self.assertEqual([u for u in self.page.loaded if not u.startswith("#")], [])
        self.assertNotIn("script", self.page.tags)
        self.assertNotRegex(self.source, r"@import|@font-face")
        self.assertEqual(set(re.findall(r"https?://[^\s\"'<]*", self.source)),
                         {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"})

    def test_every_link_leads_somewhere_and_no_id_stands_twice(self) -> None:
        self.assertEqual(len(self.page.ids), len(set(self.page.ids)))
        inside = {f"#{i}" for i in self.page.ids}
        self.assertLessEqual(set(self.page.links), inside)
        self.assertLessEqual({u for u in self.page.loaded}, inside)

    def test_all_verdicts_stand_in_words(self) -> None:
        for verdict in (*make_sample.GRAVITY, "NOT RUN", "NOT COVERED"):
            self.assert_says(verdict)

    def test_counts_add_up_to_what_was_planned(self) -> None:
        counts = dict(self.page.counts)
        self.assertEqual(counts.pop("planned"), 11)
        self.assertEqual(sum(counts.values()), 11)
        self.assertEqual(counts, {"PASS": 5, "FLAKY": 1, "INCONCLUSIVE": 1, "BLOCKED": 1, "FAIL": 2,
                                  "ERROR": 1, "NOT RUN": 0})

    def test_the_verdict_comes_before_all_else(self) -> None:
        order = [self.source.index(f'id="{part}"') for part in
                 ("facts", "failures", "requirements", "cases")]
        self.assertEqual(order, sorted(order))
        self.assertLess(self.source.index("<h1>"), order[0])

    def test_what_the_device_says_stays_text(self) -> None:
        self.assertNotIn("<script", self.source)
        self.assert_says("garbage: <script>alert('x')</script> & ␛[31mred")

    def test_a_failure_explains_itself(self) -> None:
        for words in ("found output.off_latency = 251.00 ms ± 0.42 ms where <= 100 ms was expected",
                      "Counts from the edge of aux, 180 us after the host's instant",
                      "guard band w = U", "p c < 0.01 % (JCGM 106)",
                      "The output shall end within 100 ms of an opened lead.",
                      "found in the named source",
                      "load open: at 0.400000 s", "limit 100 ms", "off 251 ms", "deciding pulse",
                      "./do rig run scenarios/safety/lead_off.yaml --bench fixtures/soleus_e.yaml "
                      "--filter 'id:\"safety/lead_off[amplitude=20 mA,rate=35 Hz]\"' --seed 42",
                      "Passed on attempt 2 only; attempt 1 was FAIL"):
            self.assert_says(words)

    def test_clipped_and_lost_samples_are_told(self) -> None:
        clipped = dict(self.record["cases"][4]["steps"][1]["captures"][0]["clipped"])["current"]
        self.assertGreater(clipped, 0)
        self.assert_says(f"current: {clipped} samples clipped at full scale")
        self.assert_says("40 000 samples missing before 0.232000 s (hatched)")
        self.assert_says("42 of 17 500 measured segments are kept in the file")

    def test_the_text_of_a_case_that_passed_says_why_it_is_not_drawn(self) -> None:
        self.assert_says("of the cases of a scenario that passed, the first is drawn")

    def test_claims_no_compliance(self) -> None:
        self.assert_says("Nothing on this page claims compliance")

    def test_is_the_same_when_made_again(self) -> None:
        self.assertEqual(page_of(self.folder), self.source)

    def test_a_damaged_capture_is_told_and_the_rest_stands(self) -> None:
        with tempfile.TemporaryDirectory() as held:
            copy = Path(held) / "run"
            shutil.copytree(self.folder, copy)
            (copy / "captures/0003-trip.h5").write_bytes(b"\x89HDF\r\n\x1a\n and no more")
            (copy / "captures/0004-fault.h5").unlink()
            swapped = copy / "captures/0005-train.h5"
            swapped.write_bytes(swapped.read_bytes() + b"\0")
            page = Page(page_of(copy))
        self.assertIn("Capture trip: cannot be drawn: 0003-trip.h5:", page.text)
        self.assertIn("cannot be drawn: 0004-fault.h5: the file is not there", page.text)
        self.assertIn("the file is not the one that was recorded: its SHA-256 differs", page.text)
        self.assertIn("found output.off_latency = 251.00 ms", page.text)
        self.assertEqual(page.counts, self.page.counts)


class OtherPages(unittest.TestCase):
    def setUp(self) -> None:
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)

    def test_a_killed_run_says_so_loudly(self) -> None:
        make_sample.make(self.folder, killed=True)
        page = Page(page_of(self.folder))
        self.assertIn("INCOMPLETE. The run was killed or interrupted; 6 of 11 planned cases were "
                      "not run; 1 was cut short", page.text)
        self.assertEqual(page.counts["NOT RUN"], 6)
        self.assertEqual(sum(page.counts.values()), 2 * 11)
        self.assertIn("soak/half_hour", page.text)

    def test_an_empty_record_makes_a_page(self) -> None:
        for record in ({"schema": "soleus-rig record 1"}, make_sample.base_record()):
            make_sample.write(self.folder, record)
            page = Page(page_of(self.folder))
            self.assertIn("Nothing was planned and nothing ran.", page.text)
            self.assertIn("! ERROR", page.text)
            self.assertEqual(sum(page.counts.values()), 0)

    def test_a_requirement_that_no_finding_names_is_not_covered_whatever_passed(self) -> None:
        record = make_sample.base_record()
        step = make_sample.step("1", "expect", "", 0, 1, "PASS")
        record["cases"] = [make_sample.case(0, "a", "", "PASS", [step], verifies=("SRS-050",))]
        make_sample.write(self.folder, record)
        page = Page(page_of(self.folder))
        row = page.text[page.text.index("The device shall identify itself"):]
        self.assertIn("no finding names it", row)
        self.assertIn("NOT COVERED", row[:row.index("SRS-090")])
        known = len(make_sample.REQUIREMENTS)
        self.assertIn(f"{known} of {known} requirements are held by no finding of this run", page.text)

    def test_what_was_altered_stands_at_the_top(self) -> None:
        make_sample.write(self.folder, make_sample.base_record())
        self.assertEqual(run(str(self.folder), "--altered=changed: captures/0001-x.h5"), (0, ""))
        text = Page((self.folder / "report.html").read_text(encoding="utf-8")).text
        self.assertIn("no longer as the run left them: changed: captures/0001-x.h5.", text)
        self.assertLess(text.index("ALTERED."), text.index("Facts"))

    def test_a_file_outside_of_the_run_folder_is_not_opened(self) -> None:
        record = make_sample.base_record()
        refs = [{"name": "x", "file": "../../etc/passwd", "sha256": "", "samples": 1, "segments": 1,
                 "segments_kept": 1, "lost": 0, "clipped": []}]
        step = make_sample.step("1", "capture", "", 0, 1, "FAIL", captures=refs)
        record["cases"] = [make_sample.case(0, "a", "", "FAIL", [step])]
        make_sample.write(self.folder, record)
        self.assertIn("'../../etc/passwd' is not a file of the run folder",
                      Page(page_of(self.folder)).text)

    def test_the_deciding_capture_is_drawn_however_many_there_are(self) -> None:
        folder = make_sample.Folder(self.folder)
        made = make_sample.lead_off(folder, 0, 0.251)
        other = {**made["steps"][2]["captures"][0], "name": "other", "file": "captures/none.h5"}
        made["steps"][2]["captures"] = [other] * 5 + made["steps"][2]["captures"]
        make_sample.write(self.folder, {**make_sample.base_record(), "cases": [made]})
        page = Page(page_of(self.folder))
        self.assertIn("The event, trip", page.text)
        self.assertIn("Around 'load open' at 0.400180 s", page.text)  # where the edge shows it, not the host
        self.assertIn("2 more captures of this case are not drawn", page.text)

    def test_hundreds_of_long_events_leave_the_page_readable(self) -> None:
        made = make_sample.lead_off(make_sample.Folder(self.folder), 0, 0.251)
        made["steps"][2]["disturbances"] = [
            {"what": f"chatter number {k}, a contact that opens and closes again", "asked_ps": at,
             "achieved_ps": at} for k, at in enumerate(range(3 * 10**11, 5 * 10**11, 10**9))]
        make_sample.write(self.folder, {**make_sample.base_record(), "cases": [made]})
        source = page_of(self.folder)
        self.assertIn("and 180 more", Page(source).text)
        heights = [float(h) for h in re.findall(r'viewBox="0 0 [\d.]+ ([\d.]+)"', source)]
        self.assertLess(max(heights), 350)

    def test_unreadable_input_ends_with_two_and_one_line(self) -> None:
        code, said = run(str(self.folder / "nowhere"))
        self.assertEqual(code, 2)
        self.assertRegex(said, r"^soleus_report: .*/nowhere/record\.json: No such file[^\n]*\n$")
        (self.folder / "record.json").write_text("[]")
        self.assertEqual(run(str(self.folder))[0], 2)
        self.assertFalse((self.folder / "report.html").exists())

    def test_a_page_that_cannot_be_written_ends_with_three(self) -> None:
        make_sample.write(self.folder, make_sample.base_record())
        code, said = run(str(self.folder), "--out", str(self.folder / "no/such/page.html"))
        self.assertEqual(code, 3)
        self.assertEqual(said, f"soleus_report: {self.folder}/no/such/page.html: No such file or directory\n")

    def test_a_missing_module_names_the_package(self) -> None:
        make_sample.write(self.folder, make_sample.base_record())
        program = ("import sys; sys.modules['h5py'] = None\n"
                   "from soleus_report.__main__ import main; sys.exit(main(sys.argv[1:]))")
        done = subprocess.run([sys.executable, "-c", program, str(self.folder)], text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("has no module 'h5py': apt install python3-h5py", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
