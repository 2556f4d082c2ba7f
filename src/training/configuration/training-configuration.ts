import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

import { z } from 'zod';

import { VERIFICATION_FORMATS } from '../../datasets/verification/verification-formats.js';
import { HALF_STYLES } from '../../core/faces/split-halves.js';
import { FACE_LOSS_NAMES } from '../../learning/losses/face-losses.js';
import { SYMMETRY_TERM_NAMES } from '../../learning/losses/symmetry-terms.js';
import type { LearningRateSchedule } from '../../learning/step/learning-rate.js';
import type { Freezing } from '../../learning/step/training-stages.js';
import { backboneSchema } from './backbone-configuration.js';
import { overridden } from './configuration-overrides.js';
import { dataSchema } from './data-configuration.js';
import { distillationSchema } from './distillation-configuration.js';
import { invalidConfiguration, parsedAs, yamlValue } from './parsed-configuration.js';

const positiveInteger = z.number().int().positive();
const share = z.number().min(0).max(1);
const evaluationSchema = z.strictObject({
  name: z.string().min(1),
  format: z.enum(VERIFICATION_FORMATS.map(({ name }) => name)),
  path: z.string().min(1),
  images: z.string().default(''),
  kind: z.enum(['photograph', 'aligned-crop']).default('photograph'),
  tags: z.string().optional(),
});

/** The symmetry term, and how faces are split; a hyperparameter of the term stands beside its name, as a loss's does. */
const symmetrySchema = z
  .looseObject({
    splitFraction: share.default(0.3),
    tau: share.default(0.2),
    /** 0: faces are split, and the face loss alone is trained on (Table 4). */
    weight: z.number().min(0).default(1),
    /** The term; a hyperparameter of it stands beside its name, as a loss's does. */
    compare: z.enum(SYMMETRY_TERM_NAMES).default('raw'),
    /** What the other side of a half is. */
    halves: z.enum(HALF_STYLES).default('padded'),
    /** The standard deviation of landmarks' errors; above 0 the expectation of ρ under it stands for ρ. */
    landmarkNoisePixels: z.number().min(0).max(50).default(0),
    /** Which samples running statistics are of: those of batch norm, and AdaFace's μ and σ. */
    statistics: z.enum(['all', 'full-faces']).default('all'),
  })
  .catchall(z.number());

/** The names of the settings of `symmetry` that are no hyperparameters of a term. */
export const SYMMETRY_SETTINGS: ReadonlySet<string> = new Set(Object.keys(symmetrySchema.shape));

const configurationSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/u, 'lower-case letters, digits, dots and dashes'),
  seed: z.number().int().nonnegative().default(1),
  data: dataSchema,
  backbone: backboneSchema,
  /** Class weights to start from; where absent, class-means where the network is trained already. */
  head: z
    .strictObject({
      initialise: z.enum(['random', 'class-means']).optional(),
      /** The share of the classes that a step is computed on, those of its samples among them (Partial FC). Absent: all */
      sampleRate: z.number().positive().max(1).optional(),
      /** Whether each of several processes has the weights of a part of the classes only. */
      split: z.boolean().optional(),
    })
    .optional(),
  /** The face loss; where it is absent there is no head, and `distillation` alone is trained on. */
  loss: z
    .looseObject({ name: z.enum(FACE_LOSS_NAMES) })
    .catchall(z.number())
    .optional(),
  /** The symmetry term; where it is absent, faces are not split. */
  symmetry: symmetrySchema.optional(),
  /** The teacher; where it is absent there is none. */
  distillation: distillationSchema.optional(),
  epochs: positiveInteger,
  /**
   * The samples of an epoch, full faces and halves alike, a multiple of batchSize: the same number whether faces are split
   * or not, so that runs can be compared. Where it is absent, an epoch has every face once.
   */
  samplesPerEpoch: positiveInteger.optional(),
  batchSize: positiveInteger.max(65_536),
  /** Batches whose gradients are averaged for one step. */
  accumulateSteps: positiveInteger.max(65_536).default(1),
  /** Computes the network's blocks once more on the way back, in place of keeping what they came to: less memory, more time. */
  recompute: z.boolean().default(false),
  learningRate: z.strictObject({
    /** `auto`: found before the first step, by a range test. */
    initial: z.union([z.number().positive(), z.literal('auto')]),
    dropEpochs: z.array(positiveInteger).default([]),
    dropFactor: share.default(0.1),
    warmUpSteps: z.number().int().nonnegative().default(0),
  }),
  /** Which layers of a network that is trained already are trained when; where it is absent, all of them always. */
  freezing: z
    .strictObject({
      /** Epochs in which the head alone is trained. */
      headEpochs: z.number().int().nonnegative().default(0),
      /** The share of the network's layers that is trained from then on, counted from its end. */
      trainedLayers: z.number().positive().max(1).default(1),
    })
    .optional(),
  momentum: share.default(0.9),
  weightDecay: z
    .strictObject({
      weights: share.default(5e-4),
      /** Of the embedding layer and its norm, where the design sets them apart; where absent, that of the other weights. */
      lastLayer: share.optional(),
      /** Of scales and offsets of batch norm; where absent, that of the weights. */
      normalisation: share.optional(),
      /** Of PReLU. */
      slopes: share.default(0),
      /** Of the class weights of the face loss; where absent, that of the weights. */
      head: share.optional(),
    })
    .prefault({}),
  gradientClipNorm: z.number().positive().optional(),
  flip: z.boolean().default(true),
  /** Probabilities of what is done to faces at random, besides mirroring. Absent: nothing is done. */
  augmentation: z
    .strictObject({
      crop: share.default(0.2),
      lowResolution: share.default(0.2),
      photometric: share.default(0.2),
      camera: share.default(0),
      /** Faces look as others of the data do, as far as pictures can be made worse. */
      site: share.default(0),
    })
    .optional(),
  checkpointEverySteps: positiveInteger.default(500),
  /** Also after so many minutes without one, however long steps take. */
  checkpointEveryMinutes: z.number().positive().default(10),
  /** The steps between evaluations; where it is absent, those of an epoch. */
  evaluateEverySteps: positiveInteger.optional(),
  evaluate: z
    .strictObject({
      /** Pairs of faces of identities that are held out; 0 for none. */
      heldOutPairs: z.number().int().nonnegative().default(2000),
      /** Evaluates also before the first step: what the run starts from. */
      start: z.boolean().default(false),
      /** The halves that are measured: the same for all runs that are compared, whatever they trained on. */
      halves: z.enum(HALF_STYLES).default('padded'),
      benchmarks: z.array(evaluationSchema).default([]),
    })
    .prefault({}),
  /**
   * What is measured and comes out is not what was trained but a part of the way there from the weights that were started
   * from. Absent: all of the way.
   */
  weightInterpolation: z
    .strictObject({
      /** The part, 0 to 1. */
      trainedShare: share.optional(),
      /** It is found at the end of the run, by the identities held out; see `chooseTrainedNetwork`. */
      choose: z
        .strictObject({
          /** The rate whose true accept rates are compared. */
          falseMatchRate: z.number().positive().max(1).default(1e-3),
          /** Whether networks with a projection fitted to the faces trained on are measured too. */
          projection: z.boolean().default(true),
          /** Whether faces that look unlike those trained on keep the network that was started from, where looks tell. */
          gating: z.boolean().default(true),
          /** Whether crops are smoothed first where that helps; needs gating. See `chooseSmoothing`. */
          smoothing: z.boolean().default(true),
        })
        .optional(),
    })
    .optional(),
  /** The licence of the weights that come out, for `models import`. */
  license: z.string().min(1).default('unknown'),
});

/** What a run is told, with defaults for all that it is not. */
export type TrainingConfiguration = z.infer<typeof configurationSchema>;
export type EvaluationConfiguration = z.infer<typeof evaluationSchema>;

/** A configuration, and where its paths begin. */
export interface LocatedConfiguration {
  readonly configuration: TrainingConfiguration;
  readonly text: string;
  /** Absolute path of a file that it names. */
  readonly pathOf: (named: string) => string;
}

/**
 * @param overrides `data.path=/data/faces`; paths in them are relative to the working folder
 * @throws Failure INVALID_ARGUMENT naming the file and the setting that is wrong
 */
