import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readSafetensors } from '../../src/storage/weights/safetensors.js';
import { isFullSuite } from '../support/full-suite.js';
import { picturesOfPersons, writeTaggedFaces } from '../support/training-images.js';
import { runTrainingProcess, trainedWeights } from '../support/training-command.js';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Debian's launchers, with what each needs in a container of two cores. */
const launchers = [
  {
    name: 'Open MPI',
    file: '/usr/bin/mpirun.openmpi',
    stopSignal: 'SIGUSR2',
    options: [
      '--allow-run-as-root',
      '--bind-to',
      'none',
      '--oversubscribe',
      '--mca',
      'mpi_yield_when_idle',
      '1',
    ],
  },
  { name: 'MPICH', file: '/usr/bin/mpirun.mpich', stopSignal: 'SIGTERM', options: [] },
] as const;

/** The layer of the embedding is large enough for the processes to share the descent on it. */
const configuration = `
name: small
data:
  format: identity-folder
  path: faces
  kind: aligned-crop
  identities: { holdOut: [person-4, person-5] }
backbone: { design: shufflefacenet-x0.5, embeddingSize: 512, input: 112x96, normalisation: frozen }
loss: { name: arcface, scale: 16, marginRadians: 0.3 }
symmetry: { compare: unit }
epochs: 2
batchSize: 4
accumulateSteps: 2
learningRate: { initial: 0.001, dropEpochs: [] }
checkpointEverySteps: 1
evaluate: { heldOutPairs: 12 }
`;

for (const { name, file } of launchers)
  if (!existsSync(file))
    console.warn(`${name} is not on this machine (Debian: openmpi-bin, mpich): its tests are skipped`);

/** `npm test` shows by one launcher that it trains; the full suite shows all by both. */
function shows(file: string, isInBoth = false): boolean {
  if (!existsSync(file)) return false;
  return isFullSuite || (isInBoth && (file === launchers[0].file || !existsSync(launchers[0].file)));
}

