"""Trials that have not been run: patients drawn from the population, randomised and followed."""

from .control import ControlPrediction as ControlPrediction, virtual_control as virtual_control
from .design import (
    Rescue as Rescue,
    Stratum as Stratum,
    TrialArm as TrialArm,
    TrialDesign as TrialDesign,
)
from .power import PowerRow as PowerRow, power_curve as power_curve
from .trials import (
    VirtualTrials as VirtualTrials,
    WeekRow as WeekRow,
    simulate_trials as simulate_trials,
)
