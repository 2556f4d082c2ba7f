import { frontness, noseOffsetPixels } from '../../core/faces/frontness.js';
import { landmarksInCrop } from '../../core/faces/aligned-crop.js';
import type { StoredCrop } from '../../core/faces/stored-crop.js';
import { splitHalves } from '../../core/faces/split-halves.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { selectFaces, selectionRank } from '../../core/faces/face-selection.js';
import { Failure } from '../../core/failure.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { type FaceQuality, measureFaceQuality } from '../../core/faces/quality/face-quality.js';
import type { FaceQualityNetwork } from '../../core/faces/quality/face-quality-network.js';
import { l2Norm, l2Normalise } from '../../core/verification/similarity.js';
import type {
  AnalysedFace,
  AnalysedImage,
  AnalysisRequest,
  EncodedStoredCrop,
  FaceCrops,
  HalfEmbeddings,
} from './face-analysis.js';
import { type CutCrops, cutCrops } from './cut-crops.js';
import type { StageDurations } from './stage-durations.js';
import { candidateLimit, tooManyFaces } from '../detect/candidate-limit.js';
import type { FaceDetector } from '../detect/face-detector.js';
import type { FaceEmbedder } from '../embed/face-embedder.js';
import type { Photograph } from '../decode/photograph.js';
import type { SharpImageDecoder } from '../decode/sharp-image-decoder.js';
import { encodePng, encodeWebp } from '../decode/sharp-image-encoder.js';

/** Faces of one photograph that are described: each is cut out, looked at and may be embedded. */
const maximumFaces = 256;
/** As many faces with crops fit into a message, of 66 MiB, with room to spare. */
const maximumFacesWithCrops = 64;

/** What an {@link ImageAnalyser} works with. */
export interface ImageAnalyserDependencies {
  readonly decoder: SharpImageDecoder;
  readonly detector: FaceDetector;
  readonly embedder: FaceEmbedder;
  readonly quality: Pick<FaceQualityNetwork, 'assess'>;
}

/** Measures the stages of one image. */
class StageClock {
  private photograph: Photograph | undefined;
  private openMs: number | undefined;
  private detectMs: number | undefined;
  private embedMs: number | undefined;

  get durations(): StageDurations {
    const { photograph, openMs, detectMs, embedMs } = this;
    return {
      ...(openMs !== undefined && { decode: openMs + (photograph?.decodedForMs ?? 0) }),
      ...(detectMs !== undefined && { detect: detectMs }),
      ...(embedMs !== undefined && { embed: embedMs }),
    };
  }

  async open(work: () => Promise<Photograph>): Promise<Photograph> {
    this.photograph = await timed(work, (ms) => (this.openMs = ms));
    return this.photograph;
  }

  /** Pixels are decoded as they are looked at: that time is the decoder's. */
  async detect<T>(work: () => Promise<T>): Promise<T> {
    const before = this.photograph?.decodedForMs ?? 0;
    return timed(work, (ms) => {
      this.detectMs = ms - ((this.photograph?.decodedForMs ?? 0) - before);
    });
  }

  async embed<T>(work: () => Promise<T>): Promise<T> {
    return timed(work, (ms) => (this.embedMs = (this.embedMs ?? 0) + ms));
  }
}

async function timed<T>(work: () => Promise<T>, onEnd: (ms: number) => void): Promise<T> {
  const startedAtMs = performance.now();
  try {
    return await work();
  } finally {
    onEnd(performance.now() - startedAtMs);
  }
}

/** A selected face, and what was cut out for it. */
interface CutOutFace {
  readonly face: DetectedFace;
  readonly crops: CutCrops;
}

/** The pipeline from bytes to faces: decode, detect, select, align, frontness, quality, embed. */
export class ImageAnalyser {
  constructor(private readonly parts: ImageAnalyserDependencies) {}

  /**
   * @throws Failure from decoding, face selection, or MODEL_CONTRACT_MISMATCH for an aligned crop of the
   *   wrong size; the signal's reason once it has fired (checked between stages)
   * @param onStages is told how long the stages took, also where the image fails
   */
  async analyse(
    request: AnalysisRequest,
    signal: AbortSignal,
    onStages: (stages: StageDurations) => void = () => undefined,
  ): Promise<AnalysedImage> {
    const stages = new StageClock();
    try {
      return await this.analyseInStages(request, signal, stages);
    } finally {
      onStages(stages.durations);
    }
  }

  private async analyseInStages(
    request: AnalysisRequest,
    signal: AbortSignal,
    stages: StageClock,
  ): Promise<AnalysedImage> {
    signal.throwIfAborted();
    const photograph = await stages.open(async () => this.parts.decoder.open(request.encoded));
    signal.throwIfAborted();
    const detections = await stages.detect(async () => this.facesIn(photograph, request));
    const selected = selectFaces(detections, request.selection, photograph);
    requireFewFaces(selected.length, request);
    signal.throwIfAborted();
    const cuts = await Promise.all(selected.map(async (face) => this.cut(photograph, face, request)));
    const embeddings = request.wantEmbeddings ? await stages.embed(async () => this.embed(cuts)) : [];
    const halves = request.wantHalves === true ? await stages.embed(async () => this.embedHalves(cuts)) : [];
    const faces = await Promise.all(
      cuts.map(async (cut, index) => {
        const described = await this.describe(cut, request, embeddings[index]);
        const ofFace = halves[index];
        return { ...described, ...(ofFace && { halves: ofFace }) };
      }),
    );
    return { width: photograph.width, height: photograph.height, faces };
  }

