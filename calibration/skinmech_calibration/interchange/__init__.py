"""Interchange: models in SBML and estimation problems in PEtab, into JAX and out of it."""

from .errors import (
    InterchangeError as InterchangeError,
    SimulationFailure as SimulationFailure,
    UnsupportedError as UnsupportedError,
)
from .export_petab import export_petab as export_petab
from .export_sbml import Written as Written, export_sbml as export_sbml
from .petab import (
    PetabFit as PetabFit,
    PetabObjective as PetabObjective,
    PetabProblem as PetabProblem,
    PetabStart as PetabStart,
    read_petab as read_petab,
)
from .sbml import (
    SBMLModel as SBMLModel,
    SBMLTrajectory as SBMLTrajectory,
    read_sbml as read_sbml,
)
