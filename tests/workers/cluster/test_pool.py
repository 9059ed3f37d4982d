"""A pool on a cluster: a real scheduler over TLS, with workers that die and workers that lie."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from random import Random

import pytest

from facecli.errors.workers import ClusterFailed
from facecli.recognition.analysis.image import AnalysisRequest, load_analysis_worker
from facecli.workers.answers import Failure
from facecli.workers.cluster.access import access
from facecli.workers.cluster.lots import LOT, LOT_BYTES
from facecli.workers.cluster.pool import KEPT, LOTS_AHEAD, ClusterPool
from facecli.workers.local import Pool
from tests.workers.cluster.certificates import Authority
from tests.workers.cluster.faces import FORGERIES, analysed
from tests.workers.cluster.jobs import DIE, FAIL, SLOW, Digest, Word, digest, digest_worker
from tests.workers.cluster.running import Running
from tests.workers.cluster.serving import LIES, identity

ClusterOf = ClusterPool[Word, Digest]


def pool_of(cluster: Running, engine: str = "digest", wait: float = 120) -> ClusterOf:
    return ClusterPool(digest_worker, identity(engine), cluster.way, wait=wait)


@pytest.fixture(scope="module")
def honest(cluster: Running) -> Iterator[ClusterOf]:
    """A pool on two workers, of which one lies where a word asks for it."""
    with pool_of(cluster) as pool:
        yield pool


@pytest.fixture(scope="module")
def liars(cluster: Running) -> Iterator[ClusterOf]:
    """A pool on a worker that lies where a word asks for it."""
    with pool_of(cluster, "liars") as pool:
        yield pool


def words(count: int, prefix: bytes = b"") -> list[Word]:
    return [Word(f"{number}.jpg", prefix + b"%d" % number) for number in range(count)]


def are_right(words: list[Word], found: list[tuple[Word, Digest | Failure]]) -> bool:
    """True if each word came once, in order, with its own digest."""
    return found == [(word, Digest(word.path, digest(word.content))) for word in words]


def test_outcomes_are_those_of_the_local_pool_in_its_order(honest: ClusterOf) -> None:
    tasks = [
        *words(40),
        Word("missing.jpg", None),
        Word("image-1", FAIL + b"1"),
        Word("image-12", FAIL + b"12"),
        Word("dies.jpg", DIE),
        *words(3),
    ]
    on_cluster = list(honest.map(tasks))
    with Pool(digest_worker) as local:
        here = list(local.map([task for task in tasks if task.content is not None]))
    assert [task for task, _ in on_cluster] == tasks
    failed = dict(on_cluster)[Word("missing.jpg", None)]
    assert failed == Failure("unreadable-image", "missing.jpg: there is no such file.")
    assert [pair for pair in on_cluster if pair[0].content is not None] == here


def test_nothing_to_do_needs_no_cluster(cluster: Running) -> None:
    with pool_of(cluster, "nobody", wait=0) as pool:
        assert list(pool.map([])) == []
        [(_, failure)] = pool.map([Word("gone", None)])
        assert failure == Failure("unreadable-image", "gone: there is no such file.")


def test_a_second_map_goes_on(honest: ClusterOf) -> None:
    assert are_right(words(3), list(honest.map(words(3))))
    assert are_right(words(9), list(honest.map(words(9))))


def test_no_more_is_taken_than_the_cluster_is_busy_with(cluster: Running) -> None:
    taken: list[Word] = []

    def source() -> Iterator[Word]:
        for word in words(1000):
            taken.append(word)
            yield word

    with pool_of(cluster) as pool:
        found = pool.map(source())
        next(found)
        assert len(taken) < LOT + KEPT * LOT * LOTS_AHEAD * 2  # threads
    assert len(taken) < 1000


def test_a_large_file_travels_alone(honest: ClusterOf) -> None:
    large = Word("large.jpg", bytes(LOT_BYTES))
    tasks = [large, *words(2), large]
    assert are_right(tasks, list(honest.map(tasks)))


# -- workers that lie ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", LIES)
def test_a_lie_is_a_failure_and_its_neighbours_are_not(liars: ClusterOf, kind: str) -> None:
    lie = Word("lie.jpg", f"lie-{kind} {FAIL.decode() if kind == 'code' else ''}".encode())
    if kind == "code":
        lie = Word("lie.jpg", FAIL + b" lie-code")
    tasks = [*words(2), lie, *words(2)]
    found = list(liars.map(tasks))
    assert [task for task, _ in found] == tasks
    failure = found[2][1]
    assert isinstance(failure, Failure)
    assert failure.code == "worker-crashed"
    assert are_right(words(2), found[:2])
    assert are_right(words(2), found[3:])


@pytest.mark.parametrize("kind", [kind for kind in LIES if kind != "code"])
def test_an_honest_worker_makes_good_what_another_lied_about(honest: ClusterOf, kind: str) -> None:
    tasks = [Word(f"{number}.jpg", f"lie-{kind} {number}".encode()) for number in range(20)]
    assert are_right(tasks, list(honest.map(tasks)))


def test_forged_analyses_are_failures_of_their_images(cluster: Running) -> None:
    worker = cluster.worker("faces")
    contents = [each for forgery in FORGERIES for each in (forgery, b"sound " + forgery)]
    requests = [
        AnalysisRequest(f"{number}.jpg", "probe", content=content)
        for number, content in enumerate(contents)
    ]
    setup, faces = partial(load_analysis_worker, "sface"), identity("faces")
    with ClusterPool(setup, faces, cluster.way, wait=120) as pool:
        found = list(pool.map(requests))
    worker.terminate()
    assert [request for request, _ in found] == requests
    taken = [request.content for request, each in found if not isinstance(each, Failure)]
    assert taken == contents[1::2]
    assert {each.code for _, each in found[::2] if isinstance(each, Failure)} == {"worker-crashed"}
    assert [each for _, each in found[1::2]] == [
        analysed(request.path, request.content or b"") for request in requests[1::2]
    ]


def test_a_silent_worker_loses_its_work_to_another(cluster: Running) -> None:
    tasks = [Word(f"{number}.jpg", b"lie-silent %d" % number) for number in range(LOT + 2)]
    with ClusterPool(digest_worker, identity("digest"), cluster.way, wait=120, silence=3) as pool:
        assert are_right(tasks, list(pool.map(tasks)))


# -- workers that are lost ----------------------------------------------------------------


def test_no_word_is_lost_or_doubled_when_workers_are_killed(cluster: Running) -> None:
    chance = Random(22)
    working = [cluster.worker("killed") for _ in range(3)]
    tasks = words(100, SLOW)
    cluster.ready(*working)
    moment = chance.randrange(60)

    def kill_one() -> None:
        working.pop(chance.randrange(len(working))).kill()

    def source() -> Iterator[Word]:
        yield from tasks
        kill_one()  # the last lot is made, and is submitted next

    found = []
    with pool_of(cluster, "killed") as pool:
        for number, pair in enumerate(pool.map(source())):
            if number == moment:
                kill_one()
            found.append(pair)
    working[0].terminate()
    assert are_right(tasks, found)


def test_all_workers_lost_ends_the_run(cluster: Running) -> None:
    worker = cluster.worker("lost")
    cluster.ready(worker)
    told: list[str] = []
    lost = identity("lost")
    with ClusterPool(digest_worker, lost, cluster.way, wait=0.5, tell=told.append) as pool:
        found = pool.map(words(500, SLOW))
        next(found)
        worker.kill()
        with pytest.raises(ClusterFailed, match="all its workers were lost") as raised:
            list(found)
    assert "--resume" in raised.value.hint
    assert told == ["The cluster lost all its workers. Waiting for one, at most 0.5 s."]


def test_a_worker_that_comes_late_is_waited_for(cluster: Running) -> None:
    told: list[str] = []

    def tell(sentence: str) -> None:
        told.append(sentence)
        cluster.worker("late")

    late = identity("late")
    with ClusterPool(digest_worker, late, cluster.way, wait=120, tell=tell) as pool:
        assert are_right(words(5), list(pool.map(words(5))))
    cluster.processes[-1].terminate()
    assert told == ["The cluster has no worker that fits yet. Waiting for one, at most 120 s."]


def test_no_task_is_left_when_the_pool_is_closed(cluster: Running) -> None:
    with pool_of(cluster) as pool:
        next(pool.map(words(500, SLOW)))
    cluster.await_no_task()


# -- refused ------------------------------------------------------------------------------


def refusal(pool: ClusterOf) -> str:
    """The sentence with which a run on this pool ends."""
    with pool, pytest.raises(ClusterFailed) as raised:
        list(pool.map(words(1)))
    return f"{raised.value}"


@pytest.mark.parametrize(
    "other", [{"version": "1.2.4"}, {"engine": "other-engine"}, {"models": "cd" * 32}]
)
def test_workers_of_another_version_or_engine_are_refused(
    cluster: Running, other: dict[str, str]
) -> None:
    needed = replace(identity("digest"), **other)
    text = refusal(ClusterPool(digest_worker, needed, cluster.way, wait=0))
    assert "facecli 1.2.3 digest abababababab" in text
    assert f"{needed.text} is needed" in text


def test_an_absent_scheduler_is_named_at_once(cluster: Running) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        way = cluster.way.__class__("127.0.0.1", taken.getsockname()[1], cluster.way.certificates)
        text = refusal(ClusterPool(digest_worker, identity("digest"), way))
    assert "nothing answers there" in text


def test_a_slow_scheduler_is_given_up(cluster: Running) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        way = cluster.way.__class__("127.0.0.1", silent.getsockname()[1], cluster.way.certificates)
        text = refusal(ClusterPool(digest_worker, identity("digest"), way, connect=0.3))
    assert "does not answer in time" in text


def test_a_certificate_of_another_authority_is_refused(cluster: Running) -> None:
    foreign = Authority(cluster.folder / "foreign", "foreign")
    text = refusal(
        ClusterPool(digest_worker, identity("digest"), cluster.way_with(foreign.sign("client")))
    )
    assert "does not accept the certificate" in text


def test_a_certificate_that_the_scheduler_does_not_know_is_refused(cluster: Running) -> None:
    foreign = Authority(cluster.folder / "unknown", "foreign").sign("client")
    mixed = access(cluster.address, str(cluster.client.ca), str(foreign.cert), str(foreign.key))
    text = refusal(ClusterPool(digest_worker, identity("digest"), mixed))
    assert "does not accept the certificate" in text
