import { Failure } from '../../core/failure.js';
import {
  falseAlarmsAllowed,
  shareAbove,
  thresholdAtFalseAlarmRate,
} from '../../core/protocols/overlap/false-alarms.js';
import { type Templates, TemplateSums } from '../../core/verification/identity-templates.js';
import {
  nearestAmong,
  nearestOthers,
  similaritiesOfSame,
} from '../../core/protocols/overlap/nearest-templates.js';
import { OnnxFaceEmbedder } from '../../inference/embed/onnx-face-embedder.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import { openDataLoader } from '../data/open-data-loader.js';
import { suppressTfjsNotice } from '../../learning/engines/tfjs-notice.js';
import { trainingDataLocationOf } from '../configuration/data-loader-config.js';
import {
  type EmbeddingModel,
  type ModelFiles,
  readEmbeddingModel,
  startingModel,
} from '../export/embedding-model.js';
import { type EvaluatedFace, type OpenBenchmark, openBenchmark } from '../evaluation/evaluation-set.js';
import { rgbImages } from '../data/rgb-images.js';
import type { LocatedConfiguration } from '../configuration/training-configuration.js';

export interface OverlapOptions {
  /** Name of an evaluation set of the configuration. */
  readonly against: string;
  /** The model that embeds; where it is undefined, what the configuration's training starts from. */
  readonly model: ModelFiles | undefined;
  /** A cosine similarity, or the share of evaluation identities that may resemble another one. */
  readonly rule: { readonly threshold: number } | { readonly falseAlarmRate: number };
  /** The threads of an operator on the CPU; 0: as many as there are cores. */
  readonly threads: number;
}

/** Faces that are embedded already, of all. */
export type EmbeddingProgress = (embedded: number, faceCount: number) => void;

interface ComparedSet {
  readonly identityCount: number;
  readonly faceCount: number;
}

/** The identities of training data that resemble someone of an evaluation set. */
export interface IdentityOverlap {
  readonly training: ComparedSet;
  /** The evaluation set; of one that does not say whom it shows, each face is an identity. */
  readonly evaluation: ComparedSet;
  readonly threshold: number;
  /** The identities that resemble someone, the most similar first. */
  readonly resembling: readonly { readonly identity: string; readonly similarity: number }[];
  /**
   * Share of the evaluation identities that resemble another one of them: at most what was asked for, or what is measured
   * at a threshold that was given; undefined where they are not known.
   */
  readonly falseAlarmRate: number | undefined;
  /**
   * Share of the evaluation identities with two faces or more of whom the template of every second face resembles that of
   * the others; undefined where there is none.
   */
  readonly foundRate: number | undefined;
  /** What was left out of the training data, for people. */
  readonly remarks: readonly string[];
}

const batchFaces = 32;

/**
 * Embeds all faces of the training data, whatever identities the configuration chooses, and of an evaluation set, and
 * compares their templates.
 * @throws Failure INVALID_ARGUMENT where an option cannot be met, DATASET_INVALID, MODEL_INVALID; the signal's reason
 */
export async function identityOverlap(
  located: LocatedConfiguration,
  options: OverlapOptions,
  onProgress: EmbeddingProgress,
  signal: AbortSignal,
): Promise<IdentityOverlap> {
  suppressTfjsNotice();
  const model = await (options.model === undefined
    ? startingModel(located)
    : readEmbeddingModel(options.model));
  const benchmark = await namedBenchmark(located, options.against, model);
  const people = peopleIn(benchmark, options);
  const session = await OnnxSession.load(model.graph, { intraOpThreads: options.threads });
  const embedder = new OnnxFaceEmbedder(session, model.manifest);
  try {
    const trained = await trainingTemplates(located, embedder, benchmark.images.length, onProgress, signal);
    const done = trained.faceCount;
    const shown = (embedded: number): void => {
      onProgress(done + embedded, done + benchmark.images.length);
    };
    return overlapOf(trained, await evaluationTemplates(benchmark, people, embedder, shown, signal), options);
  } finally {
    await embedder.release();
  }
}

