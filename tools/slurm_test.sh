#!/usr/bin/env bash
# Test on a Slurm cluster, a process for each GPU.
set -euo pipefail

if [[ $# -lt 4 ]]; then
    cat >&2 <<USAGE
Usage: bash $0 PARTITION JOB_NAME CONFIG CHECKPOINT [options of tools/test.py]
From the environment: GPUS [8], GPUS_PER_NODE [GPUS, 8 at the most], CPUS_PER_TASK [5], and SRUN_ARGS for
further options of srun.
USAGE
    exit 2
fi
partition=$1
job_name=$2
config=$3
checkpoint=$4
shift 4

gpus=${GPUS:-8}
gpus_per_node=${GPUS_PER_NODE:-$((gpus < 8 ? gpus : 8))}
read -ra srun_args <<<"${SRUN_ARGS:-}"

exec srun \
    --partition="$partition" \
    --job-name="$job_name" \
    --gres="gpu:$gpus_per_node" \
    --ntasks="$gpus" \
    --ntasks-per-node="$gpus_per_node" \
    --cpus-per-task="${CPUS_PER_TASK:-5}" \
    --kill-on-bad-exit=1 \
    "${srun_args[@]}" \
    python -u "$(dirname "${BASH_SOURCE[0]}")/test.py" "$config" "$checkpoint" --launcher slurm "$@"
