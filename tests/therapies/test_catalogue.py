"""The catalogue loads, every number is sourced, and bad files are answered well."""

import os
from pathlib import Path

import pytest

from skinmech.therapies import (
    DrugFileError,
    RegimenError,
    UnknownDrugError,
    catalogue,
    load_drug,
)
from skinmech.therapies.quantity import EVIDENCE, UNITS

EXPECTED = {
    "dupilumab": "antibody",
    "tralokinumab": "antibody",
    "lebrikizumab": "antibody",
    "nemolizumab": "antibody",
    "secukinumab": "antibody",
    "ixekizumab": "antibody",
    "guselkumab": "antibody",
    "risankizumab": "antibody",
    "ustekinumab": "antibody",
    "adalimumab": "antibody",
    "brodalumab": "antibody",
    "tildrakizumab": "antibody",
    "upadacitinib": "small_molecule",
    "abrocitinib": "small_molecule",
    "baricitinib": "small_molecule",
    "mometasone furoate": "topical",
    "emollient": "emollient",
    "NB-UVB": "phototherapy",
    "etanercept": "antibody",
    "infliximab": "antibody",
    "bimekizumab": "antibody",
    "tezepelumab": "antibody",
    "apremilast": "small_molecule",
    "methotrexate": "small_molecule",
    "tofacitinib": "small_molecule",
    "deucravacitinib": "small_molecule",
    "ruxolitinib cream": "topical",
    "delgocitinib ointment": "topical",
    "tacrolimus ointment": "topical",
    "pimecrolimus cream": "topical",
    "hydrocortisone": "topical",
    "triamcinolone acetonide": "topical",
    "fluticasone propionate": "topical",
    "betamethasone dipropionate": "topical",
    "clobetasol propionate": "topical",
    "certolizumab pegol": "antibody",
    "mirikizumab": "antibody",
    "crisaborole ointment": "topical",
    "roflumilast cream": "topical",
}

GOOD = """
name = "examplumab"
kind = "antibody"
route = "subcutaneous"
[molecular_weight]
value = 150.0
unit = "kDa"
source = "assumed"
evidence = "assumed"
note = "typical"

[pk]
model = "one-compartment"

[pk.parameters]
absorption_rate = { value = 0.01, unit = "1/hour", source = "smith2020", evidence = "fitted" }
bioavailability = { value = 70.0, unit = "%", source = "smith2020", evidence = "fitted" }
clearance = { value = 0.01, unit = "L/hour", source = "smith2020", evidence = "fitted" }
central_volume = { value = 5.0, unit = "L", source = "smith2020", evidence = "fitted" }

[skin]
partition = { value = 0.157, unit = "1", source = "smith2020", evidence = "measured" }

[[targets]]
target = "IL-22"
affinity = { value = 20.0, unit = "pM", source = "smith2020", evidence = "measured" }

[[regimens]]
indication = "atopic dermatitis"
text = "300 mg q2w"
source = "assumed"
evidence = "assumed"

[references]
smith2020 = "Smith 2020"
"""


