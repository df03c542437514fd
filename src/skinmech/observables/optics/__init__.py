"""Multilayer optics: from layers of skin to a reflectance spectrum, a colour and its indices."""

from .appearance import Appearance as Appearance, appearance as appearance
from .chromophores import WAVELENGTHS as WAVELENGTHS
from .colorimetry import OBSERVERS as OBSERVERS, cielab as cielab, ita as ita, srgb as srgb
from .parameters import OpticsParameters as OpticsParameters
from .skin import (
    Colour as Colour,
    SkinLayers as SkinLayers,
    skin_colour as skin_colour,
    skin_layers as skin_layers,
    skin_reflectance as skin_reflectance,
)
