#!/bin/sh
# Unpacks Node beside itself, prints what the machine is, and measures; then PyTorch's side where PyTorch is there.
set -eu
cd "$(dirname "$0")"
[ -x ./node ] || { gzip -dc node.gz > node && chmod +x node; }
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv 2> /dev/null || echo 'no nvidia-smi'
status=0
./node measure.mjs "$@" || status=$?
if python3 -c 'import torch; assert torch.cuda.is_available()' 2> /dev/null; then
  for backbone in mobilefacenet ir-50; do
    for normalisation in live frozen; do
      for batch in 32 128; do
        python3 pytorch/bench/train/pytorch.py --device cuda --backbone "$backbone" --normalisation "$normalisation" --batch "$batch"
      done
    done
  done
else
  echo 'no PyTorch with CUDA here: nothing to compare with'
fi
exit "$status"
