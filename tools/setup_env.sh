#!/usr/bin/env bash
# Makes the Python environment that mmlle is developed and tested in: the packages of
# requirements/lock.txt, whose files are those that it has the hashes of, and this checkout,
# editable. Does nothing when that is what is there.
#
#   bash tools/setup_env.sh
#
# MMLLE_VENV  folder of the environment; .venv in the checkout by default
# PYTHON      interpreter to make it with; python3.11 or python3 by default
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
venv="$(realpath -m "${MMLLE_VENV:-$root/.venv}")"
lock="$root/requirements/lock.txt"
needed=3.11 # some packages of the lock have no files for another one
# pip would count what lies there as installed.
unset PYTHONPATH

fail() {
    echo "setup_env.sh: $*" >&2
    exit 1
}

find_python() {
    local candidates=("python$needed" python3) candidate found
    [[ -z "${PYTHON:-}" ]] || candidates=("$PYTHON")
    for candidate in "${candidates[@]}"; do
        found="$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" ||
            continue
        if [[ "$found" == "$needed" ]]; then
            echo "$candidate"
            return
        fi
    done
    fail "requirements/lock.txt is for Python $needed, but '$candidate' is ${found:-not there}." \
        "Name one with: PYTHON=/path/to/python$needed bash tools/setup_env.sh"
}

# The stamp holds what is installed: the hash of the lock file, and the checkout with the hash of
# what its installation depends on. It is there from the beginning, so that an environment that was
# left half made is known as such, and one that somebody else made is left alone.
stamp="$venv/mmlle-setup.txt"
write_stamp() {
    printf '%s\n%s\n' "$1" "$2" >"$stamp.new"
    mv "$stamp.new" "$stamp"
}

# The links that an editable install puts into the checkout; a new clone at the old place lacks them.
links_are_there() {
    local name
    for name in configs tools model-index.yml; do
        [[ ! -e "$root/$name" || "$root/$name" -ef "$root/mmlle/.mim/$name" ]] || return 1
    done
}

# One at a time: the others wait here, then find the work done.
mkdir -p "$(dirname "$venv")"
if command -v flock >/dev/null; then
    exec 9>"$venv.lock"
    flock 9
fi

packages="$(sha256sum "$lock" | cut -d ' ' -f 1)"
checkout="$root $(cat "$root/setup.py" "$root/mmlle/version.py" | sha256sum | cut -d ' ' -f 1)"
have_packages="" have_checkout=""
if [[ -f "$stamp" && -x "$venv/bin/python" ]]; then
    { read -r have_packages && IFS= read -r have_checkout; } <"$stamp" || true
fi

if [[ "$have_packages" == "$packages" && "$have_checkout" == "$checkout" ]] && links_are_there; then
    echo "The environment $venv is up to date."
    exit 0
fi

if [[ "$have_packages" != "$packages" ]]; then
    if [[ ! -f "$stamp" && -e "$venv" && -n "$(ls -A "$venv")" ]]; then
        fail "$venv is there and was not made by this script. Remove it, or name another folder:" \
            "MMLLE_VENV=/path/to/folder bash tools/setup_env.sh"
    fi
    python="$(find_python)"
    echo "Making the environment $venv with $python (7 GB, a few minutes) ..."
    rm -rf "$venv"
    mkdir "$venv"
    write_stamp unfinished ""
    "$python" -m venv "$venv"
    # Wheels only: a source distribution would run code of its own, with build tools that no hash names.
    "$venv/bin/python" -m pip install --quiet --no-deps --require-hashes --only-binary :all: -r "$lock"
fi

echo "Installing mmlle from $root ..."
write_stamp "$packages" unfinished
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation -e "$root"
write_stamp "$packages" "$checkout"
echo "The environment $venv is ready."
