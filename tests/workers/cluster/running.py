"""A Dask scheduler over TLS and its workers, as processes of a test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

from facecli.workers.cluster.access import Access, access
from tests import waiting
from tests.workers.cluster.certificates import Authority, Pem

ENDING = 10  # seconds that a process may take to end


class Running:
    """A scheduler and the workers that a test starts. `close` ends all of them."""

    def __init__(self, folder: Path, *preload: str, tls: bool = True) -> None:
        self.folder = folder
        self.authority = Authority(folder)
        self.client = self.authority.sign("client")
        self._side = self.authority.sign("worker")
        self.processes: list[subprocess.Popen[bytes]] = []
        place = folder / "scheduler.json"
        pem = self.authority.sign("scheduler")
        secure = ["--tls-ca-file", pem.ca, "--tls-cert", pem.cert, "--tls-key", pem.key]
        self.scheduler = self._start(
            *("-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0"),
            *("--dashboard-address", "127.0.0.1:0", "--no-dashboard", "--no-jupyter"),
            *("--scheduler-file", place, *preload),
            *(["--protocol", "tls", *secure] if tls else []),
        )
        waiting.until(lambda: place.exists() and place.read_text().rstrip().endswith("}"))
        self.address: str = json.loads(place.read_text())["address"]

    @property
    def way(self) -> Access:
        """The way of the holder to it."""
        return self.way_with(self.client)

    def way_with(self, pem: Pem) -> Access:
        """The way with these certificates."""
        return access(self.address, str(pem.ca), str(pem.cert), str(pem.key))

    def worker(self, engine: str = "digest", *, lies: bool = False) -> subprocess.Popen[bytes]:
        """Start a worker for digests."""
        pem = self._side
        return self._start(
            *("-m", "tests.workers.cluster.serving", self.address, pem.ca, pem.cert, pem.key),
            *(engine, "yes" if lies else "no"),
        )

    def facecli_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a worker for faces."""
        command = ["-m", "facecli", "cluster", "worker", self.address, *self._side.options]
        return self._start(*command, *options)

    def _start(self, *command: object) -> subprocess.Popen[bytes]:
        output = self.folder / f"output-{len(self.processes)}.txt"
        with open(output, "wb") as stream:
            process = subprocess.Popen(
                [sys.executable, *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**os.environ, "DASK_CONFIG": str(self.folder)},
            )
        self.processes.append(process)
        return process

    def output(self, process: subprocess.Popen[bytes]) -> str:
        """What a process has printed so far."""
        return (self.folder / f"output-{self.processes.index(process)}.txt").read_text()

    def ready(self, *workers: subprocess.Popen[bytes]) -> None:
        """Return when these workers serve."""
        for worker in workers:
            waiting.until(partial(self._has_begun, worker))
            assert worker.poll() is None, self.output(worker)

    def _has_begun(self, worker: subprocess.Popen[bytes]) -> bool:
        return "serves" in self.output(worker) or worker.poll() is not None

    def await_no_task(self) -> None:
        """Return once the scheduler knows no task; raise an error after some seconds."""
        observer = self.observer()
        observer.communicate("now\n", timeout=120)
        assert observer.returncode == 0

    def observer(self) -> subprocess.Popen[str]:
        """A connected process that ends once it gets a line and the scheduler knows no task."""
        pem = self.client
        command = ["-c", _NO_TASK, self.address, pem.ca, pem.cert, pem.key]
        pipe = subprocess.PIPE
        found = subprocess.Popen(
            [sys.executable, *map(str, command)], stdin=pipe, stdout=pipe, text=True
        )
        assert found.stdout is not None
        assert found.stdout.readline() == "connected\n"
        return found

    def close(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
        for process in self.processes:
            process.wait(ENDING)


_NO_TASK = """
import sys
from distributed import Client, Security
from tests import waiting

address, ca, cert, key = sys.argv[1:]
security = Security(tls_ca_file=ca, tls_client_cert=cert, tls_client_key=key)
count = lambda dask_scheduler: len(dask_scheduler.tasks)
with Client(address, security=security) as client:
    print("connected", flush=True)
    sys.stdin.readline()
    waiting.until(lambda: client.run_on_scheduler(count) == 0, within=5)
"""
