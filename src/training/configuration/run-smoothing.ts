import { existsSync } from 'node:fs';

import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import type { ProcessGroup } from '../../learning/engines/process-group.js';
import { smoothedBackbone } from '../../learning/smoothing/smoothed-backbone.js';
import { chooseSmoothing } from '../choice/choose-smoothing.js';
import { hasKnownLooks, loadFaceLooks } from '../choice/face-looks.js';
import { cropsToFit } from '../choice/fitted-projection.js';
import type { DataLoader } from '../data/data-loader.js';
import type { EvaluationSet } from '../evaluation/evaluation-set.js';
import { trainedManifest } from '../export/export-model.js';
import { readRunLog, type SmoothingEntry } from '../runs/run-log.js';
import type { BuiltBackbone } from './build-backbone.js';
import { threadsOf, type TrainOptions } from './train-options.js';
import type { TrainingConfiguration } from './training-configuration.js';

/** How the crops of a run are smoothed. */
export interface RunSmoothing {
  /** The deviation, in pixels of a crop; 0: they are not. */
  readonly pixels: number;
  /** How it was chosen, where that was now and is not in the log yet. */
  readonly chosen: SmoothingEntry | undefined;
}

interface SmoothingParts {
  readonly configuration: TrainingConfiguration;
  readonly built: BuiltBackbone;
  readonly data: DataLoader;
  readonly sets: readonly EvaluationSet[];
  readonly options: TrainOptions;
  readonly logPath: string;
  readonly checkpointsFolder: string;
}

/**
 * What the run has chosen before, where it goes on; else what is chosen now, where the configuration has it chosen; else that of what is started
 * from. Of several processes the first one chooses.
 */
export async function runSmoothing(parts: SmoothingParts, signal: AbortSignal): Promise<RunSmoothing> {
  const { processes } = parts.options;
  const own =
    (processes?.rank ?? 0) === 0 ? await firstsSmoothing(parts, signal) : { pixels: 0, chosen: undefined };
  return processes === undefined ? own : { ...own, pixels: await shared(own.pixels, processes) };
}

async function firstsSmoothing(
  { logPath, checkpointsFolder, ...parts }: SmoothingParts,
  signal: AbortSignal,
): Promise<RunSmoothing> {
  const { smoothingPixels: starting } = parts.built.parts;
  // Before the first checkpoint a run begins anew, perhaps by another configuration.
  const entries = existsSync(checkpointsFolder) ? await readRunLog(logPath) : [];
  const known = entries.findLast((entry) => entry.kind === 'smoothing');
  if (known !== undefined) return { pixels: known.pixels, chosen: undefined };
  const chosen = entries.length === 0 ? await chosenNow(parts, signal) : undefined;
  return { pixels: chosen?.pixels ?? starting, chosen };
}

async function chosenNow(
  { configuration, built, data, sets, options }: Omit<SmoothingParts, 'logPath' | 'checkpointsFolder'>,
  signal: AbortSignal,
): Promise<SmoothingEntry | undefined> {
  const choose = configuration.weightInterpolation?.choose;
  const { backbone, alignment, weights, origin, parts } = built;
  if (choose?.smoothing !== true || !choose.gating || weights === undefined || !hasKnownLooks(alignment))
    return undefined;
  return chooseSmoothing(
    {
      ...{ start: weights, startingPixels: parts.smoothingPixels, sets },
      serving: (those) => {
        const graph = compileServingGraph(backbone, those);
        const own = { name: backbone.name, license: 'unknown', source: origin };
        return { graph, manifest: trainedManifest(backbone, alignment, graph, own) };
      },
      fitted: await cropsToFit(data, alignment),
      projects: choose.projection,
      generalLooks: await loadFaceLooks(),
      falseMatchRate: choose.falseMatchRate,
      threads: threadsOf(options),
    },
    signal,
  );
}

async function shared(own: number, processes: ProcessGroup): Promise<number> {
  const numbers = Float64Array.of(own);
  await processes.share([numbers]);
  return numbers[0] ?? own;
}

/** What a run trains: the network with its crops smoothed. */
export function smoothed(built: BuiltBackbone, pixels: number): BuiltBackbone {
  return { ...built, backbone: smoothedBackbone(built.backbone, pixels) };
}
