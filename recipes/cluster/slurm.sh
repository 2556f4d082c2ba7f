#!/usr/bin/env bash
# Trains on two machines of eight GPUs each: sbatch recipes/cluster/slurm.sh
#SBATCH --job-name=symface
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=8
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=8
#SBATCH --time=48:00:00
# SIGTERM two minutes before the end: all processes leave a checkpoint, and the same command goes on there.
#SBATCH --signal=TERM@120
#SBATCH --requeue
set -euo pipefail

# The data and the run's folder lie on storage that all machines have at the same path.
data=${SYMFACE_TRAINING_DATA:?the file train.rec of the training data}

# "srun --mpi=list" shows what the cluster's MPI was built with.
srun --mpi=pmix npx symface train \
  --config recipes/paper/heavy.yaml \
  --set "data.path=$data" \
  --output runs/heavy \
  --provider cuda
