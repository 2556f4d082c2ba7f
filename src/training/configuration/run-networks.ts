import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import type { Weights } from '../../core/models/weights.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import { noParts, servedGraph, type ServedParts } from '../../learning/gating/served-parts.js';
import type { EmbeddingProjection } from '../../learning/projection/within-class-whitening.js';
import type { TrainingSpec } from '../../learning/step/training-spec.js';
import { interpolatedWeights } from '../../learning/step/weight-interpolation.js';
import type { ServingNetwork } from '../choice/serving-network.js';
import type { DataLoader } from '../data/data-loader.js';
import { exportModel, trainedManifest } from '../export/export-model.js';
import { selfCheckFor } from '../export/self-check-embeddings.js';
import { describeTraining } from '../runs/describe-training.js';
import type { ChoiceEntry } from '../runs/run-log.js';
import type { Teacher } from './build-teacher.js';
import type { TrainingConfiguration } from './training-configuration.js';

/** What a run's networks are described by. */
export interface RunNetworkParts {
  readonly configuration: TrainingConfiguration;
  readonly spec: TrainingSpec;
  /** What is trained, without the smoothing before it that the spec's has. */
  readonly network: Backbone;
  /** How the crops of what is trained are smoothed; 0: they are not. */
  readonly smoothingPixels: number;
  /** The template that faces are aligned to. */
  readonly alignment: AlignmentTemplate;
  /** What the network is or where it came from. */
  readonly origin: string;
  /** What is distilled; undefined where nothing is. */
  readonly teacher: Pick<Teacher, 'origin'> | undefined;
  /** The weights that it starts from; undefined where they were drawn. */
  readonly startingWeights: Weights | undefined;
  /** What belonged to them. */
  readonly startingParts: ServedParts;
  readonly data: DataLoader;
}

/** A network as it was after a step. */
interface TrainedStep {
  readonly step: number;
  /** The arrays of the backbone, as they were trained. */
  readonly weights: Weights;
}

/** What is measured of a run and comes out of it: a share of the way to what was trained, and what stands behind it. */
export class RunNetworks {
  private chosen: ChoiceEntry | undefined;
  private servedParts: ServedParts;

  constructor(private readonly parts: RunNetworkParts) {
    const { startingParts, smoothingPixels } = parts;
    const isSmoothedAlike = startingParts.smoothingPixels === smoothingPixels;
    // What belonged to a network that saw other crops does not fit.
    this.servedParts = isSmoothedAlike ? startingParts : { ...noParts, smoothingPixels };
  }

  /** How far to go, where that was found; undefined before, and where it is not looked for. */
  get choice(): ChoiceEntry | undefined {
    return this.chosen;
  }

  choose(choice: ChoiceEntry, servedParts: ServedParts): void {
    this.chosen = choice;
    this.servedParts = servedParts;
  }

  /** As it would serve: the share of the way that is said or chosen, and what belongs to it. */
  serving({ step, weights }: TrainedStep): ServingNetwork {
    const isStart = step === 0 && this.chosen === undefined;
    const served = isStart ? this.parts.startingParts : this.servedParts;
    return this.described(step, servedGraph(this.compiled(this.shareOf(weights)), served));
  }

  /** Of just these weights, with nothing before or behind them. */
  bare({ step, weights }: TrainedStep): ServingNetwork {
    return this.described(step, this.compiled(weights));
  }

  /** @throws Failure STORAGE_FULL, MODEL_INVALID where the graph does not compute what the layers do */
  async export(folder: string, trained: TrainedStep): Promise<void> {
    const weights = this.shareOf(trained.weights);
    const graph = servedGraph(this.compiled(weights), this.servedParts);
    const described = this.described(trained.step, graph);
    const network = { backbone: this.parts.network, weights, parts: this.servedParts };
    const selfCheck = await selfCheckFor(network, graph, described.manifest);
    const complete = withProjectionMatrix(weights, this.servedParts.projection);
    await exportModel(folder, graph, complete, { ...described.manifest, ...(selfCheck && { selfCheck }) });
  }

  private get trainedShare(): number | undefined {
    return this.chosen?.trainedShare ?? this.parts.configuration.weightInterpolation?.trainedShare;
  }

  private shareOf(trained: Weights): Weights {
    const { startingWeights: start } = this.parts;
    const { trainedShare } = this;
    if (trainedShare === undefined || start === undefined) return trained;
    return interpolatedWeights(start, trained, trainedShare);
  }

  private compiled(weights: Weights): Uint8Array {
    return compileServingGraph(this.parts.network, weights);
  }

  private described(steps: number, graph: Uint8Array): ServingNetwork {
    const { configuration, data, spec, alignment, origin, teacher } = this.parts;
    const { trainedShare } = this;
    const { smoothingPixels } = this.servedParts;
    const training = { start: origin, steps, data, teacher: teacher?.origin, trainedShare, smoothingPixels };
    const described = describeTraining(configuration, training);
    const manifest = trainedManifest(spec.backbone, alignment, graph, described);
    return { graph, manifest: asServed(manifest, configuration.backbone, this.chosen?.normRatio ?? 1) };
  }
}

/** Other tools need the last layer too. */
function withProjectionMatrix(weights: Weights, projection: EmbeddingProjection | undefined): Weights {
  if (projection === undefined) return weights;
  const { dimension, matrix } = projection;
  return new Map([...weights, ['projection/matrix', { shape: [dimension, dimension], values: matrix }]]);
}

/**
 * An imported network's manifest may say otherwise of mirror images than the usual one, and how long embeddings are.
 * @param normRatio how much longer they have become
 */
function asServed(
  manifest: BackboneManifest,
  backbone: TrainingConfiguration['backbone'],
  normRatio: number,
): BackboneManifest {
  if (!('onnx' in backbone)) return manifest;
  const { testTimeAugmentation = manifest.embedding.testTimeAugmentation, typicalNorm: before } = backbone;
  const typicalNorm = before && {
    mean: before.mean * normRatio,
    standardDeviation: before.standardDeviation * normRatio,
  };
  const embedding = { ...manifest.embedding, testTimeAugmentation, ...(typicalNorm && { typicalNorm }) };
  return { ...manifest, embedding };
}
