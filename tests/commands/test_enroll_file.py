from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.commands.stand_ins import Keeper
from tests.conftest import SAMPLE_DATA, Clock, Facecli, Run
from tests.prepared import count, opened

pytestmark = pytest.mark.usefixtures("kept_workers")

ONE, TWO, THREE = (SAMPLE_DATA / "enrol" / f"A-100{n}.jpg" for n in (1, 2, 3))
FORM = SAMPLE_DATA / "consents" / "A-1002.txt"
FIELDS = [
    "schema", "ref", "purpose", "path", "outcome", "reason", "quality", "template_id",
    "bystanders", "message",
]  # fmt: skip
HELD = ("subject", "consent", "template", "sample", "template_shard")


def portrait() -> Image.Image:
    """A photograph that enrols well, small enough to be quick."""
    with Image.open(TWO) as image:
        image.thumbnail((400, 400))
        return image.convert("RGB")


def enrol(facecli: Facecli, image: object, *options: object, ref: str = "A-1002") -> Run:
    return facecli("enroll", "file", ref, image, "--purpose", "gate", "--format", "json", *options)


def consented(facecli: Facecli, image: object, *options: object, ref: str = "A-1002") -> Run:
    return enrol(facecli, image, "--expires", "1y", *options, ref=ref)


def reason(run: Run) -> tuple[int, str, str]:
    [record] = run.json()
    return run.code, record["outcome"], record["reason"]


def last_entry(facecli: Facecli) -> dict:
    return facecli("log", "show", "-n", "1", "--format", "json").json()[-1]


def test_subject_consent_and_template_are_made_together(ready: Facecli) -> None:
    run = enrol(ready, TWO, "--name", "Ana", "--evidence", FORM, "--expires", "1y")
    assert run.code == 0
    [record] = run.json()
    assert list(record) == FIELDS
    assert record | {"quality": 0, "template_id": ""} == {
        "schema": "facecli.enroll/1", "ref": "A-1002", "purpose": "gate", "path": str(TWO),
        "outcome": "enrolled", "reason": None, "quality": 0, "template_id": "", "bystanders": 0,
        "message": None,
    }  # fmt: skip
    assert 0 < record["quality"] <= 100
    assert uuid.UUID(record["template_id"])
    assert count(ready, *HELD) == [1, 1, 1, 0, 1]
    with opened(ready) as found:
        row = found.db.row("SELECT s.name, c.evidence_sha256, c.evidence, t.capture_sha256"
                           " FROM subject s, consent c, template t")  # fmt: skip
        done = [json.loads(r[0])["action"] for r in found.db.rows("SELECT record FROM audit_entry")]
    sha256 = [hashlib.sha256(path.read_bytes()) for path in (FORM, TWO)]
    assert tuple(row) == ("Ana", sha256[0].hexdigest(), None, sha256[1].digest())
    assert done[-3:] == ["subject.add", "consent.record", "enroll"]


def test_the_log_of_an_enrolment_names_nobody(ready: Facecli) -> None:
    consented(ready, TWO, "--name", "Ana")
    with opened(ready) as found:
        records = [row[0] for row in found.db.rows("SELECT record FROM audit_entry")]
    assert not [text for text in records if "A-1002" in text or "Ana" in text]
    entry = last_entry(ready)
    assert (entry["action"], entry["outcome"], entry["purpose"]) == ("enroll", "done", "gate")
    assert entry["details"]["bystanders"] == 0
    assert entry["details"]["photo_kept"] is False


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_the_other_formats_carry_the_same_record(ready: Facecli, form: str) -> None:
    run = ready("enroll", "file", "A-1", TWO, "--purpose", "gate", "--expires", "1y",
                "--format", form, "--wide")  # fmt: skip
    if form == "jsonl":
        [line] = run.out.splitlines()
        assert list(json.loads(line)) == FIELDS
    elif form == "csv":
        [row] = csv.DictReader(io.StringIO(run.out))
        assert list(row) == FIELDS[1:]
        assert (row["ref"], row["outcome"], row["reason"]) == ("A-1", "enrolled", "")
    else:
        head, first = run.out.splitlines()
        assert head.split()[:6] == ["REF", "PURPOSE", "PATH", "OUTCOME", "REASON", "QUALITY"]
        assert first.split()[:4] == ["A-1", "gate", str(TWO), "enrolled"]


