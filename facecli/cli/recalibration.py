"""A purge keeps the calibrations of galleries up, where they have changed much."""

from __future__ import annotations

from facecli.cli.session import Session
from facecli.errors.base import FacecliError
from facecli.errors.consent import PurposeClosed
from facecli.printable import counted
from facecli.store import calibrations
from facecli.store.calibrations import StoredCalibration


def renew_stale(opened: Session) -> None:
    """Measure again each gallery that has grown by a quarter, or of which a tenth has gone.

    A purge that finds none imports nothing heavy. What cannot be measured is noted, and fails no
    purge: `doctor` warns of it.
    """
    for stale in calibrations.stale(opened.db):
        _renew(opened, stale)


def _renew(opened: Session, stale: StoredCalibration) -> None:
    from facecli.consent import purposes
    from facecli.errors.recognition import GalleryOfCopies, TooFewSubjects
    from facecli.recognition.engines.of_database import engine_of
    from facecli.recognition.matching import calibrating

    purpose = purposes.find_by_id(opened.db, stale.purpose_id)
    try:
        spec = engine_of(opened.db)
        measured = calibrating.measure(opened.db, purpose, spec, opened.now)
        with opened.act() as act:
            calibrating.store(act, purpose, spec, measured)
    except (TooFewSubjects, PurposeClosed) as error:
        with opened.act() as act:
            calibrating.withdraw(act, purpose, stale.engine_id, error.reason)
        opened.settings.note(f"{error.message} Its own thresholds no longer count.")
    except GalleryOfCopies as error:
        with opened.db.transaction():  # doubtful since an earlier night, it has no further entry
            calibrating.doubt(opened.recording(), purpose, stale, error.reason)
        opened.settings.note(
            f"{purpose.code} was not calibrated again: {error.message} Its own thresholds "
            "count only where they are stricter than the shipped ones. "
            f"`facecli calibrate --purpose {purpose.code}` names the REFs."
        )
    except FacecliError as error:
        opened.settings.note(f"{purpose.code} was not calibrated again: {error}")
    else:
        pairs = counted(measured.calibration.pairs, "pair")
        opened.settings.note(f"{purpose.code}: thresholds measured again on {pairs}.")
