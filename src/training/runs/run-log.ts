import type { GateFigures } from '../../core/protocols/choice/gate-figures.js';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { CollapseWarning } from '../evaluation/collapse.js';
import type { CandidateChoice, CandidateFigures } from '../../core/protocols/choice/choose-candidate.js';
import type { RangeTest } from '../../learning/step/learning-rate-range.js';
import type { TrainedOnFaces } from '../../core/models/manifest.js';
import { hasErrorCode, replaceFile, storageFailure } from '../../storage/files/durable-files.js';

/** Means over the steps since the entry before it. */
export interface StepEntry {
  readonly kind: 'steps';
  /** Steps that are done */
  readonly step: number;
  /** Epochs that are done, with the part of the one that goes on */
  readonly epoch: number;
  readonly learningRate: number;
  readonly loss: number;
  /** 0 where there is none. */
  readonly faceLoss: number;
  readonly symmetryLoss: number;
  /** The distillation term; absent where there is no teacher. */
  readonly distillationLoss?: number;
  readonly gradientNorm: number;
  readonly imagesPerSecond: number;
  /** Share of the time in which the engine waited for data. */
  readonly waitedShare: number;
}

export interface EvaluationEntry {
  readonly kind: 'evaluation';
  readonly step: number;
  readonly set: string;
  readonly accuracyMean: number;
  readonly accuracyStandardDeviation: number;
  readonly equalErrorRate: number;
  readonly areaUnderCurve: number;
  readonly trueAcceptRates: readonly { readonly falseMatchRate: number; readonly trueAcceptRate: number }[];
  readonly interClassVariance?: number;
  readonly intraClassVariance?: number;
  /** Faces whose halves were measured. */
  readonly halfFaceCount?: number;
  /** The mean squared distance of a face's halves; a constant makes it 0. */
  readonly halfDistance?: number;
  /** That over the distance of different persons' halves; 1 for a constant. */
  readonly halfRatio?: number;
  /** Half to half; 1/2 for a constant. */
  readonly halfAreaUnderCurve?: number;
}

/** What of a second data set a run trains on; the first entry where it does. */
export interface ReplayEntry extends TrainedOnFaces {
  readonly kind: 'replay';
  readonly step: 0;
  /** The share of the faces of each epoch, 0 to 1. */
  readonly faceShare: number;
}

/** How far to go from the starting weights to the trained ones, as it was chosen at the end (`weightInterpolation.choose`). */
export interface ChoiceEntry extends Omit<CandidateChoice, 'figures'> {
  readonly kind: 'choice';
  readonly step: number;
  /** The share of the way that came out; nothing is to be gained where it is 0 and nothing is projected. */
  readonly trainedShare: number;
  /** Whether a projection stands behind the network. */
  readonly isProjected: boolean;
  /** The deviation by which the crops of what came out are smoothed, in pixels; 0: they are not. */
  readonly smoothingPixels: number;
  /** What the gate before the networks does; undefined where there is none. */
  readonly gate?: GateFigures | undefined;
  /** How much longer its embeddings are in the mean than those that the run started from. */
  readonly normRatio: number;
  /** The rate that was to be compared at; `falseMatchRate` is the one that could be measured. */
  readonly askedFalseMatchRate: number;
  readonly candidates: readonly (CandidateFigures & {
    readonly trainedShare: number;
    readonly isProjected: boolean;
  })[];
}

/** How the crops of the network are smoothed, as it was chosen before the first step (`weightInterpolation.choose`). */
export interface SmoothingEntry {
  readonly kind: 'smoothing';
  readonly step: 0;
  /** The deviation of the Gaussian, in pixels of a crop; 0: they are not. */
  readonly pixels: number;
  readonly identityCount: number;
  readonly faceCount: number;
  /** Of the starting weights; first those of what was started from. */
  readonly candidates: readonly (CandidateFigures & { readonly pixels: number })[];
}

/** The learning rate as it was found before the first step (`learningRate.initial: auto`). */
export interface LearningRateEntry extends RangeTest {
  readonly kind: 'learning-rate';
  readonly step: 0;
}

/** A sign of collapse, once a run. */
export interface WarningEntry extends CollapseWarning {
  readonly kind: 'warning';
  readonly step: number;
}

export type LogEntry =
  ReplayEntry | SmoothingEntry | LearningRateEntry | StepEntry | EvaluationEntry | WarningEntry | ChoiceEntry;

/** What every entry of a log has. */
interface EntryAtStep {
  readonly kind: string;
  readonly step: number;
}

/** What happened in a run: one JSON object a line. */
export class RunLog<Entry extends EntryAtStep = LogEntry> {
  private constructor(
    private readonly path: string | undefined,
    private readonly kept: Entry[],
    private readonly onEntry: (entry: Entry) => void,
  ) {}

  /**
   * Goes on with the log of a run at a step: what was written after its checkpoint did not happen, and what was chosen at
   * its end is chosen anew.
   * @param onEntry told of every entry, those that are there first
   * @throws Failure STORAGE_FULL; the system's error
   */
  static async resume<Entry extends EntryAtStep = LogEntry>(
    path: string,
    step: number,
    onEntry: (entry: Entry) => void = () => undefined,
  ): Promise<RunLog<Entry>> {
    const kept = (await readRunLog<Entry>(path)).filter(
      ({ step: at, kind }) => at <= step && kind !== 'choice',
    );
    try {
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    } catch (error) {
      throw storageFailure(error, path);
    }
    kept.forEach(onEntry);
    return new RunLog(path, kept, onEntry);
  }

  /** A log that is written nowhere, of a process that another one writes for. */
  static unwritten<Entry extends EntryAtStep = LogEntry>(): RunLog<Entry> {
    return new RunLog<Entry>(undefined, [], () => undefined);
  }

  get entries(): readonly Entry[] {
    return this.kept;
  }

  /** @throws Failure STORAGE_FULL; the system's error */
  async append(entry: Entry): Promise<void> {
    const { path } = this;
    this.kept.push(entry);
    if (path === undefined) return;
    await appendFile(path, `${JSON.stringify(entry)}\n`).catch((error: unknown) => {
      throw storageFailure(error, path);
    });
    this.onEntry(entry);
  }
}

/** The entries that are whole; none where there is no log. */
export async function readRunLog<Entry extends EntryAtStep = LogEntry>(
  path: string,
): Promise<readonly Entry[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Entry];
    } catch {
      // A kill cut it short.
      return [];
    }
  });
}
