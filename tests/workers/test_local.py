"""The pool: whatever one task does to its worker, the others get their results."""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from facecli.errors.command_line import BadInput
from facecli.errors.workers import WorkersFailed
from facecli.workers import answers, local, wire
from facecli.workers.answers import Failure
from facecli.workers.child import MessageKind
from facecli.workers.local import Pool
from tests.workers import jobs
from tests.workers.processes import children_from_now_on, is_alive

Order = tuple[str, Any]
# These jobs open files, start processes and end themselves, which a confined worker may not.
unconfined = partial(Pool[Any, Any], bounds=None)


def outcomes(pool: Pool[Order, Any], *orders: Order) -> list[Any]:
    return [outcome for _, outcome in pool.map(orders)]


# -- the plain case -----------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_input(workers: int) -> None:
    with unconfined(jobs.doubling, workers=workers) as pool:
        assert list(pool.map(range(100))) == [(n, 2 * n) for n in range(100)]


def test_results_can_come_as_they_are_ready(tmp_path: Path) -> None:
    gate, other = tmp_path / "gate", tmp_path / "other"
    with unconfined(jobs.obeying, workers=2) as pool:
        results = pool.map([("wait", str(gate)), ("open", str(other))], ordered=False)
        assert next(results) == (("open", str(other)), "opened")
        gate.touch()  # only now can the first task end
        assert list(results) == [(("wait", str(gate)), "passed")]


def test_an_ordered_result_waits_for_the_earlier_one(tmp_path: Path) -> None:
    gate = str(tmp_path / "gate")
    with unconfined(jobs.obeying, workers=2) as pool:
        assert outcomes(pool, ("wait", gate), ("open", gate)) == ["passed", "opened"]


def test_two_workers_work_at_the_same_time(tmp_path: Path) -> None:
    with unconfined(jobs.obeying, workers=2) as pool:
        assert len(set(outcomes(pool, ("meet", str(tmp_path)), ("meet", str(tmp_path))))) == 2


def test_no_task_means_no_process() -> None:
    started = children_from_now_on()
    with unconfined(jobs.doubling, workers=2) as pool:
        assert list(pool.map([])) == []
        assert started() == set()


def test_processes_start_with_the_first_task_and_no_more_than_needed() -> None:
    started = children_from_now_on()
    with unconfined(jobs.telling, workers=4) as pool:
        results = pool.map(["pid"])
        assert started() == set()
        ((_, pid),) = results
        assert started() == {pid}


def test_processes_can_start_before_the_first_task_and_no_more_than_needed() -> None:
    started = children_from_now_on()
    with unconfined(jobs.telling, workers=2) as pool:
        pool.start(1)
        [first] = started()
        pool.start(100)
        both = started()
        assert first in both
        assert len(both) == 2
        assert {pid for _, pid in pool.map(["pid"] * 8)} <= both
        assert started() == both


def test_a_pool_can_be_used_again_with_the_same_processes() -> None:
    with unconfined(jobs.telling) as pool:
        first = list(pool.map(["pid"]))
        assert list(pool.map(["pid"])) == first


@pytest.mark.parametrize("ordered", [True, False])
def test_the_input_is_read_only_a_little_ahead(ordered: bool) -> None:
    read: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(1000):
            read.append(number)
            yield number

    with unconfined(jobs.doubling, workers=2) as pool:
        for consumed, _ in enumerate(pool.map(numbers(), ordered=ordered)):
            assert len(read) <= consumed + 1 + 2 * 2
            if consumed == 50:
                break
    assert len(read) < 60


def test_messages_larger_than_any_pipe_pass_both_ways() -> None:
    with unconfined(jobs.obeying, workers=2) as pool:
        for task, outcome in pool.map([("echo", bytes([n]) * 5_000_000) for n in range(8)]):
            assert outcome == task[1]


def test_an_error_of_the_input_reaches_the_caller() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise LookupError("manifest")

    with unconfined(jobs.doubling) as pool:
        with pytest.raises(LookupError, match="manifest"):
            list(pool.map(broken()))
        assert list(pool.map([4])) == [(4, 8)]


def test_leaving_early_kills_what_is_busy_and_leaves_the_pool_usable(tmp_path: Path) -> None:
    started = children_from_now_on()
    with unconfined(jobs.obeying, workers=2) as pool:
        results = pool.map([("pid", None), ("hang", None), ("hang", None)], ordered=False)
        next(results)
        assert len(started()) == 2
        results.close()  # type: ignore[attr-defined]
        assert len(started()) < 2
        assert outcomes(pool, ("echo", 3)) == [3]


