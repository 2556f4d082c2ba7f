import type { BackboneManifest } from '../../core/models/manifest.js';
import type { Weights } from '../../core/models/weights.js';
import { chooseCandidate, type EmbeddedCandidate } from '../../core/protocols/choice/choose-candidate.js';
import { evenlyOverIdentities } from '../../core/protocols/choice/evenly-over-identities.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { interpolatedWeights } from '../../learning/step/weight-interpolation.js';
import { type EvaluationSet, heldOutSet } from '../evaluation/evaluation-set.js';
import { embedImages } from '../evaluation/measure-evaluation-set.js';
import type { ChoiceEntry } from '../runs/run-log.js';

/** The shares of the way from the starting weights to the trained ones that are measured; the first is the start. */
export const measuredShares: readonly number[] = Array.from({ length: 11 }, (_, tenths) => tenths / 10);

/**
 * Faces that are embedded by each network, in about a minute by eleven MobileFaceNets on one core with mirror images. More
 * would tell little more: what is uncertain is which persons they are of.
 */
const mostFaces = 600;

/** What there is to choose from, and what by. */
export interface TrainedWay {
  readonly start: Weights;
  readonly trained: Weights;
  /** Compiles weights to the network that would serve. */
  readonly serving: (weights: Weights) => {
    readonly graph: Uint8Array;
    readonly manifest: BackboneManifest;
  };
  readonly sets: readonly EvaluationSet[];
  /** The rate of the true accept rates that are compared. */
  readonly falseMatchRate: number;
  readonly threads: number;
}

/** What is chosen, without the step that it is of. */
export type TrainedShareChoice = Omit<ChoiceEntry, 'kind' | 'step'>;

/**
 * Chooses how far to go from the starting weights to the trained ones, by faces of the identities held out (`chooseCandidate`).
 * @returns undefined where the signal came first
 * @throws RangeError where no identities are held out
 */
export async function chooseTrainedShare(
  { start, trained, serving, sets, falseMatchRate, threads }: TrainedWay,
  signal: AbortSignal,
): Promise<TrainedShareChoice | undefined> {
  const { images, persons } = facesToChooseBy(sets);
  const candidates: (EmbeddedCandidate & { readonly trainedShare: number })[] = [];
  for (const trainedShare of measuredShares) {
    if (signal.aborted) return undefined;
    const { graph, manifest } = serving(interpolatedWeights(start, trained, trainedShare));
    const embeddings = await embedImages(graph, manifest, images, threads);
    candidates.push({ name: String(trainedShare), trainedShare, embeddings });
  }
  const { figures, ...choice } = chooseCandidate(candidates, persons, falseMatchRate);
  const shareOf = (chosen: string): number =>
    candidates.find(({ name }) => name === chosen)?.trainedShare ?? 0;
  return {
    ...choice,
    trainedShare: shareOf(choice.chosen),
    askedFalseMatchRate: falseMatchRate,
    candidates: figures.map((of) => ({ ...of, trainedShare: shareOf(of.name) })),
  };
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
