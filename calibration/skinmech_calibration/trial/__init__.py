"""Trials: a virtual population fitted to open trials, and what it predicts of others."""

from .arms import Arm as Arm, Row as Row, read_arms as read_arms
from .fit import (
    Population as Population,
    PopulationProblem as PopulationProblem,
    load_population as load_population,
)
from .open_tables import open_arms as open_arms
from .predict import ArmsPrediction as ArmsPrediction, predict_arms as predict_arms
