"""Twice as many cells change no clinical output by more than 1 % (science statement 3)."""

import jax
import numpy as np

import skinmech as sm
from skinmech.simulate import resolve

FLOORS = {  # below these a change is relative to the floor: scores near zero in healthy skin
    "tewl": 1.0,
    "easi": 5.0,
    "pasi": 5.0,
    "itch_nrs": 1.0,
    "epidermal_thickness": 1.0,
    "corneum_thickness": 1.0,
}


def outputs(engine, state, disease):
    model = engine.model
    args = model.arguments(resolve(model, sm.DONORS[disease]))
    found = jax.jit(lambda y, given: model.observe(0.0, y, given))(state, args)
    return np.array([found[name] for name in FLOORS])


def test_doubling_both_grids_changes_no_clinical_output_by_more_than_one_percent(
    default, attractors
):
    fine = sm.simulator(sm.skin_model(corneum_cells=24, epidermis_cells=32))
    assert fine.layout.num_nodes == 2 * default.layout.num_nodes
    floors = np.array(list(FLOORS.values()))
    changes = {}
    for disease in sm.DONORS:
        coarse = outputs(default, attractors[disease], disease)
        doubled = outputs(fine, sm.attractor(fine, disease), disease)
        changes[disease] = np.abs(coarse - doubled) / np.maximum(np.abs(doubled), floors)
    table = {disease: dict(zip(FLOORS, values, strict=True)) for disease, values in changes.items()}
    assert max(values.max() for values in changes.values()) < 0.01, table
