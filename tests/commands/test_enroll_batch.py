from __future__ import annotations

import csv
import io
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from facecli.consent import purposes
from facecli.consent.purpose_files import parse_file
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.enrolment.enrolment import Enroller
from facecli.store import meta
from facecli.workers.local import Pool
from tests.commands import stand_ins
from tests.commands.stand_ins import Keeper
from tests.conftest import READY_ENTRIES, SAMPLE_DATA, Clock, Facecli, Run
from tests.prepared import count, opened, write_manifest
from tests.workers.processes import children_from_now_on

MANIFEST = SAMPLE_DATA / "manifest.csv"
ONE, TWO, THREE = (SAMPLE_DATA / "enrol" / f"A-100{n}.jpg" for n in (1, 2, 3))
FIELDS = [
    "schema", "ref", "purpose", "path", "outcome", "reason", "quality", "template_id",
    "bystanders", "message",
]  # fmt: skip


def batch(facecli: Facecli, manifest: Path, *options: object) -> Run:
    return facecli("enroll", "batch", manifest, "--format", "json", *options)


def outcomes(run: Run) -> list[tuple[str, str, str | None]]:
    return [(record["ref"], record["outcome"], record["reason"]) for record in run.json()]


@pytest.mark.usefixtures("kept_workers")
class TestRows:
    """One row at a time."""

    def test_a_manifest_is_enrolled(self, ready: Facecli) -> None:
        run = batch(ready, MANIFEST)
        assert run.code == 0
        assert [list(record) for record in run.json()] == [FIELDS] * 3
        assert outcomes(run) == [(f"A-100{n}", "enrolled", None) for n in (1, 2, 3)]
        assert run.err == "3 enrolled, 0 not enrolled, 0 skipped, of 3 rows.\n"
        assert count(ready, "subject", "consent", "template", "sample") == [3, 3, 3, 0]

    def test_table_lines_and_cells_tell_the_same(self, ready: Facecli, tmp_path: Path) -> None:
        manifest = write_manifest(tmp_path / "m.csv", [("A-1", "", "gate", "no.jpg", "", "", "1y")])
        table, jsonl, cells = (
            ready("enroll", "batch", manifest, "--format", form)
            for form in ("table", "jsonl", "csv")
        )
        assert (table.code, jsonl.code, cells.code) == (3, 3, 3)
        [record] = map(json.loads, jsonl.out.splitlines())
        [row] = csv.DictReader(io.StringIO(cells.out))
        assert list(record) == FIELDS
        assert row == {name: "" if record[name] is None else record[name] for name in FIELDS[1:]}
        assert table.out.splitlines()[1].split()[3:] == ["failed", "unreadable-image"]

    def test_bad_rows_cost_themselves(self, ready: Facecli, tmp_path: Path) -> None:
        form, other = (SAMPLE_DATA / "consents" / f"A-100{n}.txt" for n in (1, 3))
        run = batch(ready, write_manifest(tmp_path / "m.csv", [
            ("A-1", "", "gate", ONE, form, "", "1y"),
            ("B-1", "", "spa", TWO, form, "", "1y"),
            ("B-2", "", "gate", TWO, form, "", "someday"),
            ("B-3", "", "gate", TWO, form, "2026-13-01", "1y"),
            ("B-4", "", "gate", TWO, form, "", ""),
            ("B-5", "", "gate", TWO, "none.pdf", "", "1y"),
            ("B-6", "", "gate", "../none.jpg", "", "", "1y"),
            ("B-7", "", "gate", TWO),
            ("B-8", "", "gate", TWO, "", "", ""),
            ("B-9", "", "gate", tmp_path, "", "", "1y"),
            ("B-10", "", "gate", TWO, form, "", "1y"),
            ("\u202eB", "", "gate", TWO, form, "", "1y"),
            ("A-3", "", "gate", THREE, other, "", "1y"),
        ]))  # fmt: skip
        assert run.code == 3
        assert outcomes(run) == [
            ("A-1", "enrolled", None),
            ("B-1", "refused", "unknown"),
            ("B-2", "refused", "bad-input"),
            ("B-3", "refused", "bad-input"),
            ("B-4", "failed", "bad-row"),
            ("B-5", "failed", "bad-input"),
            ("B-6", "failed", "unreadable-image"),
            ("B-7", "failed", "bad-row"),
            ("B-8", "refused", "no-consent"),
            ("B-9", "failed", "unreadable-image"),
            ("B-10", "refused", "form-already-used"),
            ("\u202eB", "refused", "bad-text"),
            ("A-3", "enrolled", None),
        ]
        assert run.err.splitlines()[-1] == "2 enrolled, 11 not enrolled, 0 skipped, of 13 rows."
        assert len(run.err.splitlines()) == 12
        assert "\u202e" not in run.err
        assert count(ready, "subject", "consent", "template") == [2, 2, 2]

    def test_order_is_the_manifest_s_whoever_is_quicker(
        self, ready: Facecli, tmp_path: Path
    ) -> None:
        rows = [(f"A-{n}", "", "gate", (ONE, TWO, THREE)[n % 3], "", "", "1y") for n in range(9)]
        run = batch(ready, write_manifest(tmp_path / "m.csv", rows), "--workers", "2")
        assert [ref for ref, *_ in outcomes(run)] == [f"A-{n}" for n in range(9)]
        assert [reason for *_, reason in outcomes(run)] == [None] * 3 + ["duplicate-identity"] * 6

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("ref,name,purpose,image\nA-1,,gate,a.jpg\n", "the column `evidence` is missing"),
            ("", "the column `ref` is missing"),
        ],
    )
    def test_a_manifest_that_is_none_changes_nothing(
        self, ready: Facecli, tmp_path: Path, text: str, why: str
    ) -> None:
        (tmp_path / "m.csv").write_text(text)
        before = count(ready, "audit_entry")
        run = batch(ready, tmp_path / "m.csv")
        assert (run.code, run.out) == (1, "")
        assert why in run.err
        assert len(run.err.splitlines()) == 1
        assert count(ready, "audit_entry") == before

    def test_a_manifest_without_rows_is_done(self, ready: Facecli, tmp_path: Path) -> None:
        run = batch(ready, write_manifest(tmp_path / "m.csv", []))
        assert (run.code, run.out) == (0, "[]\n")

    def test_resuming_does_what_is_left(self, ready: Facecli, tmp_path: Path) -> None:
        rows = [(f"A-{n}", "", "gate", image, "", "", "1y") for n, image in enumerate((ONE, TWO))]
        batch(ready, write_manifest(tmp_path / "m.csv", rows[:1]))
        manifest = write_manifest(tmp_path / "m.csv", rows)
        again = batch(ready, manifest)
        assert outcomes(again)[0] == ("A-0", "refused", "already-enrolled")
        run = batch(ready, manifest, "--resume")
        assert (run.code, run.out) == (0, "[]\n")
        assert run.err == "0 enrolled, 0 not enrolled, 2 skipped, of 2 rows.\n"

    def test_resuming_does_not_pass_over_a_consent_that_no_longer_counts(
        self, ready: Facecli, purposes_file: Callable[..., Path]
    ) -> None:
        batch(ready, MANIFEST)
        ready("purpose", "apply", purposes_file(scope='"Everywhere"'))
        run = batch(ready, MANIFEST, "--resume")
        assert run.code == 3
        assert {reason for *_, reason in outcomes(run)} == {"form-already-used"}

    def test_evidence_and_photos_are_kept_when_asked(
        self, facecli: Facecli, purposes_file: Callable[..., Path]
    ) -> None:
        facecli("init")
        facecli("purpose", "apply", purposes_file(retain_photo='"30d"'))
        assert batch(facecli, MANIFEST, "--keep-evidence", "--keep-photo").code == 0
        with opened(facecli) as found:
            kept = {row[0] for row in found.db.rows("SELECT evidence FROM consent")}
        assert kept == {path.read_bytes() for path in (SAMPLE_DATA / "consents").glob("A-*.txt")}
        assert count(facecli, "sample") == [3]

    @pytest.mark.rule("consent-before-enrolment")
    def test_images_of_refused_rows_are_not_opened(
        self, ready: Facecli, tmp_path: Path, kept_workers: Keeper
    ) -> None:
        os.mkfifo(tmp_path / "fifo.jpg")
        rows = [(f"A-{n}", "", "gate", "fifo.jpg", "", "", "") for n in range(200)]
        run = batch(ready, write_manifest(tmp_path / "m.csv", rows), "--resume")
        assert {reason for *_, reason in outcomes(run)} == {"no-consent"}
        assert kept_workers.tasks == []


