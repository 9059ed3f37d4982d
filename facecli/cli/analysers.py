"""Options that state where images are decoded and recognised: on this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial, update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from facecli.cli.options import FILE, KEY_FILE, Command
from facecli.cli.options import workers as with_workers
from facecli.cli.param_types import Number
from facecli.cli.session import Settings
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.pool import identity_of
from facecli.workers.local import Pool
from facecli.workers.process import check_memory

if TYPE_CHECKING:
    from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
    from facecli.recognition.engines.engine import EngineSpec
    from facecli.workers.cluster.access import Access
    from facecli.workers.cluster.pool import ClusterPool


@dataclass(frozen=True)
class Analysing:
    """The place where images are decoded and recognised.

    workers: processes of this machine. cluster: a scheduler to use instead. wait: seconds for
    workers of the cluster. tell: gets a sentence when they are waited for.
    """

    workers: int = 1
    cluster: Access | None = None
    wait: float = 30.0
    tell: Callable[[str], object] = field(default=str, compare=False)  # nothing is printed

    def pool(
        self, spec: EngineSpec
    ) -> Pool[AnalysisRequest, ImageAnalysis] | ClusterPool[AnalysisRequest, ImageAnalysis]:
        """Return the pool for an engine.

        Raises:
            ClusterFailed, NotEncrypted: the cluster cannot be used.
        """
        load = partial(image_analysis.load_analysis_worker, spec.loadable)
        if self.cluster is None:
            return Pool(load, workers=self.workers)
        from facecli.workers.cluster.pool import ClusterPool

        return ClusterPool(load, identity_of(spec), self.cluster, wait=self.wait, tell=self.tell)


def certificates(command: Command) -> Command:
    """`--cluster-ca`, `--cluster-cert` and `--cluster-key`."""
    options = (
        click.option("--cluster-key", type=KEY_FILE, envvar="FACECLI_CLUSTER_KEY", metavar="FILE",
                     help="Private key of --cluster-cert, in PEM."),
        click.option("--cluster-cert", type=FILE, envvar="FACECLI_CLUSTER_CERT", metavar="FILE",
                     help="Certificate of this side, in PEM."),
        click.option("--cluster-ca", type=FILE, envvar="FACECLI_CLUSTER_CA", metavar="FILE",
                     help="Certificate of the cluster's own authority, in PEM."),
    )  # fmt: skip
    for option in options:
        command = option(command)
    return command


def analysers(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--workers`, `--cluster` and its certificates. The command gets `analysing`."""

    def wrapped(
        *args: Any,
        workers: int,
        cluster: str | None,
        cluster_ca: Path | None,
        cluster_cert: Path | None,
        cluster_key: Path | None,
        cluster_wait: float,
        **kwargs: Any,
    ) -> Any:
        way = None
        if cluster is not None:
            if is_given("workers"):
                raise click.UsageError("give --workers or --cluster, not both")
            way = way_to(cluster, cluster_ca, cluster_cert, cluster_key)
        else:
            check_memory()  # a library that is loaded before the first worker would end the process
        settings = click.get_current_context().find_object(Settings)
        tell = str if settings is None else settings.note
        analysing = Analysing(workers, way, cluster_wait, tell)
        return command(*args, analysing=analysing, **kwargs)

    update_wrapper(wrapped, command)
    wrapped = click.option(
        "--cluster-wait",
        type=Number(0, 86400, unit="seconds"),
        default=30,
        show_default=True,
        metavar="SECONDS",
        help="Longest wait for workers of the cluster.",
    )(wrapped)
    wrapped = certificates(wrapped)
    wrapped = click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Decode and recognise on the cluster of this Dask scheduler, tls://HOST:PORT.",
    )(wrapped)
    return with_workers(wrapped)


def way_to(address: str, ca: Path | None, cert: Path | None, key: Path | None) -> Access:
    """Return the way to a scheduler.

    Raises:
        BadText: the address or the certificates are not usable.
        MissingExtra: Dask is not installed.
        NotEncrypted: it is another machine, and the way is without TLS.
    """
    import importlib.util

    from facecli.errors.recognition import MissingExtra
    from facecli.workers.cluster.access import access

    way = access(address, *(None if path is None else str(path) for path in (ca, cert, key)))
    if importlib.util.find_spec("distributed") is None:
        raise MissingExtra(what="A cluster", package="distributed", extra="cluster")
    return way


def is_given(name: str) -> bool:
    """Return True if the user gave the parameter of that name to the present command."""
    source = click.get_current_context().get_parameter_source(name)
    return source not in (None, ParameterSource.DEFAULT)
