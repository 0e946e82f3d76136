#!/usr/bin/env bash
# From nothing to a trained model, without downloads of data or weights: sets the environment up, makes the
# sample set, trains SGZ on it, tests it, and shows what it did.
#
#   bash tools/quickstart.sh
#
# MMLLE_VENV  folder of the environment (see tools/setup_env.sh)
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
bin="$(realpath -m "${MMLLE_VENV:-$root/.venv}")/bin"
work_dir=work_dirs/quickstart

bash "$root/tools/setup_env.sh"
cd "$root"
"$bin/python" tools/dataset_converters/prepare_sample.py
"$bin/python" tools/train.py configs/sgz/sgz_sample.py --work-dir "$work_dir"
"$bin/python" tools/test.py configs/sgz/sgz_sample.py "$(cat "$work_dir/last_checkpoint")" \
    --work-dir "$work_dir/test" --out "$work_dir/metrics.json" --show-dir "$work_dir/sample_training"
"$bin/mmlle" enhance data/sample/LOL/eval15/low --overwrite \
    -o "$work_dir/shipped_weights"

echo
echo "The five test images against their ground truth: untouched, enhanced by the model that was trained just now"
echo "on two photographs, and by the weights that come with the package (SICE):"
"$bin/python" tools/analysis_tools/compare_images.py data/sample/LOL/eval15/low "$work_dir/sample_training" \
    "$work_dir/shipped_weights" --truth data/sample/LOL/eval15/high --picture "$work_dir/before_after.png"
