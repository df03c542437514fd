"""Events, each point against a closed form (SBML Level 3 Version 2, section 4.11)."""

import numpy as np
import pytest

pytest.importorskip("libsbml", reason="the extra petab is not installed")

from skinmech_calibration.interchange import read_sbml

from ._files import event, parameter, rule, species, write_sbml


def clock(tmp_path, events, *extra, **parts):
    """A model whose x grows with time from 0."""
    names = "".join(parameter(name, value) for name, value in extra)
    rules = rule("rate", "x", "1") + parts.pop("rules", "")
    return read_sbml(write_sbml(
        tmp_path, parameters=parameter("x", 0.0) + names, rules=rules, events=events, **parts
    ))  # fmt: skip


def test_higher_priority_goes_first_and_its_values_count(tmp_path):
    model = clock(
        tmp_path,
        event("a", "x > 2", {"y": "y + 3"}, priority="1", at_trigger=False)
        + event("b", "x > 2", {"y": "y * 2"}, priority="2", at_trigger=False)
        + event("c", "x > 4", {"z": "z + 3"}, priority="1")
        + event("d", "x > 4", {"z": "z * 2"}, priority="2"),
        ("y", 1.0), ("z", 1.0),
    )  # fmt: skip
    found = model.simulate([1.9, 3.0, 5.0])
    assert found["y"].tolist() == [1.0, 5.0, 5.0]
    # Values of the time of the trigger: the second to go overwrites with 1 + 3.
    assert found["z"].tolist() == [1.0, 1.0, 4.0]


def test_an_event_that_does_not_persist_can_be_called_off(tmp_path):
    model = clock(
        tmp_path,
        event("a", "x > 2", {"x": "-100"}, priority="10")
        + event("b", "x > 2", {"y": "y + 1"}, priority="1", persistent=False)
        + event("c", "x > 2", {"y": "y + 10"}, priority="1"),
        ("y", 0.0),
    )  # fmt: skip
    assert model.simulate([1.0, 3.0])["y"].tolist() == [0.0, 10.0]


def test_a_trigger_true_at_the_start_fires_only_where_it_counts_as_false_before(tmp_path):
    model = clock(
        tmp_path,
        event("a", "x > -1", {"y": "1"}, initial=False) + event("b", "x > -1", {"z": "1"}),
        ("y", 0.0), ("z", 0.0),
    )  # fmt: skip
    found = model.simulate([0.0, 1.0])
    assert found["y"].tolist() == [1.0, 1.0]
    assert found["z"].tolist() == [0.0, 0.0]


def test_events_may_cause_each_other_and_fire_again(tmp_path):
    model = clock(
        tmp_path,
        event("a", "x >= 1", {"x": "0", "n": "n + 1"}) + event("b", "n >= 3", {"m": "m + 1"}),
        ("n", 0.0), ("m", 0.0),
    )  # fmt: skip
    found = model.simulate([0.5, 1.5, 2.5, 3.5, 4.5])
    assert found["n"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert found["m"].tolist() == [0.0, 0.0, 0.0, 1.0, 1.0]
    assert found["x"] == pytest.approx(np.full(5, 0.5), rel=1e-9)


def test_short_pulses_of_time_are_not_stepped_over(tmp_path):
    model = clock(
        tmp_path,
        event("on", "time - 10 * floor(time / 10) < 1e-3", {"y": "y + 1"})
        + event("once", "time > 33 && time < 33.0001", {"z": "z + 1"}),
        ("y", 0.0), ("z", 0.0),
    )  # fmt: skip
    found = model.simulate([5.0, 15.0, 25.0, 95.0])
    assert found["y"].tolist() == [0.0, 1.0, 2.0, 9.0]
    assert found["z"].tolist() == [0.0, 0.0, 0.0, 1.0]


def test_a_bouncing_ball_keeps_time(tmp_path):
    model = clock(
        tmp_path, event("bounce", "h < 0", {"v": "-0.5 * v", "h": "0"}), ("h", 4.905), ("v", 0.0),
        rules=rule("rate", "h", "v") + rule("rate", "v", "-9.81"),
    )  # fmt: skip
    # It falls for 1 s, then is up for 1 s, 0.5 s, ...; in the middle of each flight v is 0.
    found = model.simulate([0.5, 1.5, 2.25])
    assert found["v"] == pytest.approx([-4.905, 0.0, 0.0], abs=1e-7)
    assert found["h"] == pytest.approx([4.905 * 0.75, 4.905 / 4, 4.905 / 16], rel=1e-8)


def test_a_compartment_changed_by_an_event_keeps_amounts(tmp_path):
    place = '<compartment id="cell" spatialDimensions="3" size="0.5" constant="false"/>'
    model = clock(
        tmp_path,
        event("a", "time > 1", {"cell": "2"})
        + event("b", "time > 2", {"cell": "0.2", "S": "0.2"}),
        compartments=place,
        species=species("S", concentration=2.0) + species("R", concentration=2.0),
        rules=rule("rate", "R", "0"),
    )  # fmt: skip
    found = model.simulate([0.5, 1.5, 2.5])
    assert found["R"] == pytest.approx([2.0, 0.5, 5.0])
    # Both assignments are made at the old size, 0.2 * 2 = 0.4, and the concentration follows.
    assert found["S"] == pytest.approx([2.0, 0.5, 2.0])
    assert found.amount("S") == pytest.approx([1.0, 1.0, 0.4])


def test_events_that_never_stop_firing_are_reported(tmp_path):
    from skinmech_calibration.interchange import SimulationFailure

    model = clock(
        tmp_path,
        event("a", "x > 1 && y < 1", {"y": "1"}) + event("b", "y > 0", {"y": "0"}),
        ("y", 0.0),
    )  # fmt: skip
    with pytest.raises(SimulationFailure, match="stopped at time 1 "):
        model.simulate([0.0, 2.0])
