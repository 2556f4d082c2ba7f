import type { Weights } from '../../core/models/weights.js';
import { chooseCandidate, type EmbeddedCandidate } from '../../core/protocols/choice/choose-candidate.js';
import { l2Norm } from '../../core/verification/similarity.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { type ServedParts, servedGraph } from '../../learning/gating/served-parts.js';
import { type EmbeddingProjection, projectedRows } from '../../learning/projection/within-class-whitening.js';
import { interpolatedWeights } from '../../learning/step/weight-interpolation.js';
import { withSmoothing } from '../../learning/smoothing/smoothed-graph.js';
import type { EvaluationSet } from '../evaluation/evaluation-set.js';
import { embedImages } from '../evaluation/measure-evaluation-set.js';
import type { ChoiceEntry } from '../runs/run-log.js';
import { facesToChooseBy } from './faces-to-choose-by.js';
import { fittedProjection, type LabelledCrops } from './fitted-projection.js';
import { embeddingsByLook, fittedGate, type GatedFaces } from './gated-embeddings.js';
import type { ServingNetwork } from './serving-network.js';

/** The shares of the way from the starting weights to the trained ones that are measured; the first is the start. */
const measuredShares: readonly number[] = Array.from({ length: 11 }, (_, tenths) => tenths / 10);

/** What there is to choose from, and what by. */
export interface TrainedWay {
  readonly start: Weights;
  /** What belonged to the network that was started from. */
  readonly startingParts: ServedParts;
  readonly trained: Weights;
  /** How the crops of what was trained are smoothed (`chooseSmoothing`); 0: they are not. */
  readonly smoothingPixels: number;
  /** Compiles weights to the network that would serve, alone. */
  readonly serving: (weights: Weights) => ServingNetwork;
  /** Faces that were trained on, which projections and the gate are fitted to; undefined where neither is wanted. */
  readonly fitted: LabelledCrops | undefined;
  /** Whether projections are. */
  readonly projects: boolean;
  /** How other faces look (`loadFaceLooks`); undefined where no gate is wanted. */
  readonly generalLooks: readonly Float32Array[] | undefined;
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
  /** What belongs to the chosen network. */
  readonly parts: ServedParts;
}

interface Candidate extends EmbeddedCandidate {
  readonly trainedShare: number;
  readonly isProjected: boolean;
  readonly projection: EmbeddingProjection | undefined;
}

/** Faces to choose by, what tells their looks, and what the network for all other faces makes of them. */
interface ChoiceFaces {
  readonly images: readonly RgbImage[];
  /** Of the network that was started from, alone, with crops smoothed as those of what was trained. */
  readonly start: readonly Float32Array[];
  /** Of that network as it served. */
  readonly baseline: readonly Float32Array[];
  /** Undefined where looks do not tell them. */
  readonly gated: GatedFaces | undefined;
}

/**
 * Chooses how far to go from the starting weights to the trained ones, and whether a projection stands behind the network,
 * by faces of the identities held out (`chooseCandidate`). The baseline is what was started from, as it served.
 * Projections are fitted to faces that were trained on, by each network for itself. Where looks tell those from other faces,
 * candidates have a gate, so that faces that look otherwise keep the network that they had.
 * @returns undefined where the signal came first
 * @throws RangeError where no identities are held out
 */
