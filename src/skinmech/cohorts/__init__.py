"""Many virtual patients: who they are, and how one of them is simulated. No files here."""

from .in_memory import Cohort as Cohort, simulate_cohort as simulate_cohort
from .patients import (
    DrawnPatients as DrawnPatients,
    GivenPatients as GivenPatients,
    Patient as Patient,
    Varied as Varied,
    varied as varied,
)
from .plans import Plans as Plans, Therapy as Therapy
from .solver import (
    ModelSolver as ModelSolver,
    PatientOutcome as PatientOutcome,
    PatientSolver as PatientSolver,
)
