"""Every sequence of recording, enrolling, withdrawing, batches and new versions, beside a model.

The model knows the rules in their own words: it keeps everything that ever happened, and asks that
history. facecli has forgotten most of it.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from facecli.consent import consents, subjects
from facecli.consent.agreements import Evidence, Shown
from facecli.errors.base import FacecliError
from tests.consent.conftest import World

REFS = ["A-1", "A-2", "A-3"]
CODES = ["gate", "door"]
FORMS = ["one", "two", "three"]
refs, codes, forms = st.sampled_from(REFS), st.sampled_from(CODES), st.sampled_from(FORMS)
shared_or_not = st.sampled_from([False, False, True])


@dataclass
class Told:
    """A consent as the model remembers it, for ever."""

    ref: str
    code: str
    version: int
    form: str | None
    given: datetime
    shared: bool
    withdrawn: datetime | None = None


@dataclass(frozen=True)
class Start:
    """The first start of a batch."""

    at: datetime
    versions: dict[str, int]


class FormsMachine(RuleBasedStateMachine):
    """Does the same to a database and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.folder.chmod(0o700)
        self.world = World(self.folder / "facecli.db")
        for code in CODES:
            self.world.apply(code)
        for ref in REFS:
            self.world.add(ref)
        self.history: list[Told] = []
        self.changes = {code: [self.world.moment] for code in CODES}
        self.start = self._begin()

    def teardown(self) -> None:
        self.world.db.close()
        shutil.rmtree(self.folder)

    # -- what happens ---------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 5, 24, 72]))
    def time_passes(self, hours: int) -> None:
        self.world.wait(hours=hours)

    @rule(code=codes)
    def the_purpose_changes(self, code: str) -> None:
        self.world.wait(hours=1)
        changed = f"scope {len(self.changes[code])}"
        self.world.apply(code, scope=changed)
        self.changes[code].append(self.world.moment)

    @rule()
    def a_batch_begins(self) -> None:
        self.start = self._begin()

    @rule(ref=refs, code=codes, form=forms, shared=shared_or_not)
    def a_signed_row(self, ref: str, code: str, form: str, shared: bool) -> None:
        """Of the batch that began last: many steps later, it is being resumed."""
        self._state(self.world.ensure, ref, code, form, None, shared, self.start)

    @rule(ref=refs, code=codes, days=st.sampled_from([0, 0, 1, 3]), of_start=st.booleans())
    def a_dated_row(self, ref: str, code: str, days: int, of_start: bool) -> None:
        moment = self.start.at if of_start else self.world.moment
        given = (moment - timedelta(days=days)).strftime("%Y-%m-%d")
        self._state(self.world.ensure, ref, code, None, given, False, self.start)

    @rule(ref=refs, code=codes)
    def a_command_states_it_now(self, ref: str, code: str) -> None:
        self._state(self.world.ensure, ref, code, None, None, False, self._begin())

    @rule(ref=refs, code=codes, form=st.none() | forms, shared=shared_or_not)
    def it_is_recorded(self, ref: str, code: str, form: str | None, shared: bool) -> None:
        self._state(self.world.record, ref, code, form, None, shared and form is not None, None)

    @rule(ref=refs, code=codes)
    def somebody_withdraws(self, ref: str, code: str) -> None:
        subject = subjects.find(self.world.db, ref)
        with self.world.act() as act:
            act.record("test")
            consents.withdraw(act, subject, self.world.purpose(code))
            ended = [one for one in consents.of_subject(act.db, subject.subject_id)
                     if one.purpose == code]  # fmt: skip
            consents.erase(act, [one.consent_id for one in ended])
        for told in self.history:
            if (told.ref, told.code, told.withdrawn) == (ref, code, None):
                told.withdrawn = self.world.moment

    # -- what must hold -------------------------------------------------------------------

    @invariant()
    def what_is_recorded_is_what_stands(self) -> None:
        recorded = [
            (one.ref, one.purpose, one.version, one.evidence_sha256)
            for one in consents.list_all(self.world.db)
        ]
        standing = [
            (one.ref, one.code, one.version, one.form and sha256(one.form))
            for one in self.history
            if one.withdrawn is None
        ]
        assert sorted(recorded, key=str) == sorted(standing, key=str)

    @invariant()
    def a_form_is_one_consent(self) -> None:
        for form in FORMS:
            uses = [one for one in self.history if one.form == form]
            assert len({(one.ref, one.code, one.version) for one in uses}) == len(uses)
            assert sum(not one.shared for one in uses) <= 1
            for code in CODES:
                assert len({one.version for one in uses if one.code == code}) <= 1

    # -- both sides -----------------------------------------------------------------------

    def _begin(self) -> Start:
        return Start(self.world.moment, {code: len(self.changes[code]) for code in CODES})

    def _state(
        self,
        how: Any,
        ref: str,
        code: str,
        form: str | None,
        given: str | None,
        shared: bool,
        start: Start | None,
    ) -> None:
        """State a consent to both; they must agree on whether it is one, and a new one."""
        what: dict[str, Any] = {"given": given}
        if form is not None:
            what["evidence"] = Evidence(sha256(form), None, "a reason" if shared else None)
        if start is not None:
            at = start.at.strftime("%Y-%m-%dT%H:%M:%SZ")
            what["notice"] = Shown("declared", start.versions[code], at, at[:10])
        expected = self._expected(ref, code, form, given, shared, start)
        before = len(consents.list_all(self.world.db))
        try:
            how(ref, code, **what)
            added = len(consents.list_all(self.world.db)) - before
            outcome = "new" if added else "known"
        except FacecliError:
            outcome = "refused"
        assert outcome == expected
        if outcome == "new":
            version = len(self.changes[code])
            moment = self._moment(given, start)
            self.history.append(Told(ref, code, version, form, moment, shared))

    def _moment(self, given: str | None, start: Start | None) -> datetime:
        if given is not None:
            return datetime.fromisoformat(f"{given}T00:00:00+00:00")
        return start.at if start else self.world.moment

    def _expected(
        self,
        ref: str,
        code: str,
        form: str | None,
        given: str | None,
        shared: bool,
        start: Start | None,
    ) -> str:
        version, since = len(self.changes[code]), self.changes[code][-1]
        moment = self._moment(given, start)
        own = [one for one in self.history if (one.ref, one.code) == (ref, code)]
        if start is not None:  # a record states a new consent each time
            same = [
                one
                for one in own
                if one.withdrawn is None
                and (
                    one.form == form
                    if form
                    else one.given.date() == moment.date()
                    if given
                    else one.given == moment
                )
            ]
            if same:
                return "known" if same[-1].version == version else "refused"
        if start is not None and start.versions[code] != version:
            return "refused"  # its notice was not shown
        if given is not None and (
            moment.date() < since.date() or (moment.date() == since.date() and version > 1)
        ):
            return "refused"  # before the notice, or perhaps before it
        if given is not None and not self._date_counts(code, moment, start):
            return "refused"
        if form is not None and not self._form_counts(ref, code, version, form, shared):
            return "refused"
        return "new"

    def _date_counts(self, code: str, moment: datetime, start: Start | None) -> bool:
        days = {self.world.moment.date(), start.at.date() if start else None}
        return moment.date() in days and not any(
            one.withdrawn is not None
            and (
                one.withdrawn.date() >= moment.date()
                or (one.form is None and one.given.date() >= moment.date())
            )
            for one in self.history
            if one.code == code
        )

    def _form_counts(self, ref: str, code: str, version: int, form: str, shared: bool) -> bool:
        uses = [one for one in self.history if one.form == form]
        return not uses or (
            shared
            and all(one.withdrawn is None for one in uses)
            and all(one.version == version for one in uses if one.code == code)
            and not any((one.ref, one.code) == (ref, code) for one in uses)
        )


def sha256(form: str) -> str:
    """The SHA-256 of a form's content."""
    return hashlib.sha256(form.encode()).hexdigest()


FormsMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)

TestForms = FormsMachine.TestCase
