"""The metrics of a status: every count of the record, no person, and Prometheus accepts them."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from facecli.report import metrics
from tests.conftest import SAMPLE_DATA, Clock, Facecli


def samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """The value of each sample, by name and values of its labels (by their names)."""
    return {
        (one.name, tuple(one.labels.values())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def exposed(facecli: Facecli, code: int = 0) -> str:
    done = facecli("status", "--format", "prometheus")
    assert done.code == code, done.err
    return done.out


def test_the_metrics_have_the_counts_and_moments_of_the_record(
    enrolled: Facecli, clock: Clock
) -> None:
    probe = SAMPLE_DATA / "probes/gate-1.jpg"
    assert enrolled("match", probe, "--purpose", "gate").code == 0
    assert enrolled("purge").code == 0
    shown = enrolled("status", "--format", "json").json()
    found = samples(metrics.exposition(shown))
    assert found == samples(exposed(enrolled))
    assert found["facecli_up", ()] == 1
    assert found["facecli_database_bytes", ()] == enrolled.db.stat().st_size
    assert found["facecli_held_items", ("templates",)] == shown["held"]["templates"] == 3
    assert found["facecli_purpose_subjects", ("gate",)] == 3
    assert found["facecli_consents_without_evidence", ()] == 0
    assert found["facecli_due_items", ("in_30_days", "matches")] == 1
    read = found["facecli_status_timestamp_seconds", ()]
    assert 0 <= read - found["facecli_last_timestamp_seconds", ("purge",)] < 60
    assert ("facecli_last_timestamp_seconds", ("backup",)) not in found


def test_no_metric_names_a_person(enrolled: Facecli) -> None:
    text = exposed(enrolled)
    people = enrolled("subject", "list", "--format", "json").json()
    assert people
    for person in people:
        for value in (person["ref"], person["name"]):
            assert value
            assert value not in text


def test_a_database_that_does_not_open_is_down_and_its_size_known(ready: Facecli) -> None:
    done = ready.bare("--no-input", "--db", ready.db, "status", "--format", "prometheus")
    assert done.code == 12
    found = samples(done.out)
    assert found["facecli_up", ()] == 0
    assert found["facecli_key_slots", ()] == 1
    assert not any(name.startswith("facecli_held") for name, _ in found)
    none = ready.bare("--no-input", "--db", ready.folder / "none.db", "status",
                      "--format", "prometheus")  # fmt: skip
    assert none.code == 10
    assert samples(none.out)["facecli_up", ()] == 0


def test_a_hostile_code_is_a_label_like_any_other() -> None:
    shown: dict[str, Any] = {"database": {"bytes": None, "key_slots": None}}
    counts = {"templates": 1, "photos": 0, "matches": 0}
    whole = {
        **shown, "at": "2026-11-23T21:00:00Z",
        "held": {"active": 1, "restricted": 0, "alternative_only": 0, **counts},
        "holds": {"people": 0, "next_end": None}, "due": {}, "last": {},
        "consents": {"without_evidence": 0}, "requests": {"open": 2, "overdue": 1},
        "elsewhere": {"items": 3, "late": 0},
        "purposes": {'a"b\\c': {"subjects": 1, **counts}},
        "weeks": {"1": {"refused": "2026-03-09"}},
        "filing": {"people": 1, "limit": 100_000},
    }  # fmt: skip
    found = samples(metrics.exposition(whole))
    assert found["facecli_purpose_items", ("templates", 'a"b\\c')] == 1
    assert found["facecli_purge_refused_timestamp_seconds", ()] == 1773014400
    assert found["facecli_requests", ("overdue",)] == 1
    assert found["facecli_elsewhere_items", ("open",)] == 3
    assert ("facecli_database_bytes", ()) not in found


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs the Debian package prometheus")
def test_promtool_accepts_the_metrics(enrolled: Facecli) -> None:
    done = subprocess.run(
        ["promtool", "check", "metrics"],
        input=exposed(enrolled),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
