import type { Weights } from '../../core/models/weights.js';
import { chooseCandidate, type EmbeddedCandidate } from '../../core/protocols/choice/choose-candidate.js';
import { evenlyOverIdentities } from '../../core/protocols/choice/evenly-over-identities.js';
import { l2Norm } from '../../core/verification/similarity.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { withProjection } from '../../learning/projection/projected-graph.js';
import { type EmbeddingProjection, projectedRows } from '../../learning/projection/within-class-whitening.js';
import { interpolatedWeights } from '../../learning/step/weight-interpolation.js';
import { type EvaluationSet, heldOutSet } from '../evaluation/evaluation-set.js';
import { embedImages } from '../evaluation/measure-evaluation-set.js';
import type { ChoiceEntry } from '../runs/run-log.js';
import { fittedProjection, type LabelledCrops } from './fitted-projection.js';
import type { ServingNetwork } from './serving-network.js';

/** The shares of the way from the starting weights to the trained ones that are measured; the first is the start. */
const measuredShares: readonly number[] = Array.from({ length: 11 }, (_, tenths) => tenths / 10);

/**
 * Faces that are embedded by each network, in about a minute by eleven MobileFaceNets on one core with mirror images. More
 * would tell little more: what is uncertain is which persons they are of.
 */
const mostFaces = 600;

/** What there is to choose from, and what by. */
export interface TrainedWay {
  readonly start: Weights;
  /** The projection behind the network that was started from. */
  readonly startingProjection: EmbeddingProjection | undefined;
  readonly trained: Weights;
  /** Compiles weights to the network that would serve, without a projection. */
  readonly serving: (weights: Weights) => ServingNetwork;
  /** Faces that were trained on, which projections are fitted to; undefined where none is wanted. */
  readonly fitted: LabelledCrops | undefined;
  readonly sets: readonly EvaluationSet[];
  /** The rate of the true accept rates that are compared. */
  readonly falseMatchRate: number;
  readonly threads: number;
  /** So many networks are measured, of all. */
  readonly onMeasured?: ((measured: number, networks: number) => void) | undefined;
}

/** What is chosen: the entry of the log without the step that it is of, and what does not belong into a log. */
export interface TrainedNetworkChoice {
  readonly entry: Omit<ChoiceEntry, 'kind' | 'step'>;
  /** The projection behind the chosen network. */
  readonly projection: EmbeddingProjection | undefined;
}

interface Candidate extends EmbeddedCandidate {
  readonly trainedShare: number;
  readonly isProjected: boolean;
  readonly projection: EmbeddingProjection | undefined;
}

/**
 * Chooses how far to go from the starting weights to the trained ones, and whether a projection stands behind the network,
 * by faces of the identities held out (`chooseCandidate`). The baseline is what was started from, with its own projection.
 * Projections are fitted to faces that were trained on, by each network for itself.
 * @returns undefined where the signal came first
 * @throws RangeError where no identities are held out
 */
export async function chooseTrainedNetwork(
  way: TrainedWay,
  signal: AbortSignal,
): Promise<TrainedNetworkChoice | undefined> {
  const { images, persons } = facesToChooseBy(way.sets);
  const candidates: Candidate[] = [];
  for (const [measured, trainedShare] of measuredShares.entries()) {
    way.onMeasured?.(measured, measuredShares.length);
    if (signal.aborted) return undefined;
    candidates.push(...(await candidatesAt(way, trainedShare, images)));
  }
  const { figures, ...choice } = chooseCandidate(candidates, persons, way.falseMatchRate);
  const named = (name: string): Candidate | undefined =>
    candidates.find((candidate) => candidate.name === name);
  const { trainedShare = 0, projection } = named(choice.chosen) ?? {};
  const [baseline] = candidates;
  const entry = {
    ...choice,
    normRatio: meanNorm(named(choice.chosen)) / meanNorm(baseline),
    trainedShare,
    isProjected: named(choice.chosen)?.isProjected === true,
    askedFalseMatchRate: way.falseMatchRate,
    candidates: figures.map((of) => ({
      ...of,
      trainedShare: named(of.name)?.trainedShare ?? 0,
      isProjected: named(of.name)?.isProjected === true,
    })),
  };
  return { entry, projection };
}

/** Mean length of a candidate's embeddings. */
function meanNorm({ embeddings }: Pick<Candidate, 'embeddings'> = { embeddings: [] }): number {
  return embeddings.reduce((sum, embedding) => sum + l2Norm(embedding) / embeddings.length, 0);
}

/** The network at a share of the way, and the same one with a projection. */
async function candidatesAt(
  { start, startingProjection, trained, serving, fitted, threads }: TrainedWay,
  trainedShare: number,
  images: readonly RgbImage[],
): Promise<readonly Candidate[]> {
  const { graph, manifest } = serving(interpolatedWeights(start, trained, trainedShare));
  const bare = await embedImages(graph, manifest, images, threads);
  // What was started from counts as it served.
  const own = trainedShare === 0 ? startingProjection : undefined;
  const name = String(trainedShare);
  const plain = { name, trainedShare, isProjected: false, projection: own };
  const embeddings = own === undefined ? bare : projectedRows(bare, own);
  if (fitted === undefined) return [{ ...plain, embeddings }];
  const projection = await fittedProjection({ graph, manifest }, fitted, threads);
  return [
    { ...plain, embeddings },
    {
      ...{ name: `${name} projected`, trainedShare, isProjected: true, projection },
      embeddings: projectedRows(bare, projection),
    },
  ];
}

/** The network with a projection behind it. */
export function projectedNetwork(graph: Uint8Array, projection: EmbeddingProjection | undefined): Uint8Array {
  return projection === undefined ? graph : withProjection(graph, projection);
}

function facesToChooseBy(sets: readonly EvaluationSet[]): {
  readonly images: readonly RgbImage[];
  readonly persons: readonly string[];
} {
  const heldOut = sets.find(({ name }) => name === heldOutSet);
  if (heldOut === undefined) throw new RangeError('no identities are held out');
  const all = heldOut.images.map(({ identity }) => identity ?? '');
  const chosen = evenlyOverIdentities(all, mostFaces);
  return {
    images: chosen.flatMap((face) => heldOut.faces[face]?.image ?? []),
    persons: chosen.flatMap((face) => (heldOut.faces[face] === undefined ? [] : [all[face] ?? ''])),
  };
}
