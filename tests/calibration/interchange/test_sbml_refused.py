"""What is not supported is refused by name, all of it at once; what is broken says where."""

import sys

import pytest

pytest.importorskip("libsbml", reason="the extra petab is not installed")

from skinmech_calibration.interchange import InterchangeError, UnsupportedError, read_sbml

from ._files import CELL, event, math, parameter, reaction, rule, species, write_sbml

DELAY = (
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><apply><csymbol encoding="text" '
    'definitionURL="http://www.sbml.org/sbml/symbols/{}"> d </csymbol><ci> x </ci>{}</apply></math>'
)


def test_every_unsupported_feature_is_named_at_once(tmp_path):
    path = write_sbml(
        tmp_path, compartments=CELL, species=species("A", amount=1.0),
        parameters=parameter("x", 1.0) + parameter("y") + parameter("z"),
        rules=rule("algebraic", "", "x - 1")
        + f'<assignmentRule variable="y">{DELAY.format("delay", "<cn> 1 </cn>")}</assignmentRule>'
        + f'<assignmentRule variable="z">{DELAY.format("rateOf", "")}</assignmentRule>',
        reactions='<reaction id="bare" reversible="false"><listOfReactants><speciesReference '
        'species="A" stoichiometry="1" constant="true"/></listOfReactants></reaction>',
        events=event("late", "x > 2", {"x": "1"}, more=f"<delay>{math('3')}</delay>"),
    )  # fmt: skip
    with pytest.raises(UnsupportedError) as caught:
        read_sbml(path)
    text = str(caught.value)
    for what in ("algebraic rules", "rule of 'y': the delay", "rule of 'z': the rate of change",
                 "reaction 'bare': a reaction without kinetic law",
                 "event 'late': delayed events"):  # fmt: skip
        assert what in text


def test_fast_reactions_are_refused(tmp_path):
    path = tmp_path / "old.xml"
    path.write_text(
        '<sbml xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4"><model>'
        '<listOfCompartments><compartment id="cell" size="1"/></listOfCompartments>'
        '<listOfSpecies><species id="A" compartment="cell" initialAmount="1"/></listOfSpecies>'
        '<listOfReactions><reaction id="quick" fast="true"><listOfReactants>'
        f'<speciesReference species="A"/></listOfReactants><kineticLaw>{math("A")}</kineticLaw>'
        "</reaction></listOfReactions></model></sbml>"
    )
    with pytest.raises(UnsupportedError, match="reaction 'quick': fast reactions"):
        read_sbml(path)


def test_required_packages_are_refused(tmp_path):
    path = tmp_path / "composed.xml"
    path.write_text(
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1" '
        'xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1" '
        'comp:required="true"><model/></sbml>'
    )
    with pytest.raises(UnsupportedError, match="package 'comp'"):
        read_sbml(path)


def test_a_delay_of_zero_is_none(tmp_path):
    late = event("e", "x > 1", {"y": "5"}, more=f"<delay>{math('0')}</delay>")
    model = read_sbml(write_sbml(
        tmp_path, parameters=parameter("x", 0.0) + parameter("y", 0.0),
        rules=rule("rate", "x", "1"), events=late,
    ))  # fmt: skip
    assert model.simulate([0.0, 2.0])["y"].tolist() == [0.0, 5.0]


def test_definitions_in_a_circle_are_shown(tmp_path):
    path = write_sbml(
        tmp_path, parameters=parameter("a") + parameter("b") + parameter("x", 0.0),
        rules=rule("assignment", "a", "b + 1") + rule("assignment", "b", "2 * a")
        + rule("rate", "x", "a"),
    )  # fmt: skip
    with pytest.raises(InterchangeError, match="a -> b -> a"):
        read_sbml(path)


def test_a_file_that_contradicts_itself_is_told_everything(tmp_path):
    path = write_sbml(
        tmp_path, compartments=CELL, species=species("A", amount=1.0),
        parameters=parameter("p", 1.0), rules=rule("assignment", "p", "nowhere"),
        reactions=reaction("r", "k * A", "A", "ghost"), events=event("e", "A < 1", {"p": "2"}),
    )  # fmt: skip
    with pytest.raises(InterchangeError) as caught:
        read_sbml(path)
    for what in ("'nowhere', which is not there", "'k', which is not there",
                 "changes 'ghost', which is no species",
                 "event 'e' changes 'p', which an assignment rule already determines"):  # fmt: skip
        assert what in str(caught.value)


def test_values_that_are_missing_are_named_unless_nothing_needs_them(tmp_path):
    model = read_sbml(write_sbml(
        tmp_path, parameters=parameter("x", 1.0) + parameter("k") + parameter("unused"),
        rules=rule("rate", "x", "-k * x"),
    ))  # fmt: skip
    with pytest.raises(InterchangeError) as caught:
        model.simulate([0.0, 1.0])
    assert "'k'" in str(caught.value) and "unused" not in str(caught.value)
    assert model.simulate([0.0, 1.0], {"k": 0.0})["x"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("nothing like XML", "not valid SBML"),
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><sbml/>', "document type"),
        ('<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"/>',
         "contains no SBML model"),
    ],
)  # fmt: skip
def test_files_that_are_no_model_are_refused(tmp_path, content, match):
    path = tmp_path / "bad.xml"
    path.write_text(content)
    with pytest.raises(InterchangeError, match=match):
        read_sbml(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InterchangeError, match="Unable to read absent.xml"):
        read_sbml(tmp_path / "absent.xml")


def test_without_the_extra_its_name_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "libsbml", None)
    with pytest.raises(ImportError, match=r"skinmech\[petab\]"):
        read_sbml(tmp_path / "any.xml")
