"""Simulation of hybrid systems: states that move, states that jump, and events."""

from .drive import Run as Run, run as run
from .loop import Options as Options, Plan as Plan
from .system import System as System, Where as Where
