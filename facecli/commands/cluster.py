"""`facecli cluster`: work for the Dask scheduler of a cluster."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from facecli.cli.analysers import certificates, way_to
from facecli.cli.help_pages import CommandGroup
from facecli.cli.options import pass_settings, views, workers
from facecli.cli.session import Settings
from facecli.errors.base import Exit
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.pool import identity_of
from facecli.recognition.engines import engine, model_card


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """Decode and recognise on the machines of a cluster; see facecli-cluster(7).

    \b
    Example:
      facecli cluster worker tls://scheduler:8786 --workers 8
    """


@command.command(
    epilog="Exit codes: 0 ended by a signal or with its scheduler; 1 no such scheduler, "
    "certificates that cannot be used, no encryption, or the engine cannot be loaded; 2 usage; 21 "
    "no such engine."
)
@click.argument("address")
@click.option("--engine", "engine_name", default=engine.DEFAULT, show_default=True,
              metavar="NAME|FILE.toml", shell_complete=lambda *_: engine.names(),
              help="The engine of the databases that this cluster works for.")  # fmt: skip
@views(engine.MOST_VIEWS)
@workers
@click.option("--host", metavar="NAME", help="Name or number of this machine at which it listens.  "
              "[default: the one from which it reaches the scheduler]")  # fmt: skip
@certificates
@pass_settings
def worker(
    settings: Settings,
    address: str,
    engine_name: str,
    views: int | None,
    workers: int,
    host: str | None,
    cluster_ca: Path | None,
    cluster_cert: Path | None,
    cluster_key: Path | None,
) -> int:
    """Work for a scheduler until it ends, or until Ctrl-C or SIGTERM.

    Images are decoded in processes that the kernel confines, as they are for other commands.
    Nothing is written to disk, and no database or key is needed. Whoever has a certificate of the
    cluster can run programs as this user: let it be a user without other files or rights.

    \b
    Example:
      facecli cluster worker tls://scheduler:8786 --workers 8
    """
    way = way_to(address, cluster_ca, cluster_cert, cluster_key)
    spec = model_card.choose(engine_name, None, views, lambda error: settings.note(error.message))
    from facecli.workers.cluster import access, node

    access.check_files(way)
    setup = partial(image_analysis.load_analysis_worker, spec.loadable)
    node.serve(node.Terms(way, identity_of(spec), setup, workers, host), settings.note)
    return Exit.OK
