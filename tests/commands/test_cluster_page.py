"""The examples of facecli-cluster(7), typed over: three machines, Slurm, Kubernetes."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import waiting
from tests.conftest import PROJECT, SAMPLE_DATA, Facecli

PAGE = PROJECT / "man" / "source" / "facecli-cluster.7.md"
ENDING = 20  # seconds that a process may take to end


def example(words: str) -> str:
    """The example of the page in which these words occur, with one command a line."""
    found = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    [block] = [block for block in found if words in block]
    return block.replace("\\\n", " ")


@contextmanager
def running(command: list[str], folder: Path, env: dict[str, str]) -> Iterator[Path]:
    """Run a command until the block is left; yields the file with what it has printed."""
    output = folder / f"output-{len(list(folder.iterdir()))}.txt"
    with output.open("wb") as stream:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=stream, stderr=stream)
    try:
        yield output
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(ENDING)
        finally:
            process.kill()


def test_the_example_of_three_machines_works_on_one(ready: Facecli, tmp_path: Path) -> None:
    """The machines `holder`, `one` and `two` are this one; the port is any that is free."""
    folder = tmp_path / "holder"
    shutil.copytree(SAMPLE_DATA, folder)
    (folder / "manifest.csv").rename(folder / "staff.csv")
    (folder / "probes").rename(folder / "photos")
    database = {"FACECLI_DB": str(ready.db), "FACECLI_KEY_FILE": str(ready.key)}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "DASK_CONFIG": str(folder)}
    subprocess.run(
        ["sh", "-e", "-c", example("openssl")], cwd=folder, check=True, capture_output=True
    )
    assert (folder / "worker.key").stat().st_mode & 0o077 == 0
    scheduler = example("dask scheduler").replace(" holder ", " 127.0.0.1 ").replace("8786", "0")
    place = folder / "scheduler.json"
    told = ["--scheduler-file", str(place)]
    with running([*shlex.split(scheduler), *told], folder, env):
        waiting.until(lambda: place.exists() and place.read_text().rstrip().endswith("}"))
        address = json.loads(place.read_text())["address"]
        worker = example("facecli cluster worker tls://holder:8786 --workers").replace(
            "tls://holder:8786 --workers 8", f"{address} --workers 1"
        )
        with running(shlex.split(worker), folder, env) as output:
            waiting.until(lambda: "serves" in output.read_text())
            holder = example("export FACECLI_CLUSTER_CA=ca.pem")
            done = subprocess.run(
                ["sh", "-c", holder.replace("tls://holder:8786", address)],
                cwd=folder,
                env=env | database,
                capture_output=True,
                text=True,
            )
    assert "3 enrolled" in done.stdout + done.stderr
    assert "A-1001" in done.stdout


def test_the_job_of_slurm_is_a_shell_script_of_known_commands() -> None:
    job = example("#SBATCH")
    subprocess.run(["sh", "-n", "-c", job], check=True)
    [command] = [line for line in job.splitlines() if line.startswith("srun ")]
    assert shlex.split(command)[1:4] == ["facecli", "cluster", "worker"]
    options = [line for line in job.splitlines() if line.startswith("#SBATCH ")]
    assert options == ["#SBATCH --ntasks=16 --cpus-per-task=1 --mem-per-cpu=1500M"]


def test_the_deployment_of_kubernetes_can_be_parsed_and_fits_together() -> None:
    yaml = pytest.importorskip("yaml")
    deployment: dict[str, Any] = yaml.safe_load(example("kind: Deployment"))
    template = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
    pod = template["spec"]
    [container], [volume] = pod["containers"], pod["volumes"]
    assert container["command"] + container["args"][:2] == ["facecli", "cluster", "worker"]
    [mount] = container["volumeMounts"]
    assert mount["name"] == volume["name"]
    assert not volume["secret"]["defaultMode"] & 0o007  # a key that everybody reads is refused
    assert {entry["name"] for entry in container["env"]} == {
        "FACECLI_CLUSTER_CA",
        "FACECLI_CLUSTER_CERT",
        "FACECLI_CLUSTER_KEY",
    }
    files = {Path(entry["value"]).name for entry in container["env"]}
    assert all(entry["value"].startswith(f"{mount['mountPath']}/") for entry in container["env"])
    secret = shlex.split(example("kubectl create secret"))
    assert secret[4] == volume["secret"]["secretName"]
    assert {word.removeprefix("--from-file=") for word in secret[5:]} == files
