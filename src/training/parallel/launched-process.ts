/** What a launcher tells each process of a job through its environment. */
export interface LaunchedProcess {
  /** The processes of the job. */
  readonly size: number;
  /** The place of this process among those of its machine, from 0: which of its devices it takes. */
  readonly localRank: number;
  /** The processes of this machine, which share its cores and its memory. */
  readonly localSize: number;
  /** File names of the MPI library that fits the launcher, the likeliest first. */
  readonly libraries: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const openMpi = ['libmpi.so.40', 'libmpi.so'];
const mpich = ['libmpich.so.12', 'libmpi.so.12', 'libmpich.so'];

/** Variables of a launcher: Open MPI's `mpirun`, Hydra (MPICH, Intel MPI, MVAPICH), Slurm's `srun`. */
const launchers = [
  {
    size: 'OMPI_COMM_WORLD_SIZE',
    localRank: 'OMPI_COMM_WORLD_LOCAL_RANK',
    localSize: 'OMPI_COMM_WORLD_LOCAL_SIZE',
    libraries: openMpi,
  },
  { size: 'PMI_SIZE', localRank: 'MPI_LOCALRANKID', localSize: 'MPI_LOCALNRANKS', libraries: mpich },
  {
    size: 'SLURM_STEP_NUM_TASKS',
    localRank: 'SLURM_LOCALID',
    localSize: 'SLURM_NTASKS_PER_NODE',
    libraries: [...openMpi, ...mpich],
  },
] as const;

/**
 * What the launcher says of this process; undefined where it is alone, as without `mpirun` and under `mpirun -n 1`.
 * `SYMFACE_MPI_LIBRARY` names the library in place of those that are looked for.
 */
export function launchedProcess(environment: Environment): LaunchedProcess | undefined {
  const launcher = launchers.find(({ size }) => wholeNumber(environment[size]) > 1);
  if (launcher === undefined) return undefined;
  const named = environment['SYMFACE_MPI_LIBRARY'];
  return {
    size: wholeNumber(environment[launcher.size]),
    localRank: wholeNumber(environment[launcher.localRank]),
    localSize: Math.max(1, wholeNumber(environment[launcher.localSize])),
    libraries: named === undefined || named === '' ? launcher.libraries : [named],
  };
}

/** Whether it is by which a launcher or its MPI knows this process; another one that had it would be taken for it. */
export function isLauncherVariable(name: string): boolean {
  return /^(?:OMPI_|PMIX_|PMI_|PRTE_|MPI_LOCAL|HYDI?_|SLURM_STEP_NUM_TASKS$)/u.test(name);
}

/** 0 where it is none. */
function wholeNumber(text: string | undefined): number {
  return text !== undefined && /^\d+$/u.test(text) ? Number(text) : 0;
}
