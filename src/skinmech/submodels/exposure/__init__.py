"""Exposure: drug concentrations in plasma and skin, and what they leave free or active."""

from .exposure import SLOTS as SLOTS, Exposure as Exposure, ExposureParameters as ExposureParameters
