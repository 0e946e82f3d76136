#!/usr/bin/env bash
# Sets the environment up where needed, then checks the style and runs the tests.
#
#   bash tools/run_tests.sh [ARGUMENTS OF PYTEST ...]
#
# MMLLE_VENV       folder of the environment (see tools/setup_env.sh)
# MMLLE_REFERENCE  folder with original weights and photographs; without it the tests that need them
#                  are skipped
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
venv="$(realpath -m "${MMLLE_VENV:-$root/.venv}")"
python="$venv/bin/python"

bash "$root/tools/setup_env.sh"
cd "$root"
# Another checkout may come to share the environment while the tests run: they test this one.
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
# Most tests are small, and some start two processes: more threads would only wait for each other.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}"

"$python" -m ruff check .
"$python" -m ruff format --check .
exec "$python" -m pytest "$@"
