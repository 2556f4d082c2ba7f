import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';

import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import type { FaceTrainer, TrainedModel, TrainingObserver, TrainingTask } from './face-trainer.js';
import { Failure } from '../../../core/failure.js';
import type { TrainedOnFaces } from '../../../core/models/manifest.js';
import type { TrainingPrecision } from '../../../learning/engines/ort-engine-options.js';
import type { TrainingProvider } from '../../../learning/engines/training-provider.js';
import { CurveSoFar } from './curve-so-far.js';
import { requireTrainable } from './trainable-parent.js';
import { hasErrorCode } from '../../../storage/files/durable-files.js';
import { parseManifest } from '../../../storage/models/manifest-schema.js';
import type { ShareChoice } from './training-job.js';
import { readRunLog } from '../../../training/runs/run-log.js';
import { verifyBundle } from '../../../storage/models/verify-bundle.js';
import { heldOutMetrics } from './held-out-metrics.js';
import { readReplaySettings } from './read-replay-settings.js';
import { retrainingConfiguration } from './retraining-configuration.js';
import { RunArtifacts } from './run-artifacts.js';
import type { TrainingKeys } from './training-keys.js';
import { runTrainer } from '../../../training/enrolled-faces/trainer-process.js';
import {
  logFileName,
  parentFileName,
  runFolderName,
} from '../../../training/enrolled-faces/trainer-protocol.js';

interface ProcessFaceTrainerOptions {
  readonly artifacts: ArtifactStore;
  /** The keys that snapshots are encrypted with, one a training. */
  readonly keys: Pick<TrainingKeys, 'find'>;
  /** The path of a second data set that is trained on together with the enrolled faces; see readReplaySettings. */
  readonly replayData?: string | undefined;
  /** The folder on this machine for the files of trainings that go on. */
  readonly workFolder: string;
  /** The training process's compiled entry point. */
  readonly entryPoint: string;
  readonly provider: TrainingProvider;
  readonly precision: TrainingPrecision;
  /** The threads of an operation; 0 for as many as there are cores. */
  readonly threads: number;
  /** The priority of the training process, as `os.setPriority` takes it: what serves goes first. */
  readonly priority?: number;
  /** How long a training may take to stop in good order. */
  readonly stopGraceMs?: number;
}

const defaultStopGraceMs = 30_000;
const ownerOnly = 0o700;

/** Trains in a child process, in a folder that is there as long as the attempt. */
export class ProcessFaceTrainer implements FaceTrainer {
  constructor(private readonly options: ProcessFaceTrainerOptions) {}

