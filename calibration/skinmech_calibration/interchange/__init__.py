"""Interchange: models in SBML and estimation problems in PEtab, into JAX."""

from .errors import (
    InterchangeError as InterchangeError,
    SimulationFailure as SimulationFailure,
    UnsupportedError as UnsupportedError,
)
from .petab import (
    PetabFit as PetabFit,
    PetabProblem as PetabProblem,
    PetabStart as PetabStart,
    read_petab as read_petab,
)
from .sbml import (
    SBMLModel as SBMLModel,
    SBMLTrajectory as SBMLTrajectory,
    read_sbml as read_sbml,
)
