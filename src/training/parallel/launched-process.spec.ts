import { describe, expect, it } from 'vitest';
import { isLauncherVariable, launchedProcess } from './launched-process.js';

describe('launchedProcess', () => {
  it('is told by Open MPI, MPICH and Slurm', () => {
    const openMpi = {
      OMPI_COMM_WORLD_SIZE: '8',
      OMPI_COMM_WORLD_LOCAL_RANK: '3',
      OMPI_COMM_WORLD_LOCAL_SIZE: '4',
    };
    expect(launchedProcess(openMpi)).toMatchObject({ size: 8, localRank: 3, localSize: 4 });
    expect(launchedProcess(openMpi)?.libraries[0]).toBe('libmpi.so.40');
    const mpich = { PMI_SIZE: '2', MPI_LOCALRANKID: '1', MPI_LOCALNRANKS: '2' };
    expect(launchedProcess(mpich)).toMatchObject({ size: 2, localRank: 1, localSize: 2 });
    expect(launchedProcess(mpich)?.libraries[0]).toBe('libmpich.so.12');
    const slurm = { SLURM_STEP_NUM_TASKS: '16', SLURM_LOCALID: '7', SLURM_NTASKS_PER_NODE: '8' };
    expect(launchedProcess(slurm)).toMatchObject({ size: 16, localRank: 7, localSize: 8 });
  });

  it('is nobody without a launcher, with one process, or with numbers that are none', () => {
    for (const environment of [{}, { OMPI_COMM_WORLD_SIZE: '1' }, { PMI_SIZE: 'many' }])
      expect(launchedProcess(environment)).toBeUndefined();
  });

  it('tells the variables that a process it starts must not have from those of the user', () => {
    for (const name of [
      'OMPI_COMM_WORLD_SIZE',
      'PMIX_RANK',
      'PMI_FD',
      'MPI_LOCALRANKID',
      'SLURM_STEP_NUM_TASKS',
    ])
      expect(isLauncherVariable(name), name).toBe(true);
    for (const name of ['PATH', 'SYMFACE_MPI_LIBRARY', 'DATABASE_URL'])
      expect(isLauncherVariable(name), name).toBe(false);
  });

  it('hears of its end by what Open MPI sends first', () => {
    const openMpi = { OMPI_COMM_WORLD_SIZE: '2' };
    expect(launchedProcess(openMpi)?.stopSignals).toContain('SIGCONT');
    // Whoever continues a process that was suspended does not end it elsewhere.
    for (const others of [{ PMI_SIZE: '2' }, { SLURM_STEP_NUM_TASKS: '2' }])
      expect(launchedProcess(others)?.stopSignals).toEqual(['SIGINT', 'SIGTERM', 'SIGUSR2']);
  });

  it('takes the library that is named', () => {
    const named = { PMI_SIZE: '2', SYMFACE_MPI_LIBRARY: '/opt/mpi/lib/libmpi.so' };
    expect(launchedProcess(named)?.libraries).toEqual(['/opt/mpi/lib/libmpi.so']);
  });
});
