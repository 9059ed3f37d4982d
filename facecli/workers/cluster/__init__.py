"""The processes of a cluster, behind the same interface as the local pool.

`pool.ClusterPool` spreads tasks over the workers of a Dask scheduler that exists. `client_worker`
is the only importer of Dask on this side: a process with neither key nor database, because Dask
unpickles what a cluster answers. `node` is what runs on a machine of the cluster.
"""
