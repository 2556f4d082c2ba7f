import { chooseCandidate, type EmbeddedCandidate } from '../../core/protocols/choice/choose-candidate.js';
import type { Weights } from '../../core/models/weights.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { projectedRows } from '../../learning/projection/within-class-whitening.js';
import { withSmoothing } from '../../learning/smoothing/smoothed-graph.js';
import type { EvaluationSet } from '../evaluation/evaluation-set.js';
import { embedImages } from '../evaluation/measure-evaluation-set.js';
import type { SmoothingEntry } from '../runs/run-log.js';
import { facesToChooseBy } from './faces-to-choose-by.js';
import { fittedProjection, type LabelledCrops } from './fitted-projection.js';
import { fittedGate } from './gated-embeddings.js';
import type { ServingNetwork } from './serving-network.js';

/**
 * The deviations that are tried, in pixels of a crop, each about 1.4 times the one before. On a face of 24 pixels, enlarged to 112,
 * one pixel of the camera is 4.7 of these.
 */
const triedDeviations: readonly number[] = [0, 1.25, 1.75, 2.5, 3.5];

/** Samples of fewer persons hardly differ, and any difference between deviations would lie beyond them. */
const fewestPersons = 10;

/** What smoothing is chosen by. */
export interface SmoothingEvidence {
  readonly start: Weights;
  /** How the crops of what was started from are smoothed; 0: they are not. */
  readonly startingPixels: number;
  /** Compiles weights to the network that would serve, alone. */
  readonly serving: (weights: Weights) => ServingNetwork;
  /** Faces that are trained on, which projections and the gate are fitted to. */
  readonly fitted: LabelledCrops;
  /** Whether projections are. */
  readonly projects: boolean;
  /** How other faces look (`loadFaceLooks`). */
  readonly generalLooks: readonly Float32Array[];
  readonly sets: readonly EvaluationSet[];
  readonly falseMatchRate: number;
  readonly threads: number;
}

/**
 * Chooses, before the first step, how the crops of the network that is trained are smoothed: by the equal error rate of faces of identities
 * held out, as the starting weights see them, with a projection where there may be one. It tries stronger smoothing as long as that helps. What is
 * chosen has the lowest rate of those that are below the start's beyond chance (95 %, bootstrap over persons), and whose true accept rate is not
 * lower; else the start's own.
 *
 * Sharp faces lose by it, so it is only tried where looks tell the site's faces from others, which then keep the network that they had; and only
 * where ten persons or more are held out.
 * @returns undefined where it was not tried, and where the signal came first
 */
export async function chooseSmoothing(
  evidence: SmoothingEvidence,
  signal: AbortSignal,
): Promise<SmoothingEntry | undefined> {
  const { fitted, generalLooks, threads, startingPixels, falseMatchRate } = evidence;
  const { images, persons } = facesToChooseBy(evidence.sets);
  if (new Set(persons).size < fewestPersons) return undefined;
  const gate = await fittedGate({ adapted: fitted.images, generalLooks, heldOut: images, threads });
  if (gate === undefined) return undefined;
  const tried: SmoothedFaces[] = [await facesSmoothedBy(startingPixels, evidence, images)];
  let before = Number.POSITIVE_INFINITY;
  for (const pixels of triedDeviations) {
    if (signal.aborted) return undefined;
    const known = tried.find((one) => one.pixels === pixels);
    const faces = known ?? (await facesSmoothedBy(pixels, evidence, images));
    if (known === undefined) tried.push(faces);
    const { figures } = chooseCandidate([faces], persons, falseMatchRate);
    const rate = figures[0]?.equalErrorRate ?? Number.NaN;
    if (!(rate < before)) break;
    before = rate;
  }
  const { figures, identityCount, faceCount } = chooseCandidate(tried, persons, falseMatchRate);
  const candidates = figures.map((of, place) => ({ ...of, pixels: tried[place]?.pixels ?? 0 }));
  const better = candidates.filter(
    ({ gain, errorChangeInterval }) => gain >= 0 && (errorChangeInterval?.upper ?? 0) < 0,
  );
  const best = better.toSorted((a, b) => a.equalErrorRate - b.equalErrorRate)[0];
  const chosen = best?.pixels ?? startingPixels;
  return { kind: 'smoothing', step: 0, pixels: chosen, identityCount, faceCount, candidates };
}

interface SmoothedFaces extends EmbeddedCandidate {
  readonly pixels: number;
}

async function facesSmoothedBy(
  pixels: number,
  { start, serving, fitted, projects, threads }: SmoothingEvidence,
  images: readonly RgbImage[],
): Promise<SmoothedFaces> {
  const { graph: bare, manifest } = serving(start);
  const graph = withSmoothing(bare, pixels);
  const embeddings = await embedImages(graph, manifest, images, threads);
  const name = String(pixels);
  if (!projects) return { name, pixels, embeddings };
  const projection = await fittedProjection({ graph, manifest }, fitted, threads);
  return { name, pixels, embeddings: projectedRows(embeddings, projection) };
}