def test_one_map_at_a_time_and_none_after_closing() -> None:
    pool = unconfined(jobs.doubling)
    results = pool.map([1, 2, 3, 4])
    next(results)
    with pytest.raises(RuntimeError):
        next(pool.map([1]))
    pool.close()
    with pytest.raises(RuntimeError):
        list(results)
    with pytest.raises(RuntimeError):
        next(pool.map([1]))


# -- a task that goes wrong ---------------------------------------------------------------


def test_an_error_of_ours_keeps_its_reason_and_message() -> None:
    with unconfined(jobs.obeying) as pool:
        found = outcomes(pool, ("capture-failed", "a.jpg"), ("echo", 1))
    assert found == [Failure("too-many-pixels", "a.jpg: it is no image."), 1]


def test_any_other_error_tells_its_type_and_nothing_of_the_data() -> None:
    started = children_from_now_on()
    with unconfined(jobs.obeying) as pool:
        failure, pid = outcomes(pool, ("fail", "the secret"), ("pid", None))
        assert failure == Failure("failed", "an unexpected KeyError ended the work on it")
        assert started() == {pid}  # the worker itself goes on


@pytest.mark.parametrize("order", [("leave", 3), ("unpicklable", None)])
def test_what_cannot_be_a_result_fails_alone(order: Order) -> None:
    with unconfined(jobs.obeying) as pool:
        failure, after = outcomes(pool, order, ("echo", "fine"))
    assert failure.code == "failed"
    assert after == "fine"


def test_a_task_that_the_worker_cannot_read_fails_alone() -> None:
    with unconfined(jobs.obeying) as pool:
        (_, failure), (_, after) = pool.map([jobs.Unreadable(), ("echo", 1)])
    assert failure == Failure("failed", "an unexpected ValueError ended the work on it")
    assert after == 1


