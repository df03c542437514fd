"""Independent jobs on whatever computes: this process's threads, or a cluster.

An executor has three methods: `run` (results as they come, a few tasks in flight), `map` (results
in order) and `close`. Jobs must not depend on one another, so a job that is lost is run again.
"""

from .base import Executor as Executor
from .dask import DaskExecutor as DaskExecutor
from .threads import ThreadExecutor as ThreadExecutor, usable_cores as usable_cores
