"""Cytokines: secretion, diffusion between dermis (or medium) and epidermis, clearance."""

from .cytokines import Cytokines as Cytokines
from .parameters import CytokineParameters as CytokineParameters
