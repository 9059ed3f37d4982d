"""Sentences on what is wrong with a cluster."""

from __future__ import annotations

import typing
from typing import Any

import pytest

from facecli.workers.cluster.access import Access
from facecli.workers.cluster.lots import Trouble
from facecli.workers.cluster.troubles import failure

WAY = Access("scheduler", 8786, None)
KINDS = typing.get_args(typing.get_type_hints(Trouble)["kind"])


@pytest.mark.parametrize("kind", KINDS)
def test_each_trouble_has_a_sentence_and_a_remedy(kind: Any) -> None:
    error = failure(WAY, Trouble(kind, "2020.1.0"))
    assert error.message.startswith("The cluster tcp://scheduler:8786 cannot be used: ")
    assert error.hint.endswith(".")
    assert "{detail}" not in str(error)