# -- accidents ----------------------------------------------------------------------------


def test_a_worker_that_is_killed_costs_one_row(
    ready: Facecli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_analysis, "load_analysis_worker", stand_ins.deadly)
    names = [ONE, "deadly.jpg", TWO, THREE]
    rows = [(f"A-{n}", "", "gate", name, "", "", "1y") for n, name in enumerate(names)]
    run = batch(ready, write_manifest(tmp_path / "m.csv", rows))
    assert run.code == 3
    assert outcomes(run) == [
        ("A-0", "enrolled", None), ("A-1", "failed", "worker-crashed"), ("A-2", "enrolled", None),
        ("A-3", "enrolled", None),
    ]  # fmt: skip
    assert count(ready, "subject", "template") == [3, 3]


class Batch:
    """`enroll batch` over many rows in a process of its own, watched."""

    def __init__(self, facecli: Facecli, folder: Path, **options: Any) -> None:
        with Image.open(TWO) as image:
            image.thumbnail((300, 300))
            image.save(folder / "face.jpg")
        rows = [(f"A-{n:03}", "", "gate", "face.jpg", "", "", "1y") for n in range(600)]
        manifest = write_manifest(folder / "m.csv", rows)
        self._facecli = facecli
        self.process = subprocess.Popen(
            [sys.executable, "-m", "facecli", *facecli.globals, "enroll", "batch", str(manifest),
             "--allow-duplicate", "--format", "jsonl"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
        )  # fmt: skip
        self.reported: list[str] = []

    def await_rows(self, number: int) -> None:
        """Wait until `number` rows are reported."""
        for _ in range(number):
            self._hear(self.process.stdout.readline())

    @contextmanager
    def its_workers_end(self) -> Iterator[None]:
        """Afterwards no worker of this process is left."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        assert children
        with ExitStack() as stack:
            handles = [os.pidfd_open(int(child)) for child in children]
            for handle in handles:
                stack.callback(os.close, handle)
            yield
            for handle in handles:  # readable once its process has ended
                assert select.select([handle], [], [], 30)[0]

    def end(self) -> str:
        """Wait for its end; what it said on stderr."""
        out, err = self.process.communicate(timeout=60)
        for line in out.splitlines():
            self._hear(line)
        return err

    def _hear(self, line: str) -> None:
        record = json.loads(line)
        assert record["outcome"] == "enrolled"
        self.reported.append(record["ref"])

    def check(self) -> None:
        """All reported rows are stored, and at most the rows about to be reported besides."""
        with opened(self._facecli) as found:
            stored = [row[0] for row in found.db.rows("SELECT ref FROM subject ORDER BY id")]
            assert found.db.value("PRAGMA integrity_check") == "ok"
        assert stored[: len(self.reported)] == self.reported
        assert len(stored) <= len(self.reported) + 1
        assert count(self._facecli, "consent", "template") == [len(stored)] * 2
        entries = count(self._facecli, "audit_entry")
        assert entries == [READY_ENTRIES + 1 + 3 * len(stored)]  # enroll.batch; then of each


def test_ctrl_c_leaves_what_was_reported_and_no_process(ready: Facecli, tmp_path: Path) -> None:
    running = Batch(ready, tmp_path)
    running.await_rows(3)
    with running.its_workers_end():
        running.process.send_signal(signal.SIGINT)
        err = running.end()
    assert running.process.returncode == 130
    assert "Interrupted." in err
    assert 3 <= len(running.reported) < 600
    running.check()


def test_a_parent_that_is_killed_leaves_whole_rows_and_no_process(
    ready: Facecli, tmp_path: Path
) -> None:
    running = Batch(ready, tmp_path)
    running.await_rows(3)
    with running.its_workers_end():
        running.process.kill()
        running.end()
    running.check()


def test_a_disk_that_fills_ends_the_batch_with_what_was_reported(
    ready: Facecli, tmp_path: Path
) -> None:
    limit = ready.db.stat().st_size + 6 * 16384

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    running = Batch(ready, tmp_path, preexec_fn=fill)
    err = running.end()
    assert running.process.returncode == 74
    assert "could not be read or written" in err
    assert "Traceback" not in err
    assert 3 <= len(running.reported) < 600
    running.check()


def test_the_pool_of_a_command_is_closed_with_it(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = children_from_now_on()
    pools: list[Any] = []  # keeps the pool alive: one that is forgotten ends its processes too

    class Kept(Pool[Any, Any]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            pools.append(self)

    monkeypatch.setattr("facecli.cli.analysers.Pool", Kept)
    assert batch(ready, MANIFEST).code == 0
    assert len(pools) == 1
    assert started() == set()


@pytest.mark.rule("one-form-one-consent")
@pytest.mark.usefixtures("kept_workers")
def test_an_old_manifest_does_not_bring_back_who_had_another_ref_and_withdrew(
    enrolled: Facecli,
) -> None:
    """A form goes with the person, not with the REF that an old manifest has for them."""
    assert enrolled("subject", "correct", "A-1003", "--new-ref", "B-1003").code == 0
    options = ("--allow-duplicate",)
    expected = ("A-1003", "refused", "form-already-used")
    assert outcomes(batch(enrolled, MANIFEST, *options))[2] == expected
    assert enrolled("revoke", "B-1003", "--yes").code == 0
    assert outcomes(batch(enrolled, MANIFEST))[2] == expected
    assert count(enrolled, "subject", "consent", "template") == [2, 2, 2]


@pytest.mark.usefixtures("kept_workers")
def test_a_row_states_its_exceptions(ready: Facecli, tmp_path: Path) -> None:
    rows = [
        ("A-1", ONE, "", "", ""),
        ("A-1", TWO, "", "", ""),
        ("A-1", TWO, "", "", "after an operation"),
        ("B-1", ONE, "", "", ""),
        ("B-1", ONE, "", "yes", ""),
        ("a-1", THREE, "", "", ""),
        ("A-1\ufe0f", THREE, "", "", ""),
        ("A-1\ufe0f", THREE, "yes", "", ""),
    ]
    manifest = write_manifest(
        tmp_path / "m.csv", [(ref, "", "gate", image, "", "", "1y") for ref, image, *_ in rows]
    )
    header, *lines = manifest.read_text(encoding="utf-8").splitlines()
    cells = (",".join(stated) for _, _, *stated in rows)
    lines = [f"{line},{more}" for line, more in zip(lines, cells, strict=True)]
    header += ",distinct,allow_duplicate,allow_other_face"
    manifest.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    run = batch(ready, manifest)
    assert [reason for *_, reason in outcomes(run)] == [
        None, "other-face", None, "duplicate-identity", None, "confusable", "bad-text", None,
    ]  # fmt: skip
    messages = [record["message"] for record in run.json()]
    assert "faces list A-1" in messages[1]
    assert "under the REF A-1" in messages[3]
    assert "can be confused with A-1" in messages[5]


# -- forms, dates and notices ---------------------------------------------------------------


def dated(folder: Path, clock: Clock, refs: str = "A-1 A-2 A-3", image: Path = ONE) -> Path:
    """A manifest without forms: people who agreed on the day that it is."""
    lines = ["ref,name,purpose,image,evidence,given,expires"]
    for ref, capture in zip(refs.split(), (image, TWO, THREE), strict=False):
        lines.append(f"{ref},,gate,{capture},,{clock():%Y-%m-%d},1y")
    path = folder / "dated.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def at_noon(ready: Facecli, clock: Clock) -> Facecli:
    """facecli at noon of a day of which only a minute is needed."""
    clock.moment = clock.moment.replace(hour=12) + timedelta(days=1)
    with opened(ready) as found:
        meta.put(found.db, "timezone", "UTC")
    return ready


@pytest.mark.usefixtures("kept_workers")
class TestFormsAndDates:
    """What a row without a form states, and when."""

    @pytest.mark.rule("notice-shown")
    def test_rows_without_a_form_need_a_notice_that_was_shown(
        self, at_noon: Facecli, clock: Clock, tmp_path: Path
    ) -> None:
        manifest = dated(tmp_path, clock)
        bare = at_noon.bare(*at_noon.globals, "enroll", "batch", manifest, "--format", "json")
        assert bare.code == 3
        assert {reason for *_, reason in outcomes(bare)} == {"notice-not-shown"}
        assert batch(at_noon, manifest, "--notice-shown").code == 0
        signed = at_noon.bare(*at_noon.globals, "enroll", "batch", MANIFEST, "--format", "json")
        assert {reason for *_, reason in outcomes(signed)} == {"duplicate-identity"}

    @pytest.mark.rule("notice-shown")
    def test_rows_state_the_language_of_their_notice(
        self, at_noon: Facecli, clock: Clock, tmp_path: Path
    ) -> None:
        manifest = dated(tmp_path, clock)
        header, *rows = manifest.read_text().splitlines()
        cells = zip(rows, ("en", "", "fr"), strict=True)
        lines = [f"{header},notice_lang", *(f"{row},{language}" for row, language in cells)]
        manifest.write_text("\n".join(lines) + "\n")
        done = batch(at_noon, manifest, "--notice-shown", "--notice-lang", "zh")
        assert outcomes(done)[2] == ("A-3", "refused", "no-such-notice")
        recorded = at_noon("consent", "list", "--format", "json").json()
        shown = [(consent["ref"], consent["notice_lang"]) for consent in recorded]
        assert shown == [("A-1", "en"), ("A-2", "zh")]

    @pytest.mark.rule("one-form-one-consent")
    def test_an_old_manifest_without_forms_brings_nobody_back(
        self, at_noon: Facecli, clock: Clock, tmp_path: Path
    ) -> None:
        manifest = dated(tmp_path, clock)
        assert batch(at_noon, manifest).code == 0
        assert at_noon("revoke", "A-2", "--yes").code == 0
        expected = [("A-1", "refused", "already-enrolled"), ("A-2", "refused", "no-consent"),
                    ("A-3", "refused", "already-enrolled")]  # fmt: skip
        assert outcomes(batch(at_noon, manifest)) == expected  # the same day
        assert outcomes(batch(at_noon, manifest, "--resume")) == expected[1:2]
        clock.advance(days=1)
        assert outcomes(batch(at_noon, manifest)) == expected
        assert outcomes(batch(at_noon, manifest, "--resume")) == expected[1:2]
        again = dated(tmp_path, clock, "A-2", TWO)
        assert outcomes(batch(at_noon, again)) == [("A-2", "enrolled", None)]

    def test_resuming_keeps_the_day_of_the_first_start(
        self, at_noon: Facecli, clock: Clock, tmp_path: Path
    ) -> None:
        late = tmp_path / "late.jpg"
        manifest = dated(tmp_path, clock, image=late)
        assert batch(at_noon, manifest).code == 3
        shutil.copy(ONE, late)
        clock.advance(days=3)
        new = batch(at_noon, manifest, "--resume")
        assert outcomes(new) == [("A-1", "enrolled", None)]
        assert count(at_noon, "unfinished_batch") == [0]
        clock.advance(days=1)
        assert at_noon("revoke", "A-1", "--yes").code == 0
        gone = batch(at_noon, manifest, "--resume")
        assert outcomes(gone) == [("A-1", "refused", "no-consent")]

    def test_a_batch_begun_anew_counts_only_today(
        self, at_noon: Facecli, clock: Clock, tmp_path: Path
    ) -> None:
        manifest = dated(tmp_path, clock, image=tmp_path / "none.jpg")
        assert batch(at_noon, manifest).code == 3
        clock.advance(days=1)
        run = batch(at_noon, manifest)
        assert outcomes(run)[0] == ("A-1", "refused", "no-consent")
        assert "counts only on that day" in run.err

    @pytest.mark.rule("notice-shown")
    def test_rows_agree_to_the_purposes_of_the_first_start(
        self, at_noon: Facecli, clock: Clock, tmp_path: Path, purposes_file: Callable[..., Path]
    ) -> None:
        form = SAMPLE_DATA / "consents" / "A-1001.txt"
        rows = [("A-1", "", "gate", "late.jpg", form, "", "1y"), ("A-2", "", "gate", TWO, "", "",
                "1y")]  # fmt: skip
        manifest = write_manifest(tmp_path / "m.csv", rows)
        assert batch(at_noon, manifest).code == 3
        shutil.copy(ONE, tmp_path / "late.jpg")
        clock.advance(days=1)
        assert at_noon("purpose", "apply", purposes_file(scope='"Everywhere"')).code == 0
        run = batch(at_noon, manifest, "--resume")
        assert outcomes(run)[0] == ("A-1", "refused", "consent-other-version")
        assert count(at_noon, "consent") == [1]
        assert outcomes(batch(at_noon, manifest))[0] == ("A-1", "enrolled", None)  # begun anew

    @pytest.mark.rule("notice-shown")
    def test_a_notice_changed_in_the_middle_turns_no_row_into_a_consent_to_it(
        self,
        at_noon: Facecli,
        tmp_path: Path,
        purposes_file: Callable[..., Path],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        changed = parse_file(purposes_file(scope='"Everywhere"'))
        real = Enroller.enrol

        def then_change(self: Enroller, *arguments: Any) -> Any:
            outcome = real(self, *arguments)
            with self._begin() as act:
                act.record("test")
                purposes.apply(act, changed)
            return outcome

        monkeypatch.setattr(Enroller, "enrol", then_change)
        run = batch(at_noon, MANIFEST, "--workers", "1")
        assert outcomes(run)[0] == ("A-1001", "enrolled", None)
        assert {reason for *_, reason in outcomes(run)[1:]} == {"consent-other-version"}
        assert count(at_noon, "consent") == [1]

    @pytest.mark.rule("guardian")
    def test_a_minor_s_row_names_the_guardian(
        self, at_noon: Facecli, clock: Clock, tmp_path: Path
    ) -> None:
        for ref in ("A-1", "A-2"):
            at_noon("subject", "add", ref, "--minor", "--guardian", "Ana")
        head, one, two, _ = dated(tmp_path, clock).read_text().splitlines()
        manifest = tmp_path / "guarded.csv"
        manifest.write_text(f"{head},guardian\n{one},\n{two},Ana\n")
        assert outcomes(batch(at_noon, manifest)) == [
            ("A-1", "refused", "no-guardian"), ("A-2", "enrolled", None),
        ]  # fmt: skip

    @pytest.mark.rule("guardian")
    def test_who_comes_with_a_guardian_is_a_minor_for_every_later_purpose(
        self, at_noon: Facecli, clock: Clock, tmp_path: Path
    ) -> None:
        head, one, *_ = dated(tmp_path, clock).read_text().splitlines()
        manifest = tmp_path / "guarded.csv"
        manifest.write_text(f"{head},guardian\n{one},Ana\n")
        assert outcomes(batch(at_noon, manifest)) == [("A-1", "enrolled", None)]
        shown = at_noon("subject", "show", "A-1", "--format", "json").json()
        assert (shown["minor"], shown["guardian"]) == (True, "Ana")
        later = ("consent", "record", "A-1", "--purpose", "attendance", "--expires", "1y")
        assert at_noon(*later, "--notice-shown").code == 20

    def test_a_shared_form_says_why(self, at_noon: Facecli, tmp_path: Path) -> None:
        form = SAMPLE_DATA / "consents" / "A-1001.txt"
        manifest = tmp_path / "shared.csv"
        manifest.write_text(
            "ref,name,purpose,image,evidence,given,expires,shared_form\n"
            f"A-1,,gate,{ONE},{form},,1y,\n"
            f"A-2,,gate,{TWO},{form},,1y,\n"
            f"A-3,,gate,{THREE},{form},,1y,one sheet for the family\n"
        )
        assert [reason for *_, reason in outcomes(batch(at_noon, manifest))] == [
            None, "form-already-used", None,
        ]  # fmt: skip


@pytest.mark.rule("free-choice")
def test_a_batch_whose_people_were_offered_the_alternative_is_counted(
    ready: Any, sample_data: Path
) -> None:
    manifest = sample_data / "manifest.csv"
    assert ready("enroll", "batch", manifest, "--offered-alternative").code == 0
    counted = ready("status", "--format", "json").json()["alternatives"]
    assert counted["gate"] == {"offered": 3, "taken": 0, "changed": 0}
    photo = sample_data / "enrol" / "A-1001.jpg"
    alone = ("enroll", "file", "A-1001", photo, "--purpose", "gate", "--offered-alternative")
    refused = ready(*alone)  # there is no consent that it could be an offer before
    assert (refused.code, "needs --expires" in refused.err) == (2, True)
