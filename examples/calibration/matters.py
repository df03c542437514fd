"""Which donor parameter moves a reading: keratinocytes in a dish under interferon gamma.

Needs the extra `sensitivity`.
"""

import jax

jax.config.update("jax_enable_x64", True)

import skinmech as sm  # noqa: E402  # after the flag
import skinmech_calibration as cal  # noqa: E402
from skinmech.culture_model import culture_model  # noqa: E402
from skinmech.settings import culture  # noqa: E402

FREE = ("signalling.IFNg_half", "signalling.sensitivity[pSTAT1]", "expression.gain[CXCL10]")
HOUR = 1.0 / 24.0


def problem():
    """One dose, read at four and 24 hours; the values do not matter here."""
    observed = [
        cal.Observation("pSTAT1_MFI", 5.0 * HOUR, 1.0),
        cal.Observation("mRNA_CXCL10", 25.0 * HOUR, 1.0),
    ]
    dose = sm.Change(at=HOUR, environment={"inlet_cytokines[IFN-gamma]": "100 pg/mL"})
    dish = cal.Experiment("dish", culture(), sm.Protocol("26 hour", [dose]), observed)
    return cal.CalibrationProblem(culture_model(), [dish], FREE)


def main(size=8):
    """Print Morris's mean absolute effects; returns the answer for each reading."""
    skin = problem()
    found = cal.sensitivity(cal.SkinObjective(skin), cal.skin_outputs(skin), method="morris",
                            size=size)  # fmt: skip
    for one in found:
        print(one.output)
        for name in one.ranking:
            print(f"  {name}: {one.total[one.names.index(name)]:.3g}")
    return found


if __name__ == "__main__":
    main()
