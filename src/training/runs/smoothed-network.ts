import type { Backbone } from '../../learning/backbones/backbone.js';
import type { BuiltBackbone } from '../configuration/build-backbone.js';
import { buildTeacher, type Teacher } from '../configuration/build-teacher.js';
import { runSmoothing, type RunSmoothing, smoothed } from '../configuration/run-smoothing.js';
import type { TrainOptions } from '../configuration/train-options.js';
import type { LocatedConfiguration } from '../configuration/training-configuration.js';
import type { DataLoader } from '../data/data-loader.js';
import type { EvaluationSet } from '../evaluation/evaluation-set.js';
import { runDigestOf } from './run-digest.js';

interface SmoothedNetworkParts {
  readonly located: LocatedConfiguration;
  readonly built: BuiltBackbone;
  /** That of the configuration, to which crops are as they are. */
  readonly namedTeacher: Teacher | undefined;
  readonly data: DataLoader;
  readonly sets: readonly EvaluationSet[];
  readonly options: TrainOptions;
  readonly logPath: string;
  readonly checkpointsFolder: string;
}

/** What of a run depends on how its crops are smoothed. */
export interface SmoothedNetwork {
  readonly smoothing: RunSmoothing;
  readonly backbone: Backbone;
  readonly teacher: Teacher | undefined;
  readonly runDigest: string;
}

/** The network that is trained, who teaches it, and the digest of all that its states depend on. */
export async function smoothedNetwork(
  { located, built, namedTeacher, ...parts }: SmoothedNetworkParts,
  signal: AbortSignal,
): Promise<SmoothedNetwork> {
  const { configuration } = located;
  const smoothing = await runSmoothing({ configuration, built, ...parts }, signal);
  const trained = smoothed(built, smoothing.pixels);
  const { backbone } = trained;
  // What is started from teaches how it sees smoothed crops.
  const teacher = smoothing.pixels === 0 ? namedTeacher : await buildTeacher(located, backbone, trained);
  const runDigest = runDigestOf(configuration, {
    graphSha256: built.graphSha256,
    replaySha256: parts.data.replay?.dataSha256,
    teacherSha256: teacher?.sha256,
    smoothingPixels: smoothing.pixels,
  });
  return { smoothing, backbone, teacher, runDigest };
}