# -- consent first ------------------------------------------------------------------------


@pytest.mark.rule("consent-before-enrolment")
def test_without_consent_the_image_is_not_even_opened(
    ready: Facecli, tmp_path: Path, kept_workers: Keeper
) -> None:
    ready("subject", "add", "A-1002")
    os.mkfifo(tmp_path / "fifo.jpg")
    for image in (tmp_path / "fifo.jpg", tmp_path / "nowhere.jpg"):
        run = enrol(ready, image)
        assert reason(run) == (20, "refused", "no-consent")
        assert run.json()[0]["quality"] is None
    assert kept_workers.tasks == []


def test_an_unknown_subject_needs_a_consent(ready: Facecli, tmp_path: Path) -> None:
    run = enrol(ready, tmp_path / "nowhere.jpg")
    assert reason(run) == (20, "refused", "no-consent")
    assert "give --expires" in run.err
    assert count(ready, "subject") == [0]


def test_an_unknown_purpose_is_refused_first(ready: Facecli, tmp_path: Path) -> None:
    run = ready("enroll", "file", "A-1", tmp_path / "no.jpg", "--purpose", "spa", "--expires", "1y")
    assert run.code == 21
    assert "There is no purpose spa" in run.err


@pytest.mark.rule("notice-shown")
def test_without_a_form_the_notice_must_be_shown(ready: Facecli, tmp_path: Path) -> None:
    start = ("enroll", "file", "A-1", tmp_path / "no.jpg")
    command = (*start, "--purpose", "gate", "--format", "json")
    bare = ready.bare(*ready.globals, *command, "--expires", "1y")
    assert reason(bare) == (20, "refused", "notice-not-shown")
    shown = ready.bare(*ready.globals, *command, "--expires", "1y", "--notice-shown")
    assert reason(shown) == (1, "failed", "unreadable-image")
    assert count(ready, "subject", "consent") == [0, 0]


@pytest.mark.rule("notice-shown")
def test_the_language_of_the_notice_is_in_consent_and_log(ready: Facecli, tmp_path: Path) -> None:
    refused = consented(ready, tmp_path / "no.jpg", "--notice-lang", "fr")
    assert reason(refused) == (1, "refused", "no-such-notice")
    assert "the purpose gate has its notice in en, zh" in refused.err
    assert enrol(ready, tmp_path / "no.jpg", "--notice-lang", "zh").code == 2  # no consent stated
    assert count(ready, "subject", "consent") == [0, 0]
    assert consented(ready, ONE, "--notice-lang", "zh").code == 0
    [consent] = ready("consent", "list", "--format", "json").json()
    assert consent["notice_lang"] == "zh"
    entries = ready("log", "show", "--format", "json").json()
    [entry] = [one for one in entries if one["action"] == "consent.record"]
    assert entry["details"]["notice_lang"] == "zh"
    assert entry["details"]["notice_sha256"] == consent["notice_sha256"]


@pytest.mark.rule("one-form-one-consent")
def test_a_form_is_of_one_person_and_covers_all_their_pictures(ready: Facecli) -> None:
    signed = ("--evidence", FORM, "--expires", "1y")
    assert enrol(ready, TWO, *signed).code == 0
    probe = SAMPLE_DATA / "probes" / "gate-2.jpg"
    assert enrol(ready, probe, *signed).code == 0
    other = SAMPLE_DATA / "enrol" / "A-1003.jpg"
    assert reason(enrol(ready, other, *signed, ref="A-1003")) == (
        20, "refused", "form-already-used",
    )  # fmt: skip
    assert ready("revoke", "A-1002", "--yes").code == 0
    for ref in ("A-1002", "A-1003"):
        run = enrol(ready, TWO, *signed, "--shared-form", "a family", ref=ref)
        assert reason(run) == (20, "refused", "form-already-used")
    assert count(ready, "subject", "consent", "template", "spent_form") == [0, 0, 0, 1]


@pytest.mark.rule("consent-before-enrolment")
def test_an_expired_consent_enrols_nobody(ready: Facecli, clock: Clock, tmp_path: Path) -> None:
    ready("subject", "add", "A-1002")
    ready("consent", "record", "A-1002", "--purpose", "gate", "--expires", "30d")
    clock.advance(days=30)
    assert reason(enrol(ready, tmp_path / "no.jpg")) == (20, "refused", "consent-expired")


