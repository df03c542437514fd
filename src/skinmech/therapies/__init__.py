"""Therapies as data: drugs, regimens, exposure and what exposure does to its targets.

Loading a drug needs no JAX; the numerical parts are `pharmacokinetics`, `arrays` and `effects`.
"""

from .dosing import Dosing as Dosing, InputRate as InputRate, dosing as dosing
from .drug import Drug as Drug
from .errors import (
    DrugFileError as DrugFileError,
    Problem as Problem,
    RegimenError as RegimenError,
    UnknownDrugError as UnknownDrugError,
)
from .library import catalogue as catalogue, load_drug as load_drug
from .quantity import Quantity as Quantity
from .regimen import DoseEvent as DoseEvent, Regimen as Regimen
from .regimen_text import parse_regimen as parse_regimen
