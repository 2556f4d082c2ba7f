import type { MetricValues } from './experiment-results.js';
import type { BackboneManifest, ModelTraining } from '../../core/models/manifest.js';
import type { Weights } from '../../core/models/weights.js';
import { interpolatedWeights } from '../../learning/step/weight-interpolation.js';
import { meanWeights } from '../../learning/weights/weight-mean.js';
import { readSafetensors } from '../../storage/weights/safetensors.js';
import { openDataLoader } from '../data/open-data-loader.js';
import { buildBackbone, type BuiltBackbone } from '../configuration/build-backbone.js';
import { dataLoaderConfigOf } from '../configuration/data-loader-config.js';
import { buildEvaluationSets } from '../configuration/build-evaluation-sets.js';
import type { EvaluationSet } from '../evaluation/evaluation-set.js';
import { lossesOf } from '../runs/describe-training.js';
import { exportModel, trainedManifest } from '../export/export-model.js';
import { withListedIdentities } from '../overlap/identity-list-file.js';
import { measureEvaluationSets } from '../evaluation/measure-evaluation-set.js';
import { selfCheckFor } from '../export/self-check-embeddings.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import { evaluationEntry } from '../runs/step-average.js';
import type { LocatedConfiguration, TrainingConfiguration } from '../configuration/training-configuration.js';
import { evaluationMetrics } from './run-metrics.js';

/** What a finished run came to. */
export interface RunToAverage {
  readonly seed: number;
  /** safetensors */
  readonly weightsFile: Uint8Array;
  readonly weightsSha256: string;
  readonly training: ModelTraining | undefined;
}

/** What is to be averaged. */
export interface Average {
  /** The runs, which differ in their seed only. */
  readonly runs: readonly RunToAverage[];
  /** 1: the mean itself; less: a part of the way to it from the weights that the runs began from. */
  readonly trainedShare: number;
}

/**
 * Takes the mean of the weights of runs, or a part of the way there, measures it on the sets that they were measured on, and
 * exports it as they were.
 *
 * @param given configuration of one of the runs
 * @returns figures by evaluation set
 * @throws Failure MODEL_INVALID where weights are not the configuration's network's, DATASET_INVALID, STORAGE_FULL
 */
export async function exportAveragedModel(
  given: LocatedConfiguration,
  average: Average,
  modelFolder: string,
  threads: number,
): Promise<Readonly<Record<string, MetricValues>>> {
  const located = await withListedIdentities(given);
  const network = await buildBackbone(located);
  const weights = averageWeights(network, average);
  const graph = compileServingGraph(network.backbone, weights);
  const manifest = manifestOf(network, graph, located.configuration, average);
  const sets = await evaluationSets(located, network);
  const results = await measureEvaluationSets(graph, manifest, sets, threads);
  await exportMean(modelFolder, { network, weights, graph, manifest });
  return Object.fromEntries(
    results.map((result) => [result.set, evaluationMetrics(evaluationEntry({ step: 0 }, result))]),
  );
}

function averageWeights({ weights: start }: BuiltBackbone, { runs, trainedShare }: Average): Weights {
  const mean = meanWeights(runs.map(({ weightsFile }) => readSafetensors(weightsFile)));
  return start === undefined || trainedShare === 1 ? mean : interpolatedWeights(start, mean, trainedShare);
}

function manifestOf(
  { backbone, alignment, origin }: BuiltBackbone,
  graph: Uint8Array,
  configuration: TrainingConfiguration,
  { runs, trainedShare }: Average,
): BackboneManifest {
  const [seed = 0, ...others] = runs.map((run) => run.seed);
  const part = trainedShare === 1 ? '' : `${trainedShare} of the way to the `;
  const { name, license } = configuration;
  const source = `symface experiment ${name}: ${origin}, ${lossesOf(configuration)}, ${part}mean of the weights of seeds ${[seed, ...others].join(', ')}`;
  // The runs differ in nothing else.
  const training = runs[0]?.training;
  const described = { name, license, source };
  return trainedManifest(backbone, alignment, graph, {
    ...described,
    ...(training === undefined ? {} : { training: { ...training, seeds: [seed, ...others] } }),
  });
}

/** The evaluation sets; which identities are held out is known once the data is open. */
async function evaluationSets(
  located: LocatedConfiguration,
  { alignment }: BuiltBackbone,
): Promise<readonly EvaluationSet[]> {
  const dataConfig = dataLoaderConfigOf(located, alignment);
  const data = await openDataLoader(dataConfig);
  try {
    return await buildEvaluationSets(located, dataConfig, data, alignment);
  } finally {
    await data.close();
  }
}

interface MeanModel {
  readonly network: BuiltBackbone;
  readonly weights: Weights;
  readonly graph: Uint8Array;
  readonly manifest: BackboneManifest;
}

async function exportMean(folder: string, { network, weights, graph, manifest }: MeanModel): Promise<void> {
  const selfCheck = await selfCheckFor({ backbone: network.backbone, weights }, graph, manifest);
  await exportModel(folder, graph, weights, { ...manifest, ...(selfCheck && { selfCheck }) });
}