  private async facesIn(photograph: Photograph, request: AnalysisRequest): Promise<readonly DetectedFace[]> {
    const { kind, knownLandmarks: landmarks } = request;
    if (kind === 'aligned-crop') return [this.wholeCrop(photograph)];
    if (landmarks === undefined) {
      const rank = selectionRank(request.selection, photograph);
      return this.parts.detector.detect(photograph, candidateLimit(maximumOf(request), rank));
    }
    const { width, height } = photograph;
    return [{ box: { x: 0, y: 0, width, height }, landmarks, probability: 1 }];
  }

  /** A crop that the client aligned: its landmarks are the template's by definition. */
  private wholeCrop(image: Photograph): DetectedFace {
    const { name, width, height, landmarks } = this.parts.embedder.alignment;
    if (image.width !== width || image.height !== height) {
      throw new Failure(
        'MODEL_CONTRACT_MISMATCH',
        `The active model takes aligned crops of ${width}x${height} pixels (template ${name}); ` +
          `this image has ${image.width}x${image.height}. Send the photograph, or a crop of that size.`,
        { expected_width: String(width), expected_height: String(height), template: name },
      );
    }
    return { box: { x: 0, y: 0, width, height }, landmarks, probability: 1 };
  }

  private async cut(
    photograph: Photograph,
    face: DetectedFace,
    request: AnalysisRequest,
  ): Promise<CutOutFace> {
    const { alignment } = this.parts.embedder;
    const wanted = { alignment, storedCrop: request.wantStoredCrops === true };
    const crops = await cutCrops(photograph, face.landmarks, wanted);
    if (request.kind !== 'aligned-crop') return { face, crops };
    // The client's own pixels, which are not to be sampled anew.
    const { image: backbone } = await photograph.pixels(1);
    return { face, crops: { ...crops, backbone } };
  }

  private async describe(
    cut: CutOutFace,
    request: AnalysisRequest,
    rawEmbedding: Float32Array | undefined,
  ): Promise<AnalysedFace> {
    const { face, crops } = cut;
    const quality = measureFaceQuality({
      face,
      crop: crops.arcFace,
      assessment: this.parts.quality.assess(crops.arcFace),
      embeddingNorm: rawEmbedding === undefined ? 0 : l2Norm(rawEmbedding),
      typicalNorm: this.parts.embedder.typicalNorm,
    });
    return describe(cut, request, quality, rawEmbedding);
  }

  private async embed(cuts: readonly CutOutFace[]): Promise<readonly Float32Array[]> {
    if (cuts.length === 0) return [];
    return this.parts.embedder.embed(cuts.map(({ crops }) => crops.backbone));
  }

  /** Split where the nose is in what the backbone takes. */
  private async embedHalves(cuts: readonly CutOutFace[]): Promise<readonly HalfEmbeddings[]> {
    const { embedder } = this.parts;
    const halves = cuts.flatMap(({ face, crops }) => {
      const { left, right } = splitHalves(
        crops.backbone,
        landmarksInCrop(face.landmarks, embedder.alignment).nose.x,
      );
      return [left, right];
    });
    const embeddings = halves.length === 0 ? [] : await embedder.embed(halves);
    return cuts.flatMap((_, face) => halvesOf(embeddings, face));
  }
}

/** @param embeddings two for each face */
function halvesOf(embeddings: readonly Float32Array[], face: number): readonly HalfEmbeddings[] {
  const [left, right] = embeddings.slice(2 * face, 2 * face + 2);
  if (left === undefined || right === undefined) return [];
  return [{ left: l2Normalise(left), right: l2Normalise(right) }];
}

/** @throws Failure MULTIPLE_FACES before anything is done for the faces */
function requireFewFaces(faceCount: number, request: AnalysisRequest): void {
  const maximum = maximumOf(request);
  if (faceCount > maximum) throw tooManyFaces(faceCount, maximum);
}

/** How many faces are described. */
function maximumOf({ wantCrops }: AnalysisRequest): number {
  return wantCrops ? maximumFacesWithCrops : maximumFaces;
}

async function describe(
  { face, crops: { arcFace: crop, landmarks, stored } }: CutOutFace,
  request: AnalysisRequest,
  quality: FaceQuality,
  rawEmbedding: Float32Array | undefined,
): Promise<AnalysedFace> {
  const offset = noseOffsetPixels(landmarks);
  return {
    ...face,
    rho: frontness(offset),
    noseOffsetPixels: offset,
    quality,
    ...(rawEmbedding === undefined ? {} : { embedding: l2Normalise(rawEmbedding) }),
    ...(request.wantCrops ? { crops: await encodeCrops(crop, landmarks.nose.x) } : {}),
    ...(stored === undefined ? {} : { storedCrop: await encodeStoredCrop(stored) }),
  };
}

async function encodeStoredCrop({ image, landmarks }: StoredCrop): Promise<EncodedStoredCrop> {
  const encoded = await encodeWebp(image);
  return { encoded, width: image.width, height: image.height, landmarks };
}

async function encodeCrops(crop: RgbImage, noseX: number): Promise<FaceCrops> {
  const halves = splitHalves(crop, noseX);
  const [alignedPng, leftHalfPng, rightHalfPng] = await Promise.all([
    encodePng(crop),
    encodePng(halves.left),
    encodePng(halves.right),
  ]);
  return { alignedPng, leftHalfPng, rightHalfPng };
}
