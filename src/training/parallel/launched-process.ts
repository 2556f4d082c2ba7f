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
  /** What the launcher sends where this process is to end in good order; several of them, one after another, are one request. */
  readonly stopSignals: readonly NodeJS.Signals[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const openMpi = ['libmpi.so.40', 'libmpi.so'];
/** Where mpirun of Open MPI or srun is sent SIGUSR2, it passes that on at once and waits, however long all take to end. */
const passedOn = ['SIGINT', 'SIGTERM', 'SIGUSR2'] as const;
/**
 * Open MPI's mpirun that is told to end sends SIGCONT at once, SIGTERM after `odls_base_sigkill_timeout` seconds, SIGKILL after as
 * many more (odls_base_default_fns.c): who waits for SIGTERM has lost half of its time.
 */
const announcedByContinue = [...passedOn, 'SIGCONT'] as const;
const mpich = ['libmpich.so.12', 'libmpi.so.12', 'libmpich.so'];

/** Variables of a launcher: Open MPI's `mpirun`, Hydra (MPICH, Intel MPI, MVAPICH), Slurm's `srun`. */
const launchers = [
  {
    size: 'OMPI_COMM_WORLD_SIZE',
    localRank: 'OMPI_COMM_WORLD_LOCAL_RANK',
    localSize: 'OMPI_COMM_WORLD_LOCAL_SIZE',
    libraries: openMpi,
    stopSignals: announcedByContinue,
  },
  {
    size: 'PMI_SIZE',
    localRank: 'MPI_LOCALRANKID',
    localSize: 'MPI_LOCALNRANKS',
    libraries: mpich,
    stopSignals: passedOn,
  },
  {
    size: 'SLURM_STEP_NUM_TASKS',
    localRank: 'SLURM_LOCALID',
    localSize: 'SLURM_NTASKS_PER_NODE',
    libraries: [...openMpi, ...mpich],
    stopSignals: passedOn,
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
    stopSignals: launcher.stopSignals,
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
