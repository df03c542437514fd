"""Medium: what bathes cells in a dish."""

from .medium import Medium as Medium, MediumParameters as MediumParameters
