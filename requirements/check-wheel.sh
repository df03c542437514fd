#!/usr/bin/env bash
# Build sdist, then the wheel from that sdist, install the wheel alone, and call its command.
#
#   requirements/check-wheel.sh .venv/bin/python requirements/py311.txt
#
# The wheel is installed into a fresh environment with the dependencies it declares itself and
# no extra, at the lock's versions: a dependency that the project forgot to declare shows here.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$PWD/$1
lock=$PWD/$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m hatchling build -t sdist -d "$work/dist"
mkdir "$work/source"
tar -xzf "$work"/dist/*.tar.gz -C "$work/source" --strip-components 1
(cd "$work/source" && "$python" -m hatchling build -t wheel -d "$work/dist")

# Constraints may not carry hashes unless the wheel built a moment ago had one too.
grep -E '^[a-zA-Z0-9]' "$lock" | sed 's/ \\$//' > "$work/constraints.txt"
"$python" -m venv "$work/environment"
"$work/environment/bin/python" -m pip install --quiet --constraint "$work/constraints.txt" \
  "$work"/dist/*.whl

cd "$work" # away from the checkout, so that only the installed packages can be found
"$work/environment/bin/skinmech" --help
"$work/environment/bin/python" -c '
import skinmech, skinmech_app, skinmech_calibration, skinmech_chip_adapters
for package in (skinmech, skinmech_app, skinmech_calibration, skinmech_chip_adapters):
    print("imported", package.__name__, "from the wheel")
'
"$work/environment/bin/python" -m pip check
