"""Observables: operators from the model's states to what is measured."""

from .clinical import ClinicalScores as ClinicalScores
from .colour import SkinColour as SkinColour
from .impedance import Impedance as Impedance
from .tissue import TissueReadout as TissueReadout