async function namedBenchmark(
  { configuration, pathOf }: LocatedConfiguration,
  against: string,
  { manifest: { alignment } }: EmbeddingModel,
): Promise<OpenBenchmark> {
  const { benchmarks } = configuration.evaluate;
  const named = benchmarks.find(({ name }) => name === against);
  if (named !== undefined) return openBenchmark(named, pathOf, alignment);
  const known = benchmarks.map(({ name }) => name).join(', ');
  const advice = known === '' ? 'there is none' : `there are ${known}`;
  throw new Failure('INVALID_ARGUMENT', `evaluate.benchmarks has no ${against}: ${advice}`);
}

/** The persons that the images of a set show, by number. */
interface People {
  readonly isKnown: boolean;
  readonly count: number;
  /** [n] */
  readonly identities: Int32Array;
}

/** @throws Failure INVALID_ARGUMENT where a rate of identities is asked for that nobody knows */
function peopleIn({ name, images }: OpenBenchmark, { rule }: OverlapOptions): People {
  const numberOf = new Map<string, number>();
  const identities = images.map(({ identity }) => {
    if (identity === undefined) return undefined;
    if (!numberOf.has(identity)) numberOf.set(identity, numberOf.size);
    return numberOf.get(identity);
  });
  if (identities.every((identity) => identity !== undefined)) {
    // Before all faces are embedded, which may take hours.
    if ('falseAlarmRate' in rule)
      ofEnoughIdentities(() => falseAlarmsAllowed(numberOf.size, rule.falseAlarmRate));
    return { isKnown: true, count: numberOf.size, identities: Int32Array.from(identities) };
  }
  if ('threshold' in rule)
    return { isKnown: false, count: images.length, identities: Int32Array.from(images.keys()) };
  const message = `${name} does not say whom its images show, so that no false-alarm rate can be measured. Give a similarity: --threshold 0.5, as another set has it with this model`;
  throw new Failure('INVALID_ARGUMENT', message);
}

interface TrainingTemplates extends ComparedSet {
  readonly identities: readonly string[];
  readonly remarks: readonly string[];
  readonly templates: Templates;
}

async function trainingTemplates(
  located: LocatedConfiguration,
  embedder: OnnxFaceEmbedder,
  facesToCome: number,
  onProgress: EmbeddingProgress,
  signal: AbortSignal,
): Promise<TrainingTemplates> {
  const { alignment } = embedder;
  // Each crop is needed once.
  const single = { batchSize: batchFaces, splitFraction: 0, cacheBytes: 0 };
  const data = await openDataLoader({ ...trainingDataLocationOf(located), alignment, ...single });
  try {
    const { identities, classCount, faceCount } = data;
    const sums = new TemplateSums(embedder.dimension, classCount);
    let embedded = 0;
    onProgress(embedded, faceCount + facesToCome);
    for await (const { images, labels } of data.wholeFaces(batchFaces)) {
      signal.throwIfAborted();
      addAll(sums, await embedder.embed(rgbImages(images, alignment)), labels);
      embedded += labels.length;
      onProgress(embedded, faceCount + facesToCome);
    }
    const { remarks } = data;
    return { identityCount: classCount, faceCount, identities, remarks, templates: sums.templates() };
  } finally {
    await data.close();
  }
}

interface EvaluationTemplates extends ComparedSet {
  readonly templates: Templates;
  /**
   * The templates of every second face of an identity, and of the others; undefined where identities are not known.
   */
  readonly halves: readonly [Templates, Templates] | undefined;
}