export async function chooseTrainedNetwork(
  way: TrainedWay,
  signal: AbortSignal,
): Promise<TrainedNetworkChoice | undefined> {
  const { images, persons } = facesToChooseBy(way.sets);
  const faces = await choiceFaces(way, images);
  const candidates: Candidate[] = [];
  for (const [measured, trainedShare] of measuredShares.entries()) {
    way.onMeasured?.(measured, measuredShares.length);
    if (signal.aborted) return undefined;
    candidates.push(...(await candidatesAt(way, trainedShare, faces)));
  }
  // Behind a gate what changes more loses no more elsewhere.
  const prefers = faces.gated === undefined ? 'least-change' : 'lowest-error';
  const { figures, ...choice } = chooseCandidate(candidates, persons, way.falseMatchRate, prefers);
  const named = (name: string): Candidate | undefined =>
    candidates.find((candidate) => candidate.name === name);
  const chosen = named(choice.chosen);
  const normRatio = meanNorm(chosen) / meanNorm(candidates[0]);
  const isBaseline = chosen === candidates[0];
  const entry = {
    ...choice,
    // A gate makes the embeddings of both networks equally long.
    normRatio: faces.gated === undefined ? normRatio : 1,
    smoothingPixels: isBaseline ? way.startingParts.smoothingPixels : way.smoothingPixels,
    ...(faces.gated && { gate: faces.gated.figures }),
    trainedShare: chosen?.trainedShare ?? 0,
    isProjected: chosen?.isProjected === true,
    askedFalseMatchRate: way.falseMatchRate,
    candidates: figures.map((of) => ({
      ...of,
      trainedShare: named(of.name)?.trainedShare ?? 0,
      isProjected: named(of.name)?.isProjected === true,
    })),
  };
  if (isBaseline) return { entry, parts: way.startingParts };
  const { gate, general } = faces.gated ?? {};
  const gating = gate && general && { gate, general, adaptedScale: 1 / normRatio };
  const { smoothingPixels } = way;
  return { entry, parts: { smoothingPixels, projection: chosen?.projection, gating } };
}

/** Mean length of a candidate's embeddings. */
function meanNorm({ embeddings }: Pick<Candidate, 'embeddings'> = { embeddings: [] }): number {
  return embeddings.reduce((sum, embedding) => sum + l2Norm(embedding) / embeddings.length, 0);
}

async function choiceFaces(way: TrainedWay, images: readonly RgbImage[]): Promise<ChoiceFaces> {
  const { startingParts, generalLooks, fitted, smoothingPixels, threads } = way;
  const { graph: network, manifest } = way.serving(way.start);
  const served = servedGraph(network, startingParts);
  const smoothed = withSmoothing(network, smoothingPixels);
  const start = await embedImages(smoothed, manifest, images, threads);
  // Nothing belongs to most networks: they are not to be run twice.
  const baseline = served === smoothed ? start : await embedImages(served, manifest, images, threads);
  const known = { images, start, baseline };
  if (generalLooks === undefined || fitted === undefined) return { ...known, gated: undefined };
  const gated = await fittedGate({ adapted: fitted.images, generalLooks, heldOut: images, threads });
  if (gated === undefined) return { ...known, gated };
  const general = startingParts.gating?.general ?? served;
  const generalEmbeddings =
    general === served ? baseline : await embedImages(general, manifest, images, threads);
  return { ...known, gated: { ...gated, general, generalEmbeddings } };
}

/** The network at a share of the way, and the same one with a projection. */
async function candidatesAt(
  { start, trained, serving, smoothingPixels, fitted, projects, threads }: TrainedWay,
  trainedShare: number,
  { images, start: atStart, baseline, gated }: ChoiceFaces,
): Promise<readonly Candidate[]> {
  const name = String(trainedShare);
  const { graph: network, manifest } = serving(interpolatedWeights(start, trained, trainedShare));
  const graph = withSmoothing(network, smoothingPixels);
  const bare = trainedShare === 0 ? atStart : await embedImages(graph, manifest, images, threads);
  const byLook = (rows: readonly Float32Array[]): readonly Float32Array[] =>
    gated === undefined ? rows : embeddingsByLook(gated, rows);
  // What was started from counts as it served.
  const embeddings = trainedShare === 0 ? baseline : byLook(bare);
  const plain = { name, trainedShare, isProjected: false, projection: undefined, embeddings };
  if (fitted === undefined || !projects) return [plain];
  const projection = await fittedProjection({ graph, manifest }, fitted, threads);
  return [
    plain,
    {
      ...{ name: `${name} projected`, trainedShare, isProjected: true, projection },
      embeddings: byLook(projectedRows(bare, projection)),
    },
  ];
}
