"""`python -m benchmarks.grid`: what doubling the depth grids changes in the clinical outputs.

Prints, for each attractor, the change in per cent from the default grid to twice as many cells in
the corneum, in the epidermis, and in both. Scores near zero are compared on a scale of 1 or 5.
"""

import os

os.environ.setdefault("EQX_ON_ERROR", "nan")

import jax

jax.config.update("jax_enable_x64", True)

import numpy as np  # noqa: E402  # after the configuration

import skinmech as sm  # noqa: E402

OUTPUTS = {
    "tewl": 1.0,
    "easi": 5.0,
    "pasi": 5.0,
    "itch_nrs": 1.0,
    "epidermal_thickness": 1.0,
    "corneum_thickness": 1.0,
}
GRIDS = {"default": (12, 16), "corneum": (24, 16), "epidermis": (12, 32), "both": (24, 32)}


def outputs(corneum: int, epidermis: int) -> dict[str, np.ndarray]:
    """Clinical outputs of each attractor on one grid."""
    engine = sm.simulator(sm.skin_model(corneum_cells=corneum, epidermis_cells=epidermis))
    found = {}
    for disease, parameters in sm.DONORS.items():
        run = engine.simulate(
            sm.Protocol("1 day"), parameters=parameters, start=sm.attractor(engine, disease),
            times=[0.0],
        )  # fmt: skip
        found[disease] = np.array([run[name][0] for name in OUTPUTS])
    return found


def main() -> None:
    """Measure and print."""
    found = {name: outputs(*cells) for name, cells in GRIDS.items()}
    floor = np.array(list(OUTPUTS.values()))
    print(f"{'attractor':10} {'doubled':10} " + " ".join(f"{name:>20}" for name in OUTPUTS))
    for disease in sm.DONORS:
        for name in list(GRIDS)[1:]:
            fine = found[name][disease]
            change = 100 * (found["default"][disease] - fine) / np.maximum(np.abs(fine), floor)
            print(f"{disease:10} {name:10} " + " ".join(f"{value:19.2f}%" for value in change))


if __name__ == "__main__":
    main()
