"""Real donors: reading, holding back, fitting, carrying over."""

import dataclasses

import numpy as np
import pytest

import skinmech as sm
from skinmech.culture_model import culture_model
from skinmech.modelling.parameters import check
from skinmech_calibration.keratinocyte_data import (
    DOSES,
    MEASURED_GENES,
    DonorDataError,
    read_donors,
)
from skinmech_calibration.keratinocyte_donors import (
    FREE,
    carry_over,
    donor_problem,
    fit_donor,
    held_back_error,
    hold_back,
    population,
    predict_conditions,
)

TESTED = (4, 7, 10)  # a strong, a weak and a middling responder; all ten are for the benchmark


@pytest.fixture(scope="module")
def donors(shared_data):
    table = shared_data / "biology" / "skin_equivalents.csv"
    if not table.is_file():
        pytest.skip("skin_equivalents.csv is not among the reference data")
    return {donor.donor: donor for donor in read_donors(table)}


@pytest.fixture(scope="module")
def fits(donors):
    return {number: fit_donor(donors[number]) for number in TESTED}


def test_all_replicates_of_ten_donors_are_read(donors):
    assert sorted(donors) == list(range(1, 11))
    assert all(np.isfinite(donor.pstat1).all() for donor in donors.values())
    assert sum(np.isfinite(donor.mrna).sum() for donor in donors.values()) == 864
    lacking = {
        (number, gene)
        for number, donor in donors.items()
        for gene, values in zip(MEASURED_GENES, donor.mrna, strict=True)
        if np.isnan(values).all()
    }
    assert lacking == {(7, "IFI16"), (2, "IL12A")}


def test_a_table_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DonorDataError, match="Unable to find"):
        read_donors(tmp_path / "absent.csv")


def test_missing_columns_are_named(tmp_path):
    table = tmp_path / "short.csv"
    table.write_text("study,system\nZimenko_2026,keratinocytes\n")
    with pytest.raises(DonorDataError, match="concentration.*row_level"):
        read_donors(table)


def test_every_row_that_cannot_be_placed_is_reported(tmp_path):
    header = "study,system,concentration,time,time_unit,readout,value,unit,n,row_level\n"
    start = "Zimenko_2026,primary human keratinocytes 2D,"
    rows = [
        "1,4,h,CXCL10 mRNA,20,fold,Donor 1,replicate",
        "3,4,h,CXCL10 mRNA,20,fold,Donor 1,replicate",
        "1,4,h,KRT5 mRNA,20,fold,Donor 1,replicate",
        "1,4,h,CXCL10 mRNA,-2,fold,Donor 1,replicate",
        "1,30,min,pSTAT1,80,MFI,somebody,replicate",
    ]
    table = tmp_path / "bad.csv"
    table.write_text(header + "".join(f"{start}{row}\n" for row in rows))
    with pytest.raises(DonorDataError) as raised:
        read_donors(table)
    lines = str(raised.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [f"bad.csv, line {k}" for k in (3, 4, 5, 6)]


def test_a_fit_cannot_see_what_is_held_back(donors):
    held, data = hold_back(), donors[10]
    pstat1, mrna = data.pstat1.copy(), data.mrna.copy()
    pstat1[held.pstat1] *= 3.0
    mrna[np.broadcast_to(held.mrna, mrna.shape[:3])] *= 3.0
    changed = dataclasses.replace(data, pstat1=pstat1, mrna=mrna)
    assert donor_problem(changed).data_hash == donor_problem(data).data_hash
    seen = data.pstat1.copy()
    seen[DOSES.index(100.0), 0] *= 3.0
    other = dataclasses.replace(data, pstat1=seen)
    assert donor_problem(other).data_hash != donor_problem(data).data_hash


def test_held_back_conditions_are_predicted_to_within_the_scatter_of_replicates(donors, fits):
    own = [held_back_error(donors[number], fits[number].predicted) for number in TESTED]
    typical = [held_back_error(donors[number], fits[number].typical) for number in TESTED]

    def pooled(errors, name):
        return float(np.sqrt(np.mean([getattr(error, name) ** 2 for error in errors])))

    # A perfect prediction errs by the spread against single replicates; a quarter is allowed.
    assert pooled(own, "pstat1") < 1.25 * pooled(own, "pstat1_spread")
    assert pooled(own, "mrna") < 1.25 * pooled(own, "mrna_spread")
    # Knowing the donor must help: against the donor nothing is known about.
    assert pooled(own, "pstat1_mean") < 0.7 * pooled(typical, "pstat1_mean")
    assert pooled(own, "mrna_mean") < 0.7 * pooled(typical, "mrna_mean")


def test_fits_converge_inside_the_bounds(fits):
    for fitted in fits.values():
        assert fitted.result.is_converged, fitted.result.starts[0].reason
        assert fitted.result.at_bounds == ()
        assert fitted.result.starts[0].gradient_norm < 0.3


def test_strong_and_weak_responders_come_out_as_such(fits):
    strength = {n: f.values["signalling.sensitivity[pSTAT1]"] for n, f in fits.items()}
    assert strength[4] > 1.5 * strength[10] > 1.5 * 0.9 * strength[7]
    mean, spread = population(list(fits.values()))["signalling.IFNg_half"]
    declared = culture_model().specifications()["signalling.IFNg_half"].value
    assert abs(np.log(mean / declared)) < 2.0 * spread / np.sqrt(len(TESTED)) + 0.1


def test_donor_parameters_carry_over_to_the_coupled_model(fits):
    specs = sm.skin_model().specifications()
    carried = carry_over(fits[4])
    assert set(carried) == {path for path in FREE if path.startswith("signalling.")}
    check(specs, carried)
    assert all(specs[path].scope == "donor" for path in carried)


def test_a_made_up_donor_is_recovered(donors):
    truth = {
        "signalling.IFNg_half": 1500.0,
        "signalling.sensitivity[pSTAT1]": 2.5,
        "culture.background[pSTAT1]": 75.0,
        "expression.gain[CXCL10]": 4.0e5,
        "expression.gain[IL15]": 12.0,
    }
    problem = donor_problem(donors[10])
    told = predict_conditions(problem, problem.free.to_coordinates(truth))
    made_up = dataclasses.replace(
        donors[10],
        pstat1=np.repeat(told.pstat1[..., None], 2, axis=-1),
        mrna=np.repeat(told.mrna[..., None], 3, axis=-1),
    )
    fitted = fit_donor(made_up)
    # Without noise only the pull of the priors is left: small against noise of 15 % and 58 %.
    np.testing.assert_allclose(fitted.predicted.pstat1, told.pstat1, rtol=0.06)
    np.testing.assert_allclose(np.log(fitted.predicted.mrna), np.log(told.mrna), atol=0.25)
    for path in ("signalling.IFNg_half", "signalling.sensitivity[pSTAT1]"):
        typical = problem.free.members[FREE.index(path)].spec.value
        gone = np.log(fitted.values[path] / typical) / np.log(truth[path] / typical)
        assert 0.4 < gone < 1.3, path  # most of the way from the typical donor to the truth