export async function readTrainingConfiguration(
  path: string,
  overrides: readonly string[] = [],
): Promise<LocatedConfiguration> {
  const written = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw invalidConfiguration(`${path} cannot be read`, cause);
  });
  const text = overridden(written, overrides, basename(path));
  const folder = dirname(resolve(path));
  return {
    configuration: parseTrainingConfiguration(text, basename(path)),
    text,
    pathOf: (named) => resolve(folder, named),
  };
}

/** @throws Failure INVALID_ARGUMENT naming the setting that is wrong */
export function parseTrainingConfiguration(text: string, file: string): TrainingConfiguration {
  requireNoExperiment(text, file);
  const configuration = parsedAs(configurationSchema, text, file);
  requireTerm(configuration, file);
  requireStart(configuration, file);
  requireStages(configuration, file);
  requireOneShare(configuration, file);
  return configuration;
}

/** An experiment's file lies beside configurations, and has none of their settings. */
function requireNoExperiment(text: string, file: string): void {
  const value = yamlValue(text, file);
  if (typeof value === 'object' && value !== null && 'matrix' in value)
    throw invalidConfiguration(
      `${file}: is an experiment: train one of its cells with --cell, or all with "symface experiment" (--dry-run lists them)`,
    );
}

/** There must be something to train on; what belongs to a face loss needs one. */
function requireTerm({ loss, distillation, head }: TrainingConfiguration, file: string): void {
  if (loss !== undefined) return;
  if (distillation === undefined) {
    const example = 'loss: { name: arcface }, or distillation: { teacher: … } to train without one';
    throw invalidConfiguration(`${file}: loss: there is none: say ${example}`);
  }
  if (head !== undefined)
    throw invalidConfiguration(`${file}: head: needs a loss: without one there are no classes`);
}

/** There must be weights to start from. */
function requireStart(
  { backbone, weightInterpolation, freezing }: TrainingConfiguration,
  file: string,
): void {
  if (!('design' in backbone) || backbone.weights !== undefined) return;
  const start = 'needs weights to start from: backbone: { onnx: … }, { pretrained: … } or weights';
  if (weightInterpolation !== undefined) throw invalidConfiguration(`${file}: weightInterpolation: ${start}`);
  if (freezing !== undefined) throw invalidConfiguration(`${file}: freezing: ${start}`);
}

/** Something of the network must be trained in the end, and a head there must be to train alone. */
function requireStages({ freezing, loss, epochs }: TrainingConfiguration, file: string): void {
  const headEpochs = freezing?.headEpochs ?? 0;
  if (headEpochs === 0) return;
  if (loss === undefined)
    throw invalidConfiguration(`${file}: freezing.headEpochs: there is no head without a loss`);
  if (headEpochs >= epochs)
    throw invalidConfiguration(
      `${file}: freezing.headEpochs: must be below epochs, ${epochs}: in ${headEpochs} epochs the head alone is trained`,
    );
}

/** The share of the way is said or found. */
function requireOneShare({ weightInterpolation }: TrainingConfiguration, file: string): void {
  if (weightInterpolation === undefined) return;
  const { trainedShare, choose } = weightInterpolation;
  if ((trainedShare === undefined) !== (choose === undefined)) return;
  const ways = '{ trainedShare: 0.5 } says how far, { choose: { falseMatchRate: 1e-3 } } has it found';
  throw invalidConfiguration(`${file}: weightInterpolation: give one of trainedShare and choose: ${ways}`);
}

/** Layers as the configuration has them trained. */
export function freezingOf({ freezing }: Pick<TrainingConfiguration, 'freezing'>): Freezing {
  return freezing ?? { headEpochs: 0, trainedLayers: 1 };
}

/** The schedule of the learning rate. @param found what `auto` stands for; 1 where that is not known yet */
export function scheduleOf(
  { learningRate }: Pick<TrainingConfiguration, 'learningRate'>,
  found = 1,
): LearningRateSchedule {
  const { initial } = learningRate;
  return { ...learningRate, initial: initial === 'auto' ? found : initial };
}

/** What the class weights are at first: a network that is trained already has directions for them. */
export function headInitialisation({
  head,
  backbone,
  loss,
}: TrainingConfiguration): 'random' | 'class-means' | 'none' {
  if (loss === undefined) return 'none';
  const isTrained = !('design' in backbone) || backbone.weights !== undefined;
  return head?.initialise ?? (isTrained ? 'class-means' : 'random');
}
