"""A cluster for the tests of this folder: a scheduler, an honest worker and one that lies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workers.cluster.running import Running


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two workers. One lies about words that ask for it."""
    running = Running(tmp_path_factory.mktemp("cluster"))
    try:
        running.ready(
            running.worker(), running.worker(lies=True), running.worker("liars", lies=True)
        )
        yield running
    finally:
        running.close()
