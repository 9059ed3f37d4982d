"""Sentences on what is wrong with a cluster, for its client and for a worker."""

from __future__ import annotations

from facecli.errors.workers import ClusterFailed
from facecli.extras import install_command
from facecli.workers.cluster.access import Access
from facecli.workers.cluster.lots import Trouble

_WORDS = {
    "absent": ("nothing answers there", "Check the address, and that `dask scheduler` runs"),
    "late": ("its scheduler does not answer in time", "Check the scheduler and the network"),
    "not-dask": (
        "what answers there is no scheduler of Dask{detail}",
        "Check the address, and that both sides have the same version of `distributed`",
    ),
    "plain": (
        "it does not use TLS",
        "Start its scheduler with --tls-ca-file, --tls-cert and --tls-key",
    ),
    "certificate": (
        "one side does not accept the certificate of the other",
        "Give certificates of the authority of this cluster, and check that none has expired",
    ),
    "version": (
        "its scheduler has `distributed` {detail}",
        "Install the same version on both sides: "
        + install_command("cluster").replace("{", "{{").replace("}", "}}"),
    ),
    "lost": (
        "its scheduler was lost",
        "What was reported is done. Run the command again, with --resume if it has it",
    ),
}


def failure(way: Access, trouble: Trouble) -> ClusterFailed:
    """Return the error that names a trouble with a cluster, and its remedy."""
    why, cure = (text.format(detail=trouble.detail) for text in _WORDS[trouble.kind])
    return ClusterFailed(address=way.address, why=why.rstrip(), cure=cure)