def _write(folder: Path, text: str, name: str = "examplumab.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _problems(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(DrugFileError) as caught:
        load_drug(_write(folder, text))
    assert "examplumab.toml" in str(caught.value)
    return {problem.key: str(problem) for problem in caught.value.problems}


def test_catalogue_holds_the_expected_drugs():
    assert {name: drug.kind for name, drug in catalogue().items()} == EXPECTED


@pytest.mark.parametrize("name", EXPECTED)
def test_every_number_has_unit_source_and_evidence(name):
    drug = load_drug(name)
    quantities = drug.quantities()
    assert quantities
    for key, quantity in quantities.items():
        assert quantity.unit in UNITS[quantity.dimension], key
        assert quantity.source == "assumed" or drug.references[quantity.source], key
        assert quantity.evidence in EVIDENCE, key
        assert quantity.evidence != "assumed" or quantity.note, key
    cited = {quantity.source for quantity in quantities.values()}
    cited |= {label.source for label in drug.regimens}
    assert set(drug.references) == cited - {"assumed"}
    assert drug.regimens


def test_names_are_found_whatever_their_spelling():
    assert load_drug("Dupilumab") is load_drug("dupilumab")
    assert load_drug("nb uvb").name == load_drug("narrowband UVB").name == "NB-UVB"
    assert load_drug("mometasone").name == "mometasone furoate"


def test_unknown_drug_names_the_nearest():
    with pytest.raises(UnknownDrugError, match="Did you mean 'dupilumab'"):
        load_drug("dupilimab")
    with pytest.raises(UnknownDrugError, match="Unable to find the drug file"):
        load_drug("nowhere/drug.toml")
    with pytest.raises(UnknownDrugError, match="folder"):
        catalogue("no such folder")


def test_user_drug_loads_by_path_and_from_a_folder(tmp_path):
    path = _write(tmp_path, GOOD)
    drug = load_drug(path)
    assert drug.name == "examplumab"
    assert load_drug(str(path)) == drug
    assert load_drug("examplumab", tmp_path) == drug
    assert set(catalogue(tmp_path)) == {*EXPECTED, "examplumab"}
    assert drug.pharmacokinetics is not None
    assert drug.pharmacokinetics.magnitude("absorption_rate") == pytest.approx(0.24)
    assert drug.pharmacokinetics.magnitude("bioavailability") == pytest.approx(0.7)
    assert drug.targets[0].affinity.magnitude == pytest.approx(0.02)


def test_edited_user_file_is_read_again(tmp_path):
    path = _write(tmp_path, GOOD)
    load_drug(path)
    changed = _write(tmp_path, GOOD.replace("value = 20.0", "value = 40.0"))
    os.utime(changed, ns=(1, 1))
    assert load_drug(path).targets[0].affinity.magnitude == pytest.approx(0.04)


def test_broken_toml_names_file_and_line(tmp_path):
    problems = _problems(tmp_path, GOOD.replace("[pk]", "[pk"))
    assert "line" in problems["syntax"]


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('unit = "1/hour"', 'unit = "mg"', "pk.parameters.absorption_rate.unit", "'1/day'"),
        ("value = 5.0", "value = -5.0", "pk.parameters.central_volume.value", "minus"),
        ("value = 5.0", 'value = "5"', "pk.parameters.central_volume.value", "number"),
        ("value = 70.0", "value = 170.0", "pk.parameters.bioavailability.value", "fraction"),
        ('"IL-22"', '"IL22"', "targets[0].target", "Write 'IL-22'"),
        ('kind = "antibody"', 'kind = "antibdy"', "kind", "Write 'antibody'"),
        ("smith2020 = ", "smith2021 = ", "skin.partition.source", "references"),
        ('note = "typical"', "", "molecular_weight.note", "reason"),
        ("clearance = ", "clearence = ", "pk.parameters.clearence", "Did you mean 'clearance'"),
        ("300 mg q2w", "300 mL q2w", "regimens[0].text", "mL is a volume"),
        ("300 mg q2w", "-300 mg q2w", "regimens[0].text", "negative"),
        ("300 mg q2w", "2 J/cm2 3x/week", "regimens[0].text", "mg/kg"),
        ('"IL-22"', '"IL-13"', "targets[0].decoy_competent", "source"),
    ],
)
def test_each_mistake_is_located_and_explained(tmp_path, old, new, key, said):
    assert old in GOOD
    assert said in _problems(tmp_path, GOOD.replace(old, new))[key]


def test_all_problems_are_reported_at_once(tmp_path):
    text = GOOD.replace('"1/hour"', '"mg"').replace('"IL-22"', '"IL22"').replace("[skin]", "[skn]")
    assert {"pk.parameters.absorption_rate.unit", "targets[0].target", "skin", "skn"} <= set(
        _problems(tmp_path, text)
    )


def test_label_regimen_of_unknown_indication_lists_the_known():
    with pytest.raises(RegimenError, match="atopic dermatitis"):
        load_drug("dupilumab").regimen("vitiligo")
