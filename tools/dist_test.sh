#!/usr/bin/env bash
# Test with several processes, on GPUs (NCCL) or without any (gloo).
set -euo pipefail

if [[ $# -lt 3 ]]; then
    cat >&2 <<USAGE
Usage: bash $0 CONFIG CHECKPOINT NUM_PROCESSES [options of tools/test.py]
NUM_PROCESSES is for this machine; on several machines run the script on each, with NNODES (how many),
NODE_RANK (which one, from 0), MASTER_ADDR (address of the first) and PORT [29500] in the environment.
USAGE
    exit 2
fi
config=$1
checkpoint=$2
num_processes=$3
shift 3

exec python -m torch.distributed.run \
    --nnodes="${NNODES:-1}" \
    --node-rank="${NODE_RANK:-0}" \
    --nproc-per-node="$num_processes" \
    --master-addr="${MASTER_ADDR:-127.0.0.1}" \
    --master-port="${PORT:-29500}" \
    "$(dirname "${BASH_SOURCE[0]}")/test.py" "$config" "$checkpoint" --launcher pytorch "$@"
