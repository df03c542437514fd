#!/usr/bin/env bash
# Write one lane's lock: every package pinned with its hashes, no address of any index.
#
#   requirements/lock.sh python3.11 py311        keeps the versions that still fit
#   UPGRADE=1 requirements/lock.sh ...           takes the newest that fit
set -euo pipefail
cd "$(dirname "$0")/.."

interpreter=$1
lane=$2
lock=requirements/$lane.txt
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT

if ! command -v "$interpreter" >/dev/null; then
  echo "Unable to find '$interpreter', which the lane $lane is resolved with." \
       "Install it, or put it on the PATH." >&2
  exit 1
fi
"$interpreter" -m venv "$tools"
"$tools/bin/python" -m pip install --quiet --upgrade pip pip-tools

arguments=(--all-extras --all-build-deps --allow-unsafe --generate-hashes --strip-extras --quiet
  --no-header --no-emit-options --no-emit-index-url --no-emit-find-links --no-emit-trusted-host)
if [ -f "requirements/$lane.constraints" ]; then
  arguments+=(--constraint "requirements/$lane.constraints")
fi
if [ -n "${UPGRADE:-}" ]; then
  arguments+=(--upgrade)
fi
"$tools/bin/pip-compile" "${arguments[@]}" --output-file "$lock" pyproject.toml

# Whatever the resolver's configuration was, the lock names packages and never a place.
sed -i -E '/^--(index-url|extra-index-url|find-links|trusted-host)/d; /^$/d; /considered to be unsafe/d' "$lock"
echo "$lock: $(grep -cE '^[a-zA-Z0-9]' "$lock") packages"