describe.each(launchers)('training in two processes by $name', ({ file, options, stopSignal }) => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-mpi-'));
    await writeTaggedFaces(join(folder, 'faces'), picturesOfPersons(6, 4));
    await writeFile(join(folder, 'small.yaml'), configuration);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  function start(args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
    const keepStatus = 'trap : TERM USR2 CONT; "$@"; echo $? > "${STATUS_FOLDER:-.}/status-$$"';
    const program = [process.execPath, command, 'train', '--config', 'small.yaml', ...args];
    const train = 'STATUS_FOLDER' in settings ? ['sh', '-c', keepStatus, 'sh', ...program] : program;
    // A group of its own: what a broken test leaves is ended with it.
    const job = spawn(file, [...options, '-n', '2', ...train], {
      cwd: folder,
      env: { ...process.env, ...settings },
      detached: true,
    });
    let said = '';
    job.stdout.on('data', (text: Buffer) => (said += text.toString()));
    job.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const ended = once(job, 'close').then(([code, signal]) => ({ status: String(code ?? signal), said }));
    return { job, ended, said: () => said };
  }

  it.skipIf(!shows(file, true))(
    'is training in one that sums up as many batches',
    { timeout: 150_000 },
    async () => {
      const alone = await runTrainingProcess(folder, ['--config', 'small.yaml', '--output', 'alone']);
      expect(alone.code, alone.err).toBe(0);
      const { status, said } = await start(['--output', 'two']).ended;
      expect(status, said).toBe('0');
      expect(said).toContain('2 processes train together');
      // One process reports for all.
      expect(said.match(/Trained: 6 steps/gu)).toHaveLength(1);
      const [expected, actual] = await Promise.all(
        ['alone', 'two'].map(async (run) => readSafetensors(await trainedWeights(folder, run))),
      );
      for (const [weight, { values }] of expected!)
        for (const [index, value] of actual!.get(weight)!.values.entries())
          expect(Math.abs(value - values[index]!), weight).toBeLessThan(1e-5);
      const [log, logOfTwo] = await Promise.all(['alone', 'two'].map(async (run) => lossesOf(folder, run)));
      expect(logOfTwo).toHaveLength(log!.length);
      for (const [index, loss] of log!.entries()) expect(logOfTwo![index]! / loss).toBeCloseTo(1, 5);
    },
  );

  it.skipIf(!shows(file, true))(
    'is training in one also where each has a half of the classes, and goes on from whole ones',
    { timeout: 150_000 },
    async () => {
      // Small steps: this network enlarges what is rounded otherwise, and graphs that are split round otherwise.
      const settings = ['head.split=true', 'gradientClipNorm=5', 'backbone.embeddingSize=16'];
      const split = settings.flatMap((setting) => ['--set', setting]);
      const alone = await runTrainingProcess(folder, ['--config', 'small.yaml', ...split, '--output', 'own']);
      expect(alone.code, alone.err).toBe(0);
      const first = await start([...split, '--epochs', '1', '--output', 'split']).ended;
      expect(first.status, first.said).toBe('0');
      const { status, said } = await start([...split, '--output', 'split']).ended;
      expect(status, said).toBe('0');
      expect(said).toContain('goes on after step 3');
      const [log, logOfTwo] = await Promise.all(['own', 'split'].map(async (run) => lossesOf(folder, run)));
      expect(logOfTwo).toHaveLength(6);
      for (const [index, loss] of log!.entries()) expect(logOfTwo![index]! / loss).toBeCloseTo(1, 5);
      const [expected, actual] = await Promise.all(
        ['own', 'split'].map(async (run) => readSafetensors(await trainedWeights(folder, run))),
      );
      for (const [weight, { values }] of expected!)
        for (const [index, value] of actual!.get(weight)!.values.entries())
          expect(Math.abs(value - values[index]!), weight).toBeLessThan(1e-5);
    },
  );

  it.skipIf(!shows(file, true))(
    'is training in one on the whole batch where norms are synchronised, and is not where they are not',
    { timeout: 240_000 },
    async () => {
      const sets = (norms: string): string[] =>
        [
          // Halves of a face share a batch, so that batches of another size have other samples.
          'symmetry=null',
          `backbone.normalisation=${norms}`,
          'backbone.embeddingSize=16',
          'batchSize=16',
          'accumulateSteps=1',
          'learningRate.initial=0.00001',
          // Small steps: this network enlarges what is rounded, already on the way to the first loss.
          'gradientClipNorm=1',
          'epochs=20',
          'checkpointEverySteps=20',
          'evaluateEverySteps=20',
        ].flatMap((setting) => ['--set', setting]);
      const alone = await runTrainingProcess(folder, [
        ...['--config', 'small.yaml', '--output', 'whole'],
        ...sets('synchronised'),
      ]);
      expect(alone.code, alone.err).toBe(0);
      const differences = async (norms: string) => {
        const { status, said } = await start([...sets(norms), '--output', norms]).ended;
        expect(status, said).toBe('0');
        const [log, logOfTwo] = await Promise.all(['whole', norms].map(async (run) => lossesOf(folder, run)));
        expect(logOfTwo).toHaveLength(20);
        const [expected, actual] = await Promise.all(
          ['whole', norms].map(async (run) => readSafetensors(await trainedWeights(folder, run))),
        );
        const running = [...expected!].filter(([name]) => /norm\.(?:mean|variance)$/u.test(name));
        expect(running.length).toBeGreaterThan(50);
        return {
          losses: Math.max(...log!.map((loss, index) => Math.abs(logOfTwo![index]! / loss - 1))),
          statistics: Math.max(
            ...running.flatMap(([name, { values }]) =>
              Array.from(
                actual!.get(name)!.values,
                (value, index) => Math.abs(value - values[index]!) / (1 + Math.abs(value)),
              ),
            ),
          ),
        };
      };
      const synchronised = await differences('synchronised');
      const apart = await differences('live');
      expect(synchronised.losses, JSON.stringify({ synchronised, apart })).toBeLessThan(5e-6);
      expect(synchronised.statistics).toBeLessThan(1e-5);
      expect(apart.losses).toBeGreaterThan(1e-3);
      expect(apart.statistics).toBeGreaterThan(1e-3);
    },
  );

  it.skipIf(!shows(file))(
    'stops after a step with a checkpoint where its launcher is told to',
    { timeout: 60_000 },
    async () => {
      const statusFolder = await mkdtemp(join(folder, 'statuses-'));
      const { job, ended } = start(['--epochs', '600', '--output', 'interrupted'], {
        STATUS_FOLDER: statusFolder,
      });
      await untilCheckpoint(join(folder, 'interrupted'));
      job.kill(stopSignal);
      const { said } = await ended;
      // A launcher may be gone before its processes are, and MPICH's then says 0: each of them is asked itself.
      await vi.waitFor(() => {
        expect(statusesIn(statusFolder), said).toEqual(['130', '130']);
      }, 10_000);
      expect(said).toMatch(/Stopped after \d+ steps\. The same command goes on there\./u);
    },
  );

  it.skipIf(!shows(file))(
    'ends where a process is killed, and goes on later',
    { timeout: 60_000 },
    async () => {
      const more = ['--epochs', '60', '--output', 'killed'];
      const { job, ended } = start(more);
      await untilCheckpoint(join(folder, 'killed'));
      const processes = await processesOf(job);
      process.kill(processes[1]!, 'SIGKILL');
      const { status, said } = await ended;
      expect(status, said).not.toBe('0');
      // The launcher may be gone before the last of its processes.
      for (const each of processes)
        await expect.poll(async () => isRunning(each), { timeout: 10_000 }).toBe(false);
      const again = start(more);
      await expect.poll(again.said, { timeout: 20_000 }).toContain('goes on after step');
      process.kill(-(again.job.pid ?? 0), 'SIGKILL');
      await again.ended;
    },
  );

  it.skipIf(!shows(file))(
    'ends with the reason where a process stands still',
    { timeout: 60_000 },
    async () => {
      const { job, ended } = start(['--epochs', '60', '--output', 'stopped'], { SYMFACE_MPI_TIMEOUT_S: '3' });
      await untilCheckpoint(join(folder, 'stopped'));
      const [, second] = await processesOf(job);
      process.kill(second!, 'SIGSTOP');
      const { status, said } = await ended;
      expect(status, said).not.toBe('0');
      // Which of the calls of a step that is depends on when it was stopped.
      expect(said).toMatch(
        /process 0 of 2: another process has not come to MPI_(?:Allreduce|Allgather|Reduce_scatter\w*) for 3 s/u,
      );
      await expect.poll(async () => isRunning(second!), { timeout: 10_000 }).toBe(false);
    },
  );

  it.skipIf(!shows(file))(
    'refuses batches that cannot be shared, in words',
    { timeout: 60_000 },
    async () => {
      const uneven = [
        '--set',
        'batchSize=7',
        '--set',
        'accumulateSteps=1',
        '--set',
        'symmetry=null',
        '--output',
        'no',
      ];
      const { status, said } = await start(uneven).ended;
      expect(status).not.toBe('0');
      expect(said).toContain('2 processes cannot share batches of 7 equally');
    },
  );
});

