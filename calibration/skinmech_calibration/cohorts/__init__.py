"""Cohorts of any size: chunks of patients by therapies, streamed to files, resumed, sharded."""

from .chunk import Chunk as Chunk
from .errors import CohortError as CohortError
from .merge import merge_cohort as merge_cohort
from .plan import CohortPlan as CohortPlan
from .result import CohortFile as CohortFile, open_cohort as open_cohort
from .run import Progress as Progress, run_cohort as run_cohort