@pytest.mark.parametrize(
    ("order", "word"),
    [
        (("kill", signal.SIGKILL), "SIGKILL"),
        (("kill", signal.SIGTERM), "SIGTERM"),
        (("kill", signal.SIGABRT), "SIGABRT"),
        (("segfault", None), "SIGSEGV"),
        (("exit", 0), "exit code 0"),
        (("exit", 7), "exit code 7"),
        (("garble", None), "not a message"),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_dies_costs_its_task_alone(order: Order, word: str, workers: int) -> None:
    orders = [("echo", 0), ("echo", 1), order, *(("echo", n) for n in range(3, 9))]
    with unconfined(jobs.obeying, workers=workers) as pool:
        found = outcomes(pool, *orders)
    failure = found.pop(2)
    assert failure.code == "worker-crashed"
    assert word in failure.message
    assert found == [0, 1, *range(3, 9)]


def test_a_sealed_worker_that_dies_costs_its_task_alone() -> None:
    deaths = [
        (("abort", None), "SIGABRT"),
        (("segfault", None), "SIGSEGV"),
        (("kill the thread", signal.SIGKILL), "SIGKILL"),
        (("exit", 7), "exit code 7"),
    ]
    orders = [order for death, _ in deaths for order in (death, ("echo", 1))]
    with Pool(jobs.obeying) as pool:
        found = outcomes(pool, *orders)
    assert found[1::2] == [1] * len(deaths)
    for failure, (_, word) in zip(found[::2], deaths, strict=True):
        assert failure.code == "worker-crashed"
        assert word in failure.message


def test_a_sealed_worker_killed_from_outside_while_idle_costs_nothing() -> None:
    started = children_from_now_on()
    with Pool(jobs.obeying) as pool:
        assert outcomes(pool, ("echo", 1)) == [1]
        [pid] = started()
        os.kill(pid, signal.SIGKILL)
        assert outcomes(pool, ("echo", 2), ("echo", 3)) == [2, 3]


REAL = wire.pack("forged")
FORGED = {
    "a pickle": [(MessageKind.RESULT, pickle.dumps("forged"))],
    "no answer": [(MessageKind.RESULT, b"")],
    "a failure that is none": [(MessageKind.FAILED, wire.pack(("No Code", "")))],
    "set up again": [(MessageKind.READY, b"")],
    "started again": [(MessageKind.STARTED, b"")],
    "refused after the setup": [(MessageKind.REFUSED, wire.pack(("Bad", {})))],
    "a task": [(MessageKind.TASK, REAL)],
    "lengths beyond the end": [(MessageKind.RESULT, b"\xff" * 64)],
    "nesting": [(MessageKind.RESULT, REAL[:8] + b"[" * 100_000)],
}


@pytest.mark.parametrize("messages", FORGED.values(), ids=FORGED)
def test_a_forged_answer_costs_its_task_alone(messages: list[tuple[int, bytes]]) -> None:
    with unconfined(jobs.obeying) as pool:
        forger, *after = outcomes(pool, ("forge", messages), ("pid", None), ("echo", "fine"))
    assert forger == Failure("worker-crashed", f"the worker that had it {answers.FORGED}")
    assert after[1] == "fine"


def test_a_worker_that_answers_twice_answers_no_other_task() -> None:
    """The second answer comes before the next task has begun; it is not taken for its answer."""
    twice = [(MessageKind.RESULT, REAL)]
    with unconfined(jobs.obeying) as pool:
        first, *after = outcomes(pool, ("forge", twice), ("echo", 1), ("echo", 2))
    assert first == "forged"  # a worker that was taken over can lie about its own file
    assert after == [1, 2]


def test_a_worker_is_replaced_after_its_number_of_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a spare, which has set up meanwhile."""
    monkeypatch.setattr(local, "RENEWED_AFTER", 20)
    monkeypatch.setattr(local, "_SPARE_AHEAD", 8)
    started = children_from_now_on()
    with Pool(jobs.obeying) as pool:
        pids, most = [], 0
        for _, pid in pool.map([("pid", None)] * 70):
            pids.append(pid)
            most = max(most, len(started()))
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [20, 20, 20, 10]
    assert most == 2  # the one that works, and its successor
    assert started() == set()


def test_a_worker_is_replaced_soon_after_a_failure() -> None:
    orders = [*[("pid", None)] * 30, ("fail", "x"), *[("pid", None)] * 5]
    with Pool(jobs.obeying) as pool:
        told = outcomes(pool, *orders)
    pids = [one for one in told if isinstance(one, int)]
    assert len(set(pids[:30])) == 1
    assert pids[-1] != pids[0]
    assert pids[30:].count(pids[0]) <= 1  # the one that was ahead


def test_failures_in_a_row_do_not_cost_a_worker_each() -> None:
    orders = [("fail", "x"), ("pid", None)] * local.RENEWED_AFTER_FAILURE
    with Pool(jobs.obeying) as pool:
        pids = [one for one in outcomes(pool, *orders) if isinstance(one, int)]
    assert len(set(pids)) == 2


def test_a_worker_is_kept_after_files_that_no_decoder_has_read() -> None:
    orders = [("decline", "a.gif"), ("pid", None)] * 2 * local.RENEWED_AFTER_FAILURE
    with Pool(jobs.obeying) as pool:
        told = outcomes(pool, *orders)
    assert told[0] == Failure("unreadable-image", "a.gif: it is no image.")
    assert len(set(told[1::2])) == 1


def test_a_worker_without_bounds_is_kept() -> None:
    """Such as the one that holds a window open."""
    with unconfined(jobs.obeying) as pool:
        told = outcomes(pool, ("fail", "x"), *[("pid", None)] * 20)
    assert len(set(told[1:])) == 1


def test_every_second_task_may_kill_its_worker() -> None:
    orders = [("exit", 1) if n % 2 else ("echo", n) for n in range(20)]
    with unconfined(jobs.obeying, workers=2) as pool:
        found = outcomes(pool, *orders)
    assert found[::2] == list(range(0, 20, 2))
    assert {failure.code for failure in found[1::2]} == {"worker-crashed"}


def test_a_worker_killed_from_outside_costs_at_most_what_it_had_begun(tmp_path: Path) -> None:
    started = children_from_now_on()
    with unconfined(jobs.obeying) as pool:
        results = pool.map([("echo", 0), ("hang", str(tmp_path / "begun")), ("echo", 2)])
        assert next(results)[1] == 0
        while not (tmp_path / "begun").exists():
            os.sched_yield()
        [pid] = started()
        os.kill(pid, signal.SIGKILL)
        failure, after = (outcome for _, outcome in results)
    assert failure.code == "worker-crashed"
    assert after == 2


def test_an_idle_worker_that_was_killed_costs_nothing() -> None:
    started = children_from_now_on()
    with unconfined(jobs.obeying) as pool:
        assert outcomes(pool, ("echo", 1)) == [1]
        [pid] = started()
        os.kill(pid, signal.SIGKILL)
        assert outcomes(pool, ("echo", 2), ("echo", 3)) == [2, 3]


@pytest.mark.parametrize("order", [("hang", None), ("stop", None)])
def test_a_task_over_its_time_is_ended_and_the_rest_done(order: Order) -> None:
    with unconfined(jobs.obeying, time_limit=1) as pool:
        failure, after = outcomes(pool, order, ("echo", 1))
    assert failure == Failure("worker-crashed", "it took longer than the 1 s allowed for one")
    assert after == 1


def test_tasks_that_all_take_too_long_get_less_time_one_after_the_other() -> None:
    with unconfined(jobs.obeying, time_limit=0.24) as pool:
        failures = outcomes(pool, *[("hang", None)] * 5)
    allowed = "it took longer than the {} s allowed for one".format
    assert [failure.message for failure in failures] == [
        *[allowed("0.24")] * 3,
        f"{allowed('0.12')} after 3 that took too long",
        f"{allowed('0.06')} after 4 that took too long",
    ]


def test_a_task_over_its_memory_fails_and_the_rest_is_done() -> None:
    with unconfined(jobs.obeying, memory_limit=512 * 2**20) as pool:
        failure, after = outcomes(pool, ("allocate", 2**30), ("allocate", 2**20))
    assert failure == Failure(
        "worker-crashed", "it needs more memory than the 512 MiB allowed to a worker"
    )
    assert after == 2**20


# -- a setup that goes wrong --------------------------------------------------------------


def test_an_error_of_ours_in_setup_is_raised_here() -> None:
    with unconfined(jobs.refusing, workers=2) as pool:
        with pytest.raises(BadInput) as caught:
            list(pool.map([1, 2, 3]))
        assert caught.value.details == {"what": "the model", "why": "its hash is another"}


def test_an_error_of_ours_in_an_early_setup_is_raised_with_the_first_task() -> None:
    with unconfined(jobs.refusing, workers=2) as pool:
        pool.start(2)
        with pytest.raises(BadInput):
            list(pool.map([1]))


def test_any_other_error_in_setup_is_told_by_its_type() -> None:
    with (
        unconfined(jobs.raising) as pool,
        pytest.raises(WorkersFailed, match="RuntimeError") as caught,
    ):
        list(pool.map([1]))
    assert "secret" not in str(caught.value)


def test_a_setup_that_always_dies_is_not_tried_for_ever(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    pool: Pool[int, int] = unconfined(partial(jobs.dying, str(diary)))
    with pool, pytest.raises(WorkersFailed, match="exit code 9"):
        list(pool.map([1, 2]))
    assert len(diary.read_text().split()) == 3


def test_a_setup_that_dies_once_is_tried_again(tmp_path: Path) -> None:
    with unconfined(partial(jobs.dying_once, str(tmp_path / "marker"))) as pool:
        assert list(pool.map([1, 2])) == [(1, 2), (2, 4)]


def test_a_setup_that_hangs_is_given_up() -> None:
    started = children_from_now_on()
    with unconfined(jobs.never_ready, setup_limit=0.3) as pool:
        with pytest.raises(WorkersFailed, match="not ready"):
            list(pool.map([1]))
        assert started() == set()


def test_the_time_limit_does_not_count_the_setup() -> None:
    pool: Pool[int, int] = unconfined(jobs.never_ready, time_limit=0.01, setup_limit=0.3)
    with pool, pytest.raises(WorkersFailed, match=r"0\.3 s\."):
        list(pool.map([1]))


# -- what a worker is given, and what not -------------------------------------------------


def ask(what: str, **options: Any) -> Any:
    with unconfined(jobs.telling, **options) as pool:
        ((_, answer),) = pool.map([what])
    assert not isinstance(answer, Failure)
    return answer


def test_limits_hold_in_the_worker() -> None:
    found = ask("limits", memory_limit=2**30)
    assert found == {"memory": (2**30, 2**30), "core": (0, 0)}


def test_numeric_libraries_get_one_thread_and_no_way_to_the_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FACECLI_KEY_FILE", "/secret")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/secret")
    found = ask("environment")
    assert found["OMP_NUM_THREADS"] == found["OPENBLAS_NUM_THREADS"] == "1"
    assert "/secret" not in found.values()
    assert ask("environment", threads=3)["OMP_NUM_THREADS"] == "3"


def test_onnx_runtime_may_not_call_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    assert ask("environment")["ORT_DISABLE_TELEMETRY"] == "1"


def test_no_open_file_of_the_parent_is_inherited(tmp_path: Path) -> None:
    path = tmp_path / "facecli.db"
    with path.open("wb") as file:
        os.set_inheritable(file.fileno(), True)
        found = ask("files")
    assert str(path) not in found
    assert found.count("/dev/null") == 3
    assert sum(name.startswith("pipe:") for name in found) == 1  # answers
    assert sum(name.startswith("socket:") for name in found) == 1  # tasks


def test_the_parents_main_module_is_not_run_again() -> None:
    assert Path(ask("main")).name == "child.py"
    assert [entry for entry in ask("path") if entry] == [entry for entry in sys.path if entry]


@pytest.mark.usefixtures("unmeasured")
def test_a_worker_loads_nothing_heavy_by_itself() -> None:
    assert not {"numpy", "PIL", "cv2", "multiprocessing"} & set(ask("modules"))


def test_a_setup_that_no_worker_could_import_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.doubling, "__module__", "__main__")
    with pytest.raises(ValueError, match="importable"):
        unconfined(jobs.doubling)


def test_what_workers_print_never_reaches_the_output(capfd: pytest.CaptureFixture[str]) -> None:
    with unconfined(jobs.obeying) as pool:
        assert outcomes(pool, ("chatter", "noise")) == ["said"]
    assert capfd.readouterr() == ("", "")


def test_workers_may_write_to_stderr_for_debugging(capfd: pytest.CaptureFixture[str]) -> None:
    with unconfined(jobs.obeying, debug=True) as pool:
        assert outcomes(pool, ("chatter", "noise")) == ["said"]
    out, err = capfd.readouterr()
    assert out == ""
    assert "noise" in err


def test_workers_leave_ctrl_c_to_the_parent() -> None:
    with unconfined(jobs.obeying) as pool:
        first, _, second = outcomes(pool, ("pid", None), ("interrupt", None), ("pid", None))
    assert first == second


# -- no orphans ---------------------------------------------------------------------------


def test_closing_ends_every_process(tmp_path: Path) -> None:
    started = children_from_now_on()
    with unconfined(jobs.obeying, workers=2) as pool:
        results = pool.map([("meet", str(tmp_path)), ("meet", str(tmp_path)), ("hang", None)])
        pids = {next(results)[1], next(results)[1]}
        assert pids == started()
    assert not any(map(is_alive, pids))


def test_a_forgotten_pool_ends_its_processes() -> None:
    pool = unconfined(jobs.telling)
    ((_, pid),) = pool.map(["pid"])
    assert isinstance(pid, int)
    assert is_alive(pid)
    del pool
    assert not is_alive(pid)


SCRIPT = textwrap.dedent(
    """
    import os, sys
    from facecli.workers.local import Pool
    from tests.workers import jobs
    from tests.workers.processes import children

    # Without `if __name__ == "__main__"`, as a console script may be.
    print("main runs", flush=True)
    with Pool(jobs.obeying, workers=2, bounds=None) as pool:
        for task, pid in pool.map([("pid", 0), ("hang", sys.argv[1])], ordered=False):
            print(os.getpid(), *children(), flush=True)
    """
)


@pytest.fixture
def busy_parent(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A script whose worker is in the middle of a task, and the ids of its workers."""
    script = tmp_path / "console-script"
    script.write_text(SCRIPT)
    os.mkfifo(tmp_path / "beacon")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "beacon")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "main runs\n"
        pids = [int(pid) for pid in parent.stdout.readline().split()[1:]]
        busy = int((tmp_path / "beacon").read_text())  # waits until the task has begun
        assert busy in pids
        yield parent, pids
        parent.kill()


def wait_for_end(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(handle):
        select.select([handle], [], [], 10)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_its_parent(
    busy_parent: tuple[subprocess.Popen[str], list[int]], number: int
) -> None:
    parent, pids = busy_parent
    parent.send_signal(number)
    parent.wait(timeout=5)
    for pid in pids:
        wait_for_end(pid)
    assert not any(map(is_alive, pids))


def test_ctrl_c_raises_here_and_ends_the_workers(
    busy_parent: tuple[subprocess.Popen[str], list[int]],
) -> None:
    parent, pids = busy_parent
    parent.send_signal(signal.SIGINT)
    _, err = parent.communicate(timeout=5)
    assert err.count("Traceback") == 1  # the parent's own; its workers say nothing
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert not any(map(is_alive, pids))


def test_a_pool_can_wait_for_its_first_process() -> None:
    with unconfined(jobs.doubling, workers=2) as pool:
        pool.wait()
        assert list(pool.map([1])) == [(1, 2)]


def test_what_the_setup_refuses_is_raised_while_waiting() -> None:
    with unconfined(jobs.refusing) as pool, pytest.raises(BadInput):
        pool.wait()


def test_a_process_that_is_never_ready_is_not_waited_for() -> None:
    pool: Pool[int, int] = unconfined(jobs.never_ready, setup_limit=0.3)
    with pool, pytest.raises(WorkersFailed, match="not ready"):
        pool.wait()
