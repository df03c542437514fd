"""Persons stay out: identifying fields are refused, and what they held is never shown."""

import pytest

CANARY = "Quendolina"
BIRTH = "1961-04-03"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('code = "P07"', f'code = "P07"\nname = "{CANARY} Vexx"'),
        ('code = "P07"', f'code = "{CANARY} Vexx"'),
        ('code = "P07"', f'code = "P07"\nDate-of-Birth = "{BIRTH} {CANARY}"'),
        ('id = "T-1"', f'id = "{CANARY} Vexx"'),
        ('title = "A tiny study"', f'title = "{CANARY}, born {BIRTH}"'),
        ('title = "A tiny study"', f'title = "{CANARY}@example.org"'),
        ('disease = "atopic"', f'disease = "{CANARY} Vexx"'),
        ('disease = "atopic"', f'disease = "{CANARY}"'),
        ('weight = "75 kg"', f'weight = "{CANARY}"'),
        ('weight = "75 kg"', f'weight = "{CANARY} of 75 kg"'),
        ("value = 15.0", f'value = 15.0, patient = "{CANARY}"'),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_a_planted_name_is_refused_and_never_shown(study, tmp_path, skinmech, old, new, as_json):
    path = study()
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    output = tmp_path / "fit.json"
    done = skinmech("fit", path, "-o", output, *(["--json"] if as_json else []))
    assert done.code == 3
    assert CANARY not in done.out + done.err
    assert BIRTH not in done.out + done.err
    assert not output.exists()


@pytest.mark.parametrize("column", ["name", "Patient", "birth date", "MRN"])
def test_an_identifying_column_is_refused_and_its_cells_never_shown(
    study, tmp_path, skinmech, column
):
    (tmp_path / "clinic.csv").write_text(
        f"week,observable,value,{column}\n0,easi,12,{CANARY}\n1,easi,{CANARY} V,{CANARY}\n"
    )
    done = skinmech("fit", study('[[clinic]]\nname = "t"\nfile = "clinic.csv"\n'))
    assert done.code == 3
    assert "identity_refused" in done.err
    assert CANARY not in done.out + done.err


def test_a_name_in_a_cell_of_numbers_is_not_shown(study, tmp_path, skinmech):
    (tmp_path / "clinic.csv").write_text(f"week,observable,value\n0,easi,{CANARY} Vexx\n")
    done = skinmech("fit", study('[[clinic]]\nname = "t"\nfile = "clinic.csv"\n'))
    assert done.code == 3
    assert "not_a_number" in done.err
    assert CANARY not in done.out + done.err
