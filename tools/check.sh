#!/usr/bin/env bash
# Installs what is missing, builds everything with warnings as errors, and runs every test: unit
# tests, lit tests, and networks from end to end. The last line says how many passed and failed; the
# status is 0 if some passed and none failed. Safe to run again. Works in build/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/install-dependencies.sh --tests

# The Python packages of the tests, apart from the system's. Offline, tests that need them are
# unsupported.
venv=build/venv
if [[ ! -e $venv/complete || test/requirements.txt -nt $venv/complete ]]; then
  if python3 -m venv "$venv" &&
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -r test/requirements.txt; then
    touch "$venv/complete"
  else
    echo "check: no Python packages from PyPI; tests that need them will be unsupported" >&2
  fi
fi
python="$(command -v python3)"
if [[ -x $venv/bin/python ]]; then
  python="$PWD/$venv/bin/python"
fi

cmake --preset ci -DPython3_EXECUTABLE="$python"
ninja -C build all ptq-doc ptq-unit-tests

# lit's own status tells of failures too, but not of an empty run.
results=build/test-results.json
rm -f "$results"
timeout=()
if "$python" -c 'import psutil' 2> /dev/null; then
  timeout=(--timeout 600)
fi
"$python" "$(llvm-config-22 --bindir)/lit" -sv "${timeout[@]}" --output "$results" \
  build/test build/test/unit || true
if [[ ! -e $results ]]; then
  echo "check: lit could not run" >&2
  exit 1
fi

"$python" tools/summarize-tests.py "$results"