async function lossesOf(folder: string, run: string): Promise<number[]> {
  const text = await readFile(join(folder, run, 'log.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.includes('"kind":"steps"'))
    .map((line) => (JSON.parse(line) as { loss: number }).loss);
}

async function untilCheckpoint(run: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 50) {
    const checkpoints = await readdir(join(run, 'checkpoints')).catch(() => []);
    if (checkpoints.some((each) => each.startsWith('step-'))) return;
    await sleep(50);
  }
  throw new Error('no checkpoint after 30 s');
}

/** A process that has ended may still be listed, until its parent asks for its status. */
async function isRunning(processId: number): Promise<boolean> {
  const text = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => ') Z');
  return !/\) [XZ]/u.test(text);
}

/** What the processes have ended with. */
function statusesIn(folder: string): readonly string[] {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').trim());
}

/** The processes that a launcher has started, directly or by a proxy, the first one's rank first. */
async function processesOf({ pid }: ChildProcess): Promise<number[]> {
  const found: { processId: number; rank: number }[] = [];
  const childrenOf = async (parent: number): Promise<void> => {
    const text = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '');
    for (const child of text.trim().split(' ').filter(Boolean).map(Number)) {
      const environment = await readFile(`/proc/${child}/environ`, 'utf8').catch(() => '');
      const rank = /\0(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)\0/u.exec(environment)?.[1];
      if (rank === undefined) await childrenOf(child);
      else found.push({ processId: child, rank: Number(rank) });
    }
  };
  await childrenOf(pid ?? 0);
  return found.sort((a, b) => a.rank - b.rank).map(({ processId }) => processId);
}
