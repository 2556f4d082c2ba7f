import type { Weights } from '../../core/models/weights.js';
import type { Backbone } from '../backbones/backbone.js';
import type { BatchShape } from '../sampler/training-batch.js';
import type { ForwardMode } from '../layers/forward-pass.js';
import type { DecayGroup, Initialiser, ParameterSpec, StatisticSpec } from '../layers/layer.js';
import type { FaceLoss } from '../losses/face-loss.js';
import { requireWithin } from '../losses/hyperparameter.js';
import { samplesPerSplitFace, type SymFaceOptions } from '../losses/sym-face.js';
import { createSymmetryTerm } from '../losses/symmetry-terms.js';
import type { TrainingEngine } from './training-engine.js';
import { lastLayers } from './training-stages.js';

/** Stochastic gradient descent with momentum, as PyTorch's SGD: v ← μv + g + λw, w ← w - ηv. */
export interface SgdOptions {
  /** μ */
  readonly momentum: number;
  /** λ of each group of parameters. */
  readonly weightDecay: Readonly<Record<DecayGroup, number>>;
  /** Gradients of a larger Euclidean norm, all parameters together, are scaled down to it. Absent: they are not. */
  readonly gradientClipNorm?: number;
}

/** What is trained, and how. */
export interface TrainingSpec {
  readonly backbone: Backbone;
  /** The face loss; where it is absent there is no head either, and `distillation` is what is trained on. */
  readonly faceLoss?: FaceLoss;
  /** C */
  readonly classCount: number;
  /** S, the classes that a step is computed on (Partial FC); batches say which. Absent: all */
  readonly sampledClasses?: number;
  /** Whether each of several processes has the weights of a part of the classes only. Absent: no */
  readonly splitHead?: boolean;
  readonly symmetry: SymFaceOptions;
  readonly sgd: SgdOptions;
  readonly normalisation: ForwardMode['normalisation'];
  /** Whether live norms of several processes normalise by the batches of all of them. Absent: each by its own */
  readonly synchronisedNorms?: boolean;
  readonly batch: BatchShape;
  /** Probability that a feature of the backbone's dropped layer is dropped. Absent: 0. */
  readonly dropout?: number;
  /** Batches whose gradients are averaged for one step of descent. Absent: 1. */
  readonly accumulateSteps?: number;
  /**
   * Whether the blocks of the backbone are evaluated once more on the way back, so that their activations need not be kept: less memory,
   * more time, the same numbers. The compiled engine's alone. Absent: no.
   */
  readonly recompute?: boolean;
  /** Regresses on the embeddings of a teacher, which come with the batches; see distillationLoss. */
  readonly distillation?: Distillation;
  /**
   * The share of the backbone's layers that is trained, 0 to 1, counted from its end; the others stay as they are, and so do
   * their norms. Absent: 1.
   */
  readonly trainedLayers?: number;
}

export interface Distillation {
  /** Factor of L_d, above 0. */
  readonly weight: number;
}

/** The class weights W of SymFace Eq. 1, [D, C]. The slash keeps it apart from the names of backbones' arrays. */
export const HEAD = 'head/classes';

/** What the face loss trains beside them: a scalar. */
export const headScalarName = (scalar: string): string => `head/${scalar}`;

/** A state's arrays without those of the head: the backbone's. */
export function backboneWeightsOf({ weights }: { readonly weights: Weights }): Weights {
  return new Map([...weights].filter(([name]) => !name.startsWith(headScalarName(''))));
}

/** Those of what an engine trains, without the head where it can tell them apart. */
export async function backboneWeightsOfEngine(
  engine: Pick<TrainingEngine, 'state' | 'backboneWeights'>,
): Promise<Weights> {
  return (await engine.backboneWeights?.()) ?? backboneWeightsOf(await engine.state());
}

/** InsightFace's; the face losses look at its direction alone. */
const HEAD_INITIALISER: Initialiser = { distribution: 'normal', standardDeviation: 0.01 };

/** The backbone's parameters, then the head's where there is a face loss. */
export function parametersOfSpec({
  backbone,
  classCount,
  faceLoss,
}: Pick<TrainingSpec, 'backbone' | 'classCount' | 'faceLoss'>): readonly ParameterSpec[] {
  if (faceLoss === undefined) return backbone.parameters;
  const { headInitialiser = HEAD_INITIALISER, scalars = [] } = faceLoss;
  const head: ParameterSpec = {
    name: HEAD,
    shape: [backbone.embeddingSize, classCount],
    initialiser: headInitialiser,
    decayGroup: 'head',
  };
  const trained = scalars.map((scalar): ParameterSpec => ({
    name: headScalarName(scalar),
    shape: [],
    initialiser: { distribution: 'constant', value: 0 },
    decayGroup: 'head',
  }));
  return [...backbone.parameters, head, ...trained];
}

/** Those of {@link parametersOfSpec} that a step changes, in the same order. */
export function trainedParametersOf(
  spec: Pick<TrainingSpec, 'backbone' | 'classCount' | 'faceLoss' | 'trainedLayers'>,
): readonly ParameterSpec[] {
  const all = parametersOfSpec(spec);
  const { parameters } = spec.backbone;
  return [...lastLayers(parameters, spec.trainedLayers ?? 1), ...all.slice(parameters.length)];
}