def test_a_form_that_has_expired_is_no_consent(ready: Facecli, tmp_path: Path) -> None:
    run = enrol(ready, tmp_path / "no.jpg", "--given", "2020-01-01", "--expires", "1y")
    assert reason(run) == (1, "refused", "consent-expired")
    assert count(ready, "subject", "consent") == [0, 0]


@pytest.mark.rule("consent-before-enrolment")
def test_a_withdrawn_consent_enrols_nobody(ready: Facecli, tmp_path: Path) -> None:
    consented(ready, TWO)
    with opened(ready) as found:
        found.db.execute("UPDATE consent SET withdrawn_at = ?", (found.now,))
    assert reason(enrol(ready, tmp_path / "no.jpg")) == (20, "refused", "no-consent")


@pytest.mark.rule("alternative-named")
def test_alternative_only_subjects_are_never_templated(ready: Facecli, tmp_path: Path) -> None:
    ready("subject", "add", "A-1002", "--alternative-only")
    for run in (enrol(ready, tmp_path / "no.jpg"), consented(ready, tmp_path / "no.jpg")):
        assert reason(run) == (20, "refused", "alternative-only")
    assert count(ready, "consent", "template") == [0, 0]


@pytest.mark.rule("restricted-not-matched")
def test_restricted_subjects_are_not_enrolled(ready: Facecli, tmp_path: Path) -> None:
    consented(ready, TWO)
    with opened(ready) as found:
        found.db.execute("UPDATE subject SET state = 'restricted'")
    assert reason(enrol(ready, tmp_path / "no.jpg")) == (20, "refused", "restricted")


def test_a_retired_purpose_enrols_nobody(ready: Facecli, tmp_path: Path) -> None:
    ready("purpose", "retire", "gate", "--yes")
    run = consented(ready, tmp_path / "no.jpg")
    assert reason(run) == (20, "refused", "purpose-retired")


def test_a_photo_is_not_kept_where_the_purpose_keeps_none(ready: Facecli, tmp_path: Path) -> None:
    run = consented(ready, tmp_path / "no.jpg", "--keep-photo")
    assert reason(run) == (1, "refused", "no-photos")
    assert count(ready, *HELD) == [0, 0, 0, 0, 0]


# -- what the capture shows ---------------------------------------------------------------

