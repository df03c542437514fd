"""Signalling: receptor occupancy, JAK activity, pSTAT6/3/1 and NF-kB, dynamic or quasi-steady."""

from .dynamic import DynamicSignalling as DynamicSignalling
from .parameters import SignallingParameters as SignallingParameters
from .quasi_steady import QuasiSteadySignalling as QuasiSteadySignalling