  async train(task: TrainingTask, observer: TrainingObserver, signal: AbortSignal): Promise<TrainedModel> {
    const { jobId, attempt } = task;
    // Of attempts that were killed; this one's claim outdates theirs.
    await this.removeFolders((id) => Promise.resolve(id === jobId));
    const folder = join(this.options.workFolder, `${jobId}-${attempt}`);
    await mkdir(folder, { recursive: true, mode: ownerOnly });
    try {
      const run = new RunArtifacts(this.options.artifacts, jobId, folder);
      await run.bring();
      await this.bringParent(task, folder);
      const steps = await this.run(task, folder, run, observer, signal);
      await run.keepReport();
      return await trainedModel(folder, steps);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async removeLeftovers(isLeft: (jobId: string) => Promise<boolean>): Promise<void> {
    await this.removeFolders(isLeft);
  }

  private async bringParent({ parent }: TrainingTask, folder: string): Promise<void> {
    await verifyBundle(parent);
    const { graph } = requireTrainable(parent.version);
    await copyFile(join(parent.folder, graph.fileName), join(folder, parentFileName));
  }

  /** @returns the steps of the network that came of the finished training */
  private async run(
    task: TrainingTask,
    folder: string,
    run: RunArtifacts,
    observer: TrainingObserver,
    signal: AbortSignal,
  ): Promise<number> {
    const { entryPoint, keys, provider, precision, threads } = this.options;
    const encryptionKey = await keys.find(task.jobId);
    if (encryptionKey === undefined) throw new Error(`the training ${task.jobId} has a snapshot and no key`);
    const { stopGraceMs = defaultStopGraceMs, priority = constants.priority.PRIORITY_BELOW_NORMAL } =
      this.options;
    const configuration = retrainingConfiguration(
      requireTrainable(task.parent.version),
      task.policy,
      task.counts,
      task.falseMatchRate,
      await readReplaySettings(this.options.replayData, task.policy.replayIdentities),
    );
    const curve = new CurveSoFar();
    let keeping: Promise<void> = Promise.resolve();
    const end = await withStopSignals(
      signal,
      (signals) =>
        runTrainer(
          entryPoint,
          { configuration, folder, encryptionKey, provider, precision, threads },
          {
            onStep: (steps) => {
              observer.onStep(steps);
            },
            onChoosing: (measured, networks) => {
              observer.onChoosing({ measured, networks });
            },
            onLogEntry: (entry) => {
              if (curve.add(entry)) observer.onCurve(curve.curve);
            },
            onCheckpoint: async () => {
              keeping = run.keepCheckpoint();
              await keeping;
            },
          },
          { ...signals, stopGraceMs, priority },
        ),
      // Nothing is written any more once this attempt is over.
    ).finally(async () => keeping.catch(() => undefined));
    if (end.isDone) return end.steps;
    signal.throwIfAborted();
    throw new Error('the training ended before its end without being asked to');
  }

  private async removeFolders(isLeft: (jobId: string) => Promise<boolean>): Promise<void> {
    const { workFolder } = this.options;
    const names = await readdir(workFolder).catch((error: unknown) => {
      if (hasErrorCode(error, 'ENOENT')) return [];
      throw error;
    });
    for (const name of names) {
      const jobId = name.slice(0, name.lastIndexOf('-'));
      if (await isLeft(jobId)) await rm(join(workFolder, name), { recursive: true, force: true });
    }
  }
}

/** A process that shuts down keeps what was learnt; a job that is cancelled or another's must not be written to. */
async function withStopSignals<T>(
  signal: AbortSignal,
  use: (signals: { readonly stop: AbortSignal; readonly kill: AbortSignal }) => Promise<T>,
): Promise<T> {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const pass = (): void => {
    const { reason } = signal as { readonly reason: unknown };
    const isShutdown = reason instanceof Failure && reason.reason === 'SHUTTING_DOWN';
    (isShutdown ? stop : kill).abort();
  };
  signal.addEventListener('abort', pass);
  if (signal.aborted) pass();
  try {
    return await use({ stop: stop.signal, kill: kill.signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', pass);
  }
}

async function trainedModel(folder: string, steps: number): Promise<TrainedModel> {
  const run = join(folder, runFolderName);
  const manifest = parseManifest(JSON.parse(await readFile(join(run, 'model', 'manifest.json'), 'utf8')));
  if (manifest.kind !== 'backbone') throw new Error('the trained model is no backbone');
  const graph = await readFile(join(run, 'model', manifest.graph.fileName));
  const { first: parentFigures, last: candidateFigures } = await heldOutMetrics(join(run, logFileName));
  const replay = await replayIn(join(run, logFileName));
  const choice = await shareChoiceIn(join(run, logFileName));
  if (parentFigures === undefined || candidateFigures === undefined) {
    throw new Error('the training has not measured the identities held out');
  }
  const learningRate = await foundRateIn(join(run, logFileName));
  return { graph, manifest, steps, parentFigures, candidateFigures, replay, choice, learningRate };
}

/** @param path of a run's log */
async function foundRateIn(path: string): Promise<number | undefined> {
  return (await readRunLog(path)).find((entry) => entry.kind === 'learning-rate')?.learningRate;
}

/** @param path of a run's log */
async function shareChoiceIn(path: string): Promise<ShareChoice | undefined> {
  const entry = (await readRunLog(path)).findLast((candidate) => candidate.kind === 'choice');
  if (entry === undefined) return undefined;
  const { falseMatchRate, askedFalseMatchRate, trainedShare, isProjected, gate, candidates } = entry;
  const { identityCount, faceCount, genuinePairCount, impostorPairCount, smoothingPixels } = entry;
  return {
    trainedShare,
    isProjected,
    ...(gate && { gate }),
    smoothingPixels,
    falseMatchRate,
    askedFalseMatchRate,
    ...{ identityCount, faceCount, genuinePairCount, impostorPairCount },
    shares: candidates.map((candidate) => {
      const { trueAcceptRate, gain, gainInterval, equalErrorRate, errorChangeInterval } = candidate;
      const place = { trainedShare: candidate.trainedShare, isProjected: candidate.isProjected };
      return { ...place, trueAcceptRate, gain, gainInterval, equalErrorRate, errorChangeInterval };
    }),
  };
}

/** @param path of a run's log */
async function replayIn(path: string): Promise<TrainedOnFaces | undefined> {
  const entry = (await readRunLog(path)).find((candidate) => candidate.kind === 'replay');
  if (entry === undefined) return undefined;
  const { identityCount, faceCount, dataSha256 } = entry;
  return { identityCount, faceCount, dataSha256 };
}
