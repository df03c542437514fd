"""One folder for each instrument format; `discovery` finds them, nothing lists them.

To add one, add a folder with

* `reader.py`: `sniff(head, name) -> Evidence` and `read(content, entry) -> Parsed`; bytes to the
  format's own frozen tables. It decodes with `readers.decode`, decides the decimal sign with
  `readers.decide_decimal`, and accounts for every column: used, ignored with a reason, or unknown.
* `structure.py`: `to_records(parsed, sidecar, entry) -> Records`; the vendor's quirks become
  measurements, spectra or series. `Placement` gives chip, time and location; `parse_cell` and
  `value_columns` give the state of a value.
* `writer.py`: `write(...)` makes a file as the instrument does and `example() -> Example` a small
  one with its side-car.
* `__init__.py`: the docstring with the facts of the format, and `ADAPTER`.

Then run `pytest tests/chip_adapters/test_contract.py`: it finds the folder, reads the example back,
cuts it at many places, damages it, and checks that no other adapter claims it.
"""
