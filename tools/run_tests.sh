#!/usr/bin/env bash
# Sets the environment up where needed, checks style and types, builds the documentation, and runs the tests, several
# at a time. Coverage is printed at the end.
#
#   bash tools/run_tests.sh [--full] [ARGUMENTS OF PYTEST ...]
#
# --full           the slow tests too: whole trainings, commands in processes of their own, benchmarks; and before them
#                  the packages' licences and known vulnerabilities
# -n 0             (of pytest) one test at a time, in this process; --no-cov: without coverage
# MMLLE_VENV       folder of the environment (see tools/setup_env.sh)
# MMLLE_REFERENCE  folder with original weights and photographs; without it the tests that need them
#                  are skipped
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
venv="$(realpath -m "${MMLLE_VENV:-$root/.venv}")"
python="$venv/bin/python"

full=""
selection=(-m "not slow")
if [[ "${1:-}" == --full ]]; then
    full=yes
    selection=()
    shift
fi

bash "$root/tools/setup_env.sh"
cd "$root"
# Another checkout may come to share the environment while the tests run: they test this one.
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
# Tests run side by side, most are small, and some start two processes: more threads would only wait for each other.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"

"$python" -m ruff check .
"$python" -m ruff format --check .
"$python" -m mypy
if [[ -n "$full" ]]; then
    "$python" -m piplicenses --summary # those that pyproject.toml allows
    "$python" tools/audit.py
fi
site="$(mktemp -d)"
NO_MKDOCS_2_WARNING=1 "$python" -m mkdocs build --strict --quiet --site-dir "$site"
rm -rf "$site"
# A file's tests stay in one process, which makes the fixtures that they share once; the order of the files is kept,
# so that those with trainings, in the middle, do not come last.
exec "$python" -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --cov --cov-report term \
    --durations 10 --durations-min 5 ${selection[@]+"${selection[@]}"} "$@"
