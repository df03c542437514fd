"""Skin on a living body: air above, a perfused dermis with immune cells below."""

from typing import Any

from .environment import Setting, environment_values


def in_vivo(**environment: Any) -> Setting:
    """The in vivo setting.

    Args:
        **environment: Values other than the defaults, e.g. `relative_humidity=0.3`.

    Raises:
        EnvironmentValueError: an unknown name or a unit that does not fit.
    """
    return Setting("in_vivo", environment_values(environment))
