import { type VerificationReport, verificationReport } from '../../core/protocols/verification-report.js';
import type { MeasuredImage } from '../../core/protocols/measured-image.js';
import { isSymmetric } from '../../core/faces/frontness.js';
import { splitHalves } from '../../core/faces/split-halves.js';
import { type HalfSymmetry, halfSymmetry } from '../../core/protocols/metrics/half-symmetry.js';
import type { PairScores } from '../../core/protocols/pair-scores.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { l2Norm, l2Normalise } from '../../core/verification/similarity.js';
import { OnnxFaceEmbedder } from '../../inference/embed/onnx-face-embedder.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import type { EvaluationSet } from './evaluation-set.js';

/** How well a state does on one protocol. */
export interface EvaluationResult {
  readonly set: string;
  readonly report: VerificationReport;
  /** What it said of each pair. */
  readonly scores: PairScores;
  /** What it makes of the halves of symmetric faces; undefined where no face is known to be symmetric. */
  readonly halves: HalfSymmetry | undefined;
}

const batchFaces = 32;

/** @param graph of the manifest's backbone */
export async function measureEvaluationSets(
  graph: Uint8Array,
  manifest: BackboneManifest,
  sets: readonly EvaluationSet[],
  threads: number,
): Promise<readonly EvaluationResult[]> {
  const session = await OnnxSession.load(graph, { intraOpThreads: threads });
  const embedder = new OnnxFaceEmbedder(session, manifest);
  try {
    const results: EvaluationResult[] = [];
    for (const set of sets) results.push(await measure(embedder, set));
    return results;
  } finally {
    await embedder.release();
  }
}

/** The embeddings of crops as a graph's manifest has them: with mirror images where it says so. */
export async function embedImages(
  graph: Uint8Array,
  manifest: BackboneManifest,
  images: readonly RgbImage[],
  threads: number,
): Promise<readonly Float32Array[]> {
  const session = await OnnxSession.load(graph, { intraOpThreads: threads });
  const embedder = new OnnxFaceEmbedder(session, manifest);
  try {
    return await embedAll(embedder, images);
  } finally {
    await embedder.release();
  }
}

async function measure(embedder: OnnxFaceEmbedder, set: EvaluationSet): Promise<EvaluationResult> {
  const { name, images, pairs, foldCount, faces } = set;
  const found = [...faces.entries()].filter(([, face]) => face !== undefined);
  const embeddings = await embedAll(
    embedder,
    found.flatMap(([, face]) => (face === undefined ? [] : [face.image])),
  );
  const measured = new Array<MeasuredImage | undefined>(faces.length).fill(undefined);
  for (const [position, [index, face]] of found.entries()) {
    const embedding = embeddings[position];
    if (embedding === undefined || face === undefined) continue;
    measured[index] = {
      embedding: l2Normalise(embedding),
      embeddingNorm: l2Norm(embedding),
      rho: face.noseX === undefined ? undefined : face.rho,
      quality: {
        faceSizePixels: undefined,
        sharpness: face.sharpness,
        absoluteYawDegrees: undefined,
      },
      appearance: undefined,
    };
  }
  // Of crops in memory nobody asks for the bytes.
  const digests = faces.map(() => new Uint8Array());
  const facelessPolicy = 'different';
  const protocol = { images, pairs, foldCount, measured, digests, facelessPolicy } as const;
  const { report, outcomes } = verificationReport(protocol);
  return { set: name, report, scores: outcomes, halves: await symmetryOfHalves(embedder, set) };
}

async function symmetryOfHalves(
  embedder: OnnxFaceEmbedder,
  { faces, images, halves: style }: EvaluationSet,
): Promise<HalfSymmetry | undefined> {
  const symmetric = faces.flatMap((face, index) => {
    if (face?.noseX === undefined || !isSymmetric(face.rho)) return [];
    const { left, right } = splitHalves(face.image, face.noseX, style);
    return [{ left, right, identity: images[index]?.identity }];
  });
  const unitOf = async (images: readonly RgbImage[]): Promise<readonly Float32Array[]> =>
    (await embedAll(embedder, images)).map((embedding) => l2Normalise(embedding));
  const left = await unitOf(symmetric.map((face) => face.left));
  const right = await unitOf(symmetric.map((face) => face.right));
  return halfSymmetry(
    symmetric.flatMap(({ identity }, index) => {
      const [one, other] = [left[index], right[index]];
      return one === undefined || other === undefined ? [] : [{ left: one, right: other, identity }];
    }),
  );
}

async function embedAll(
  embedder: OnnxFaceEmbedder,
  images: readonly RgbImage[],
): Promise<readonly Float32Array[]> {
  const embeddings: Float32Array[] = [];
  for (let start = 0; start < images.length; start += batchFaces) {
    embeddings.push(...(await embedder.embed(images.slice(start, start + batchFaces))));
  }
  return embeddings;
}