/** [B, height, width, channels] of what is dropped; undefined where nothing is. */
export function dropoutShape({
  backbone: { droppedShape },
  batch: { batchSize },
  dropout = 0,
}: Pick<TrainingSpec, 'backbone' | 'batch' | 'dropout'>): readonly number[] | undefined {
  if (dropout === 0 || droppedShape === undefined) return undefined;
  return [batchSize, droppedShape.height, droppedShape.width, droppedShape.channels];
}

/** Whether a step is taken on several batches, whose gradients are summed between. */
export function isAccumulating({ accumulateSteps = 1 }: Pick<TrainingSpec, 'accumulateSteps'>): boolean {
  return accumulateSteps > 1;
}

/** Running statistics that a step changes. */
export function changingStatistics({ backbone, normalisation }: TrainingSpec): readonly StatisticSpec[] {
  return normalisation === 'live' ? backbone.statistics : [];
}

/** Names of the statistics that the face loss keeps. */
export function lossStatistics({ faceLoss }: Pick<TrainingSpec, 'faceLoss'>): readonly string[] {
  return Object.keys(faceLoss?.initialState ?? {});
}

/** @throws RangeError naming what is out of its range */
export function requireTrainingSpec(spec: TrainingSpec): void {
  const { backbone, batch, sgd, accumulateSteps = 1, dropout = 0 } = spec;
  const { height, width } = backbone.inputSize;
  if (batch.imageHeight !== height || batch.imageWidth !== width) {
    throw new RangeError(
      `${backbone.name} takes images of ${width}x${height}, not ${batch.imageWidth}x${batch.imageHeight}`,
    );
  }
  requireTerms(spec);
  requireHalves(spec);
  requireLayers(spec);
  requireSynchronisable(spec);
  requireWithin('accumulateSteps', accumulateSteps, 1, 65_536);
  requireWithin('dropout', dropout, 0, 0.999);
  if (dropout > 0 && backbone.droppedShape === undefined)
    throw new RangeError(
      `${backbone.name} has no layer whose features are dropped: leave out backbone.dropout`,
    );
  if (spec.recompute === true && backbone.hasBlocks !== true)
    throw new RangeError(
      `recompute: ${backbone.name} is not made of blocks that could be computed again: leave it out`,
    );
  requireWithin('momentum', sgd.momentum, 0, 1);
  for (const [group, decay] of Object.entries(sgd.weightDecay)) {
    requireWithin(`weightDecay.${group}`, decay, 0, 1);
  }
  if (sgd.gradientClipNorm !== undefined) requireWithin('gradientClipNorm', sgd.gradientClipNorm, 1e-9, 1e9);
}

/** Slots for split faces must fit into a batch, and leave full faces where statistics are of those alone. */
function requireHalves({ batch: { splitSlots, batchSize }, symmetry, normalisation }: TrainingSpec): void {
  const term = createSymmetryTerm(symmetry.compare ?? 'raw', symmetry.hyperparameters);
  requireWithin('splitSlots', splitSlots, 0, batchSize / samplesPerSplitFace(term));
  const isOfFull = symmetry.statistics === 'full-faces' && normalisation === 'live';
  if (isOfFull && 2 * splitSlots === batchSize)
    throw new RangeError(
      'symmetry.statistics: full-faces: batches are all halves: lower symmetry.splitFraction, or use statistics: all',
    );
}

/** Something must be trained; and what a batch does to norms would change what the frozen layers compute. */
function requireLayers({ trainedLayers = 1, faceLoss, normalisation }: TrainingSpec): void {
  requireWithin('freezing.trainedLayers', trainedLayers, 0, 1);
  if (trainedLayers === 1) return;
  if (normalisation === 'live')
    throw new RangeError('freezing: layers are frozen with their norms: set backbone.normalisation: frozen');
  if (trainedLayers === 0 && faceLoss === undefined)
    throw new RangeError('freezing.headEpochs: there is no head without a loss');
}

/** @throws RangeError naming what norms cannot be synchronised beside */
function requireSynchronisable({ synchronisedNorms, splitHead, recompute }: TrainingSpec): void {
  if (synchronisedNorms !== true) return;
  const [other] = [
    ...(splitHead === true ? ['head.split'] : []),
    ...(recompute === true ? ['recompute'] : []),
  ];
  if (other === undefined) return;
  throw new RangeError(
    `backbone.normalisation: synchronised: not together with ${other}, which computes the network twice: leave out ${other}, or take normalisation: live`,
  );
}

function requireTerms({ faceLoss, classCount, sampledClasses, splitHead, distillation }: TrainingSpec): void {
  if (splitHead === true) requireSplittable(faceLoss);
  if (faceLoss !== undefined) requireWithin('classCount', classCount, 2, 1e7);
  else if (distillation === undefined) throw new RangeError('without a face loss there must be a teacher');
  if (sampledClasses !== undefined) requireWithin('head.sampleRate: classes', sampledClasses, 2, classCount);
  if (distillation !== undefined) requireWithin('distillation.weight', distillation.weight, 1e-9, 1e6);
}

/** @throws RangeError where classes cannot be split: the loss is no softmax of logits that are each one class's alone */
function requireSplittable(faceLoss: FaceLoss | undefined): void {
  if (faceLoss === undefined) throw new RangeError('head.split: there is no head without a loss');
  if (faceLoss.needsOwnClass === true || (faceLoss.scalars ?? []).length > 0)
    throw new RangeError('head.split: this loss needs all classes in each process: leave out head.split');
}
