"""Parameter estimation problems in PEtab."""

from .fit import PetabFit as PetabFit, PetabStart as PetabStart
from .objective import PetabObjective as PetabObjective
from .problem import PetabProblem as PetabProblem, read_petab as read_petab
