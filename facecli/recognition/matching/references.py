"""The references that probes are compared with, and the candidates that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from facecli.recognition.engines import scoring
from facecli.recognition.engines.scoring import Scoring, Stored

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]
    Reals = npt.NDArray[np.float64]

AT_ONCE = 4096  # templates looked at together: in double precision 4 MB


class Candidate(NamedTuple):
    """A subject returned for a probe, with its distance.

    distance: to the nearest of its templates; lower is closer.
    """

    subject_id: int
    distance: float


@dataclass(frozen=True, eq=False)
class References:
    """Templates of a gallery, in stored form, with (n,) int64 row ids of their subjects."""

    scoring: Scoring
    forms: Stored
    subjects: Numbers

    def __len__(self) -> int:
        return len(self.subjects)

    def without(self, subject_id: int) -> References:
        """Return the same without the templates of one subject."""
        import numpy as np

        if not (own := self.subjects == subject_id).any():
            return self
        rows = np.flatnonzero(~own)
        return References(self.scoring, self.part(rows), self.subjects[rows])

    def part(self, rows: Numbers | slice) -> Stored:
        """Return the stored forms of some rows."""
        return Stored(self.forms.rows[rows], self.forms.codes[rows])

    @cached_property
    def offsets(self) -> Reals:
        """The (n,) float64 offset of each template (see `scoring.offsets`)."""
        import numpy as np

        found = np.empty(len(self))
        for part in _parts(len(self)):
            found[part] = scoring.offsets(self.scoring, self.part(part))
        return found

    @cached_property
    def lengths(self) -> Reals:
        """The (n,) float64 Euclidean length of each row."""
        import numpy as np

        found = np.empty(len(self))
        for part in _parts(len(self)):
            found[part] = np.linalg.norm(self.forms.rows[part].astype(np.float64), axis=1)
        return found


def _parts(count: int) -> list[slice]:
    return [slice(start, start + AT_ONCE) for start in range(0, count, AT_ONCE)]
