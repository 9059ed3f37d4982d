from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from facecli.errors.recognition import ModelFailed
from facecli.recognition.engines import weights as model_weights
from facecli.recognition.engines.weights import Recipe, Weights

SOURCE = b"weights" * 100
WEIGHTS = Weights("some.bin", hashlib.sha256(SOURCE).hexdigest())


class Counting:
    """A recipe that counts how often it builds."""

    def __init__(self) -> None:
        self.built = 0
        self.recipe = Recipe("test", 1, self.build)

    def build(self, source: bytes) -> bytes:
        self.built += 1
        return source[::-1]

    def network(self, weights: Weights = WEIGHTS, recipe: Recipe | None = None) -> bytes:
        return model_weights.built_network(weights, recipe or self.recipe, "test", lambda: SOURCE)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "facecli"


def test_a_network_is_built_once_and_said_so_once(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counting = Counting()
    assert counting.network() == counting.network() == SOURCE[::-1]
    assert counting.built == 1
    assert capsys.readouterr().err.count("prepared the network test") == 1
    [kept] = cache.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


def test_other_weights_and_other_recipes_have_their_own_network(cache: Path) -> None:
    counting = Counting()
    counting.network()
    counting.network(Weights("some.bin", "0" * 64))
    counting.network(recipe=Recipe("test", 2, counting.build))
    assert counting.built == 3
    assert len(list(cache.iterdir())) == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:200] + b"\0" + data[201:],
        lambda data: b"x" + data,
        lambda data: data.replace(b"\n", b"", 1),
    ],
)
def test_a_damaged_cache_file_is_built_again(cache: Path, spoil: object) -> None:
    counting = Counting()
    counting.network()
    [kept] = cache.iterdir()
    kept.write_bytes(spoil(kept.read_bytes()))  # type: ignore[operator]
    assert counting.network() == SOURCE[::-1]
    assert counting.built == 2
    assert counting.network() == SOURCE[::-1]
    assert counting.built == 2


def test_a_cache_file_swapped_for_another_network_is_not_taken(cache: Path) -> None:
    counting = Counting()
    counting.network()
    [first] = cache.iterdir()
    counting.network(Weights("some.bin", "0" * 64))
    [second] = [path for path in cache.iterdir() if path != first]
    first.write_bytes(second.read_bytes())
    counting.network()
    assert counting.built == 3


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_can_write_is_not_trusted(cache: Path, mode: int) -> None:
    counting = Counting()
    counting.network()
    cache.chmod(mode)
    assert counting.network() == SOURCE[::-1]
    assert counting.built == 2


def test_a_cache_file_that_others_can_write_is_not_trusted(cache: Path) -> None:
    counting = Counting()
    counting.network()
    [kept] = cache.iterdir()
    kept.chmod(0o666)
    counting.network()
    assert counting.built == 2


def test_a_link_in_place_of_a_cache_file_is_not_followed(cache: Path, tmp_path: Path) -> None:
    counting = Counting()
    counting.network()
    [kept] = cache.iterdir()
    kept.rename(tmp_path / "elsewhere")
    kept.symlink_to(tmp_path / "elsewhere")
    counting.network()
    assert counting.built == 2


@pytest.mark.parametrize("place", ["file", "under-file"])
def test_where_no_cache_can_be_the_network_is_built_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / ("" if place == "file" else "x")))
    counting = Counting()
    assert counting.network() == counting.network() == SOURCE[::-1]
    assert counting.built == 2


ELSEWHERE = """
import hashlib, os, resource, signal, sys
from facecli.recognition.engines import weights
if sys.argv[1] == "full":  # no file may grow beyond its first bytes
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
elif os.geteuid() == 0:  # root can write to every folder
    os.setuid(int(sys.argv[2]))
source = b"weights" * 100
of = weights.Weights("some.bin", hashlib.sha256(source).hexdigest())
recipe = weights.Recipe("test", 1, lambda content: content[::-1])
print(weights.built_network(of, recipe, "test", lambda: source) == source[::-1])
"""


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_a_full_or_read_only_cache_folder_costs_only_the_cache(trouble: str) -> None:
    nobody = 65534 if os.geteuid() == 0 else os.geteuid()
    with tempfile.TemporaryDirectory() as name:  # pytest's own is closed to other users
        folder = Path(name, "facecli")
        folder.mkdir(mode=0o500 if trouble == "read-only" else 0o700)
        if trouble == "read-only":
            for path in (name, folder):
                os.chown(path, nobody, -1)
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE, trouble, str(nobody)],
            env={**os.environ, "XDG_CACHE_HOME": name, "PYTHONPATH": os.getcwd()},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("True\n", "")
        assert list(folder.iterdir()) == []


def test_two_at_once_both_get_the_network(cache: Path) -> None:
    meeting, results = threading.Barrier(2), []

    def build(source: bytes) -> bytes:
        meeting.wait(10)
        return source[::-1]

    def run() -> None:
        results.append(
            model_weights.built_network(WEIGHTS, Recipe("test", 1, build), "test", lambda: SOURCE)
        )

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [SOURCE[::-1]] * 2
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize(
    "weights", [model_weights.YUNET, model_weights.SFACE], ids=lambda each: each.file
)
def test_shipped_weights_are_what_they_should_be(weights: Weights) -> None:
    assert len(model_weights.read_shipped(weights, "sface")) > 100_000


def test_missing_truncated_and_swapped_weights_are_refused() -> None:
    with pytest.raises(ModelFailed, match="cannot be read"):
        model_weights.read_shipped(Weights("none.onnx", WEIGHTS.sha256), "test")
    with pytest.raises(ModelFailed, match="not the file"):
        model_weights.read_shipped(
            Weights(model_weights.YUNET.file, model_weights.SFACE.sha256), "test"
        )
    with pytest.raises(ModelFailed, match="not the file"):
        model_weights.verify(SOURCE[:-1], WEIGHTS, "test")


def test_weights_that_cannot_be_converted_are_an_error_of_ours(cache: Path) -> None:
    def build(source: bytes) -> bytes:
        raise KeyError("layer")

    with pytest.raises(ModelFailed, match="layer"):
        model_weights.built_network(WEIGHTS, Recipe("test", 1, build), "test", lambda: SOURCE)


def test_a_network_that_is_none_is_an_error_of_ours() -> None:
    with pytest.raises(ModelFailed, match="ONNX Runtime"):
        model_weights.open_session(b"not a network", "test")


@pytest.mark.rule("no-network")
def test_onnx_runtime_leaves_no_telemetry(tmp_path: Path) -> None:
    """ONNX Runtime records and sends usage unless this is switched off before it is loaded."""
    script = (
        "from onnx import TensorProto, helper\n"
        "from facecli.recognition.engines import weights\n"
        "ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in 'ab']\n"
        "graph = helper.make_graph([helper.make_node('Identity', 'a', 'b')], 'g', *zip(ends))\n"
        "opset = [helper.make_opsetid('', 17)]\n"
        "model = helper.make_model(graph, opset_imports=opset, ir_version=8)\n"
        "weights.open_session(model.SerializeToString(), 'test')\n"
    )
    # It keeps quiet by itself where it believes to be tested.
    quiet = ("CI", "BUILD", "GITHUB", "GITLAB", "JENKINS", "TF_", "TRAVIS", "CIRCLE", "ORT_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(quiet)}
    environment.update(HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=60)
    assert list(tmp_path.rglob("*")) == []