CAPTURES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "no-face": lambda image: Image.new("RGB", (300, 300), (90, 120, 150)),
    "face-too-small": lambda image: image.resize((image.width // 4, image.height // 4)),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(image.width / 50)),
    "too-dark": lambda image: image.point(lambda value: int(value * 0.15)),
    "too-bright": lambda image: image.point(lambda value: min(255, value + 120)),
}


@pytest.mark.parametrize("code", CAPTURES)
def test_a_refused_capture_leaves_no_subject_and_no_consent(
    ready: Facecli, tmp_path: Path, code: str
) -> None:
    CAPTURES[code](portrait()).save(tmp_path / "capture.png")
    entries = count(ready, "audit_entry")[0]
    run = consented(ready, tmp_path / "capture.png")
    assert reason(run) == (1, "refused", code)
    assert run.json()[0]["quality"] is None  # it is made with the template
    assert run.json()[0]["template_id"] is None
    assert count(ready, *HELD, "audit_entry") == [0, 0, 0, 0, 0, entries + 1]
    entry = last_entry(ready)
    assert (entry["action"], entry["outcome"]) == ("enroll", "refused")
    assert entry["details"]["reason"] == code
    assert entry["subject_id"] is None


def test_several_faces_are_refused_and_counted(ready: Facecli) -> None:
    run = consented(ready, SAMPLE_DATA / "probes" / "group.jpg")
    assert reason(run) == (1, "refused", "several-faces")
    assert run.json()[0]["bystanders"] == 3
    assert count(ready, *HELD) == [0, 0, 0, 0, 0]


def test_a_bystander_is_counted_and_never_templated(ready: Facecli, tmp_path: Path) -> None:
    main, other = portrait(), Image.open(THREE).convert("RGB")
    other.thumbnail((150, 150))
    both = Image.new("RGB", (main.width + other.width, main.height), (90, 90, 90))
    both.paste(main, (0, 0))
    both.paste(other, (main.width, 0))
    both.save(tmp_path / "both.png")
    run = consented(ready, tmp_path / "both.png")
    assert run.code == 0
    assert run.json()[0]["bystanders"] == 1
    with opened(ready) as found:
        [(used, vectors)] = found.db.rows("SELECT used, vectors FROM template_shard"
                                         " JOIN shard_vectors ON shard_id = id")  # fmt: skip
    slots = np.frombuffer(vectors, np.int8).reshape(-1, 129)
    assert (used, np.count_nonzero(slots.any(axis=1))) == (1, 1)
    assert count(ready, "template") == [1]


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has hardly any pixels."""
    out = io.BytesIO()
    Image.new("L", (1, 1)).save(out, "PNG")
    data = bytearray(out.getvalue())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    import zlib

    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("content", "code", "why"),
    [
        (b"", "unreadable-image", "the file is empty"),
        (b"no picture", "unreadable-image", "it is not a JPEG"),
        (TWO.read_bytes()[:50_000], "unreadable-image", "damaged or incomplete"),
        (png_header(30_000, 30_000), "too-many-pixels", "more than the 100,000,000 allowed"),
        (None, "unreadable-image", "there is no such file"),
    ],
    ids=["empty", "text", "truncated", "30,000 x 30,000", "missing"],
)
def test_an_unusable_image_is_one_sentence_and_changes_nothing(
    ready: Facecli, tmp_path: Path, content: bytes | None, code: str, why: str
) -> None:
    path = tmp_path / "capture.jpg"
    if content is not None:
        path.write_bytes(content)
    run = consented(ready, path)
    assert reason(run) == (1, "failed", code)
    message = run.json()[0]["message"]
    assert why in message
    assert message.count(str(path)) == 1
    assert not message.endswith("..")
    assert run.err.splitlines() == [f"A-1002: {message}"]
    assert count(ready, *HELD) == [0, 0, 0, 0, 0]
    assert last_entry(ready)["outcome"] == "failed"


@pytest.mark.parametrize(("turn", "angle"), [(90, 90), (180, 180), (270, 270)])
def test_a_photo_that_is_not_upright_is_refused_with_the_angle(
    ready: Facecli, tmp_path: Path, turn: int, angle: int
) -> None:
    path = tmp_path / "turned.png"
    portrait().rotate(turn, expand=True).save(path)  # counter-clockwise
    run = consented(ready, path)
    assert reason(run) == (1, "refused", "rotated")
    message = run.json()[0]["message"]
    assert (
        "the face is not upright. Turn the picture clockwise until the face is upright" in message
    )
    assert f"by about {angle} degrees." in message
    assert count(ready, *HELD) == [0, 0, 0, 0, 0]


def turned(image: Image.Image, path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be seen turned clockwise by 90 degrees
    image.transpose(Image.Transpose.ROTATE_90).save(path, "JPEG", quality=95, exif=exif)


def animated(image: Image.Image, path: Path) -> None:
    image.save(path, "PNG", save_all=True, append_images=[Image.new("RGB", image.size)])


def sixteen_bits(image: Image.Image, path: Path) -> None:
    gray = np.asarray(image.convert("L")).astype(np.uint16) * 257
    Image.fromarray(gray).save(path, "PNG")


ODD: dict[str, Callable[[Image.Image, Path], None]] = {
    "turned by EXIF": turned,
    "16 bits": sixteen_bits,
    "CMYK": lambda image, path: image.convert("CMYK").save(path, "JPEG", quality=95),
    "palette": lambda image, path: image.quantize(256).save(path, "PNG"),
    "animated": animated,
}


def test_odd_images_of_a_face_are_that_face(ready: Facecli, tmp_path: Path) -> None:
    plain = portrait()
    plain.save(tmp_path / "plain.png")
    assert consented(ready, tmp_path / "plain.png").code == 0
    for number, (name, write) in enumerate(ODD.items()):
        path = tmp_path / f"odd-{number}.jpg"  # whatever they are, their name is no matter
        write(plain, path)
        run = ready("verify", "A-1002", path, "--purpose", "gate", "--format", "json")
        assert run.code == 0, name
        # Of the templates that the default engine makes in gray and in colour: below the 0.9 and
        # more between two people, above what is left where the colours stay. A template with a
        # handicap is 0.3 from itself.
        assert run.json()["distance"] < (0.55 if name == "16 bits" else 0.4), name


# -- who it is already --------------------------------------------------------------------


def test_a_face_under_another_ref_is_refused_unless_allowed(ready: Facecli, tmp_path: Path) -> None:
    consented(ready, TWO)
    portrait().save(tmp_path / "again.png")
    before = count(ready, *HELD)
    run = consented(ready, tmp_path / "again.png", ref="B-1")
    assert reason(run) == (1, "refused", "duplicate-identity")
    assert "under the REF A-1002" in run.err
    assert "--allow-duplicate" in run.err
    assert "A-1002" not in ready("log", "show", "-n", "1", "--format", "json").out
    assert count(ready, *HELD) == before
    rows = ready("match", tmp_path / "again.png", "--purpose", "gate", "--format", "json").json()
    assert [row["ref"] for row in rows] == ["A-1002"]  # `match` says the same
    run = consented(ready, tmp_path / "again.png", "--allow-duplicate", ref="B-1")
    assert run.code == 0
    assert count(ready, "subject", "template") == [2, 2]


def test_where_the_own_ref_is_nearer_a_duplicate_names_the_search_that_prints_both(
    ready: Facecli, tmp_path: Path
) -> None:
    near, far = tmp_path / "near.png", tmp_path / "far.png"
    portrait().rotate(2).save(near)
    portrait().rotate(20).save(far)
    consented(ready, TWO)
    consented(ready, far, "--allow-duplicate", ref="B-1")
    run = enrol(ready, near)
    assert reason(run) == (1, "refused", "duplicate-identity")
    assert "`match --top-k 2` finds its face under the REF B-1." in run.err
    rows = ready("match", near, "--purpose", "gate", "--top-k", "2", "--format", "json").json()
    assert [row["ref"] for row in rows] == ["A-1002", "B-1"]


def test_another_face_than_the_subject_s_is_refused_unless_a_reason_is_stated(
    ready: Facecli,
) -> None:
    consented(ready, TWO)
    other = SAMPLE_DATA / "enrol" / "A-1001.jpg"
    before = count(ready, *HELD)
    run = consented(ready, other)
    assert reason(run) == (1, "refused", "other-face")
    assert "facecli faces list A-1002" in run.err
    assert count(ready, *HELD) == before
    assert consented(ready, other, "--allow-other-face", "").code == 2
    run = consented(ready, other, "--allow-other-face", "Jo after the accident")
    assert run.code == 0
    first, second = ready("faces", "list", "A-1002", "--format", "json").json()
    assert (first["other_face"], second["other_face"]) == (None, "Jo after the accident")
    [entry] = ready("log", "show", "-n", "1", "--action", "enroll", "--format", "json").json()
    assert entry["details"]["other_face"] is True
    assert "accident" not in ready("log", "show", "-n", "99", "--format", "json").out


def test_the_images_of_one_command_show_one_face(ready: Facecli) -> None:
    images = (TWO, SAMPLE_DATA / "enrol" / "A-1001.jpg", SAMPLE_DATA / "probes" / "gate-2.jpg")
    run = ready("enroll", "file", "A-1002", *images, "--purpose", "gate", "--expires", "1y",
                "--format", "json")  # fmt: skip
    assert run.code == 3
    assert [record["reason"] for record in run.json()] == [None, "other-face", None]


def test_a_wrong_picture_is_replaced_with_a_reason(ready: Facecli) -> None:
    wrong = SAMPLE_DATA / "enrol" / "A-1001.jpg"
    consented(ready, wrong)
    assert reason(consented(ready, TWO, "--replace")) == (1, "refused", "other-face")
    assert consented(ready, TWO, "--replace", "--allow-other-face", "mixed up").code == 0
    assert count(ready, "template") == [1]


def test_a_ref_that_looks_like_another_is_refused_unless_distinct(
    ready: Facecli, tmp_path: Path
) -> None:
    consented(ready, TWO)
    ref = "\u0410-1002"  # a Cyrillic letter
    run = consented(ready, tmp_path / "not-opened.jpg", ref=ref)
    assert reason(run) == (1, "refused", "confusable")
    assert "(with U+0410) can be confused with A-1002" in run.err
    other = SAMPLE_DATA / "enrol" / "A-1001.jpg"
    assert consented(ready, other, "--distinct", ref=ref).code == 0
    assert consented(ready, SAMPLE_DATA / "probes" / "gate-1.jpg", ref=ref).code == 0  # known now


def test_the_same_capture_is_enrolled_once(ready: Facecli, tmp_path: Path) -> None:
    consented(ready, TWO)
    with Image.open(TWO) as image:
        image.save(tmp_path / "same.png")  # other bytes, the same pixels
    for path in (TWO, tmp_path / "same.png"):
        assert reason(consented(ready, path)) == (1, "refused", "already-enrolled")
    assert count(ready, "template", "consent") == [1, 1]


def test_several_images_of_one_subject_share_a_consent(ready: Facecli) -> None:
    run = ready("enroll", "file", "A-1002", TWO, SAMPLE_DATA / "probes" / "gate-2.jpg",
                "--purpose", "gate", "--expires", "1y")  # fmt: skip
    assert run.code == 0
    assert count(ready, "subject", "consent", "template") == [1, 1, 2]


def test_one_bad_image_of_several_is_a_partial_failure(ready: Facecli, tmp_path: Path) -> None:
    run = ready("enroll", "file", "A-1002", tmp_path / "no.jpg", TWO, "--purpose", "gate",
                "--expires", "1y", "--format", "json")  # fmt: skip
    assert run.code == 3
    assert [record["outcome"] for record in run.json()] == ["failed", "enrolled"]


def test_a_subject_keeps_its_name(ready: Facecli, tmp_path: Path) -> None:
    consented(ready, TWO, "--name", "Ana")
    run = consented(ready, tmp_path / "no.jpg", "--name", "Bea")
    assert reason(run) == (1, "refused", "other-name")


# -- photos -------------------------------------------------------------------------------


def test_a_kept_photo_has_no_metadata(
    facecli: Facecli, purposes_file: Callable[..., Path], tmp_path: Path
) -> None:
    facecli("init")
    facecli("purpose", "apply", purposes_file(retain_photo='"30d"'))
    exif = Image.Exif()
    exif[0x010E] = "taken at the secret place"
    portrait().save(tmp_path / "with.jpg", "JPEG", exif=exif, comment=b"secret comment")
    assert consented(facecli, tmp_path / "with.jpg", "--keep-photo").code == 0
    with opened(facecli) as found:
        [(photo,)] = found.db.rows(
            "SELECT s.photo FROM sample s JOIN template t ON t.sample_id = s.id"
        )
    assert b"secret" not in photo
    with Image.open(io.BytesIO(photo)) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
        kept = np.asarray(image, int)
    assert np.abs(kept - np.asarray(portrait(), int)).mean() < 5
    assert last_entry(facecli)["details"]["photo_kept"] is True


def test_no_photo_is_kept_unasked(facecli: Facecli, purposes_file: Callable[..., Path]) -> None:
    facecli("init")
    facecli("purpose", "apply", purposes_file(retain_photo='"30d"'))
    assert consented(facecli, TWO).code == 0
    assert count(facecli, "sample") == [0]


# -- a revised purpose --------------------------------------------------------------------


@pytest.mark.rule("consent-version")
def test_a_new_version_needs_a_new_form(ready: Facecli, purposes_file: Callable[..., Path]) -> None:
    enrol(ready, TWO, "--evidence", FORM, "--expires", "1y")
    ready("purpose", "apply", purposes_file(scope='"All gates and the car park"'))
    assert reason(enrol(ready, TWO)) == (20, "refused", "consent-other-version")
    again = enrol(ready, TWO, "--evidence", FORM, "--expires", "1y")
    assert reason(again) == (20, "refused", "form-already-used")
    other = SAMPLE_DATA / "consents" / "A-1003.txt"
    assert enrol(ready, TWO, "--evidence", other, "--expires", "1y").code == 0
    assert count(ready, "consent", "template") == [2, 2]


@pytest.mark.rule("agree-again")
@pytest.mark.rule("consent-version")
def test_a_gate_that_turns_from_fingers_to_faces_has_to_ask_again(
    facecli: Facecli, purposes_file: Callable[..., Path]
) -> None:
    """Guo v. Hangzhou Wildlife World."""
    facecli("init")
    facecli("purpose", "apply", purposes_file(method='"fingerprint"'))
    facecli("subject", "add", "A-1002")
    agree = ("consent", "record", "A-1002", "--purpose", "gate", "--expires", "1y")
    assert facecli(*agree, "--evidence", FORM).code == 0
    assert reason(enrol(facecli, TWO)) == (20, "refused", "other-method")
    probe = SAMPLE_DATA / "probes" / "gate-2.jpg"
    assert facecli("match", probe, "--purpose", "gate").code == 20
    assert facecli("verify", "A-1002", probe, "--purpose", "gate").code == 20

    facecli("purpose", "apply", purposes_file(method='"face"'))
    form = ("--evidence", FORM, "--expires", "1y")
    assert reason(enrol(facecli, TWO)) == (20, "refused", "consent-other-version")
    assert reason(enrol(facecli, TWO, *form)) == (20, "refused", "form-already-used")
    assert facecli("verify", "A-1002", probe, "--purpose", "gate").code == 20
    [row] = facecli("match", probe, "--purpose", "gate", "--format", "json").json()
    assert row["decision"] == "no-match"
    assert count(facecli, "template", "template_shard", "match_event") == [0, 0, 0]

    assert facecli(*agree).code == 0  # the person agrees to the new notice
    assert enrol(facecli, TWO).code == 0
    [row] = facecli("match", probe, "--purpose", "gate", "--format", "json").json()
    assert (row["decision"], row["ref"]) == ("match", "A-1002")


# -- usage --------------------------------------------------------------------------------


@pytest.mark.rule("consent-ends")
@pytest.mark.parametrize("option", [("--evidence", FORM), ("--given", "2026-01-01")])
def test_an_agreement_needs_an_end(ready: Facecli, option: tuple[str, object]) -> None:
    run = enrol(ready, TWO, *option)
    assert run.code == 2
    assert "--expires" in run.err


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--expires", "someday"), "no date"),
        (("--expires", "2020-01-01"), "is over"),
        (("--expires", "9y"), "later than the purpose allows"),
        (("--expires", "1y", "--given", "2999-01-01"), "in the future"),
    ],
)
def test_dates_that_cannot_be(
    ready: Facecli, tmp_path: Path, options: tuple[str, ...], why: str
) -> None:
    run = enrol(ready, tmp_path / "no.jpg", *options)
    assert run.code == (2 if why == "no date" else 1)
    assert why in run.err
    assert count(ready, "subject", "consent") == [0, 0]


@pytest.mark.parametrize(
    "ref", ["A\nB", "A\x1b[2J", "A\u202e1", "A" * 10_240, os.fsdecode(b"A\xff"), " A"]
)
def test_a_ref_that_could_mislead_is_refused(ready: Facecli, tmp_path: Path, ref: str) -> None:
    run = consented(ready, tmp_path / "no.jpg", ref=ref)
    assert run.code == 2
    assert len(run.err.splitlines()) == 1
    assert "\x1b" not in run.err
    assert "\u202e" not in run.err
    assert count(ready, "subject", "consent") == [0, 0]


def test_evidence_out_of_reach_changes_nothing(ready: Facecli, tmp_path: Path) -> None:
    run = enrol(ready, TWO, "--evidence", tmp_path / "none.pdf", "--expires", "1y")
    assert run.code == 1
    assert "there is no such file" in run.err
    assert count(ready, "subject") == [0]


def test_the_british_spelling_is_understood(ready: Facecli, tmp_path: Path) -> None:
    assert ready("enrol", "file", "A-1", tmp_path / "no.jpg", "--purpose", "gate").code == 20


@pytest.mark.rule("readable-papers")
def test_who_is_refused_gets_the_reason_in_a_letter(
    ready: Facecli, sample_data: Path, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    image = sample_data / "enrol" / "A-1001.jpg"
    refused = ready(
        *("enroll", "file", "A-1", image, "--purpose", "gate", "--letter", letter, "--lang", "zh"),
    )
    assert refused.code == 20
    words = letter.read_text(encoding="utf-8")
    assert "您的人脸未被录入" in words
    assert "请阅读告知书" in words
    letter.unlink()
    done = ready(
        *("enroll", "file", "A-1", image, "--purpose", "gate", "--letter", letter),
        *("--expires", "1y", "--notice-shown"),
    )
    assert (done.code, letter.exists()) == (0, False)