async function evaluationTemplates(
  { images, face }: OpenBenchmark,
  { isKnown, count, identities }: People,
  embedder: OnnxFaceEmbedder,
  onEmbedded: (embedded: number) => void,
  signal: AbortSignal,
): Promise<EvaluationTemplates> {
  const [sums, ...halves] = [0, 1, 2].map(() => new TemplateSums(embedder.dimension, count)) as [
    TemplateSums,
    TemplateSums,
    TemplateSums,
  ];
  const facesOf = new Int32Array(count);
  let faceCount = 0;
  for (let start = 0; start < images.length; start += batchFaces) {
    signal.throwIfAborted();
    const size = Math.min(batchFaces, images.length - start);
    const indices = Array.from({ length: size }, (_, position) => start + position);
    const crops = await Promise.all(indices.map(face));
    const found = indices.filter((_, position) => crops[position] !== undefined);
    const embeddings = await embedder.embed(crops.filter(isFound).map(({ image }) => image));
    const people = found.map((index) => identities[index] ?? 0);
    addAll(sums, embeddings, people);
    for (const [position, person] of people.entries()) {
      const seen = facesOf[person] ?? 0;
      addAll(halves[seen % 2 === 0 ? 0 : 1], embeddings.slice(position, position + 1), [person]);
      facesOf[person] = seen + 1;
    }
    faceCount += found.length;
    onEmbedded(start + indices.length);
  }
  const templates = sums.templates();
  const identityCount = templates.identities.length;
  const ofHalves = isKnown ? ([halves[0].templates(), halves[1].templates()] as const) : undefined;
  return { identityCount, faceCount, templates, halves: ofHalves };
}

function overlapOf(
  { identities, remarks, ...training }: TrainingTemplates,
  { halves, ...evaluation }: EvaluationTemplates,
  { rule }: OverlapOptions,
): IdentityOverlap {
  const nearest = nearestAmong(training.templates, evaluation.templates);
  const others = halves === undefined ? undefined : nearestOthers(evaluation.templates);
  const threshold = 'threshold' in rule ? rule.threshold : measuredThreshold(others, rule.falseAlarmRate);
  const measured = others === undefined ? undefined : shareAbove(others, threshold);
  const resembling = [...nearest].flatMap((similarity, row) => {
    const identity = identities[training.templates.identities[row] ?? 0] ?? '';
    return similarity > threshold ? [{ identity, similarity }] : [];
  });
  return {
    training: { identityCount: training.identityCount, faceCount: training.faceCount },
    evaluation: { identityCount: evaluation.identityCount, faceCount: evaluation.faceCount },
    threshold,
    resembling: resembling.sort((a, b) => b.similarity - a.similarity),
    falseAlarmRate: 'falseAlarmRate' in rule ? rule.falseAlarmRate : measured,
    foundRate: halves === undefined ? undefined : shareAbove(similaritiesOfSame(...halves), threshold),
    remarks,
  };
}

function measuredThreshold(others: Float64Array = new Float64Array(), rate: number): number {
  return ofEnoughIdentities(() => thresholdAtFalseAlarmRate(others, rate));
}

/** @throws Failure INVALID_ARGUMENT where the calculation has too few identities */
function ofEnoughIdentities(calculate: () => number): number {
  try {
    return calculate();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `The evaluation set is too small: ${error.message}. Give a higher --false-alarm-rate, or --threshold`;
    throw new Failure('INVALID_ARGUMENT', message, {}, [], { cause: error });
  }
}

/** @throws Failure MODEL_INVALID where an embedding has no direction */
function addAll(
  sums: TemplateSums,
  embeddings: readonly Float32Array[],
  identities: ArrayLike<number>,
): void {
  for (const [position, embedding] of embeddings.entries()) {
    try {
      sums.add(embedding, identities[position] ?? 0);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Failure('MODEL_INVALID', `The model cannot tell faces apart: ${error.message}`, {}, [], {
        cause: error,
      });
    }
  }
}

function isFound(face: EvaluatedFace | undefined): face is EvaluatedFace {
  return face !== undefined;
}
