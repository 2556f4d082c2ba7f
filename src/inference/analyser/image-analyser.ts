import { alignCrop, landmarksInCrop } from '../../core/faces/aligned-crop.js';
import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import { frontness, noseOffsetPixels } from '../../core/faces/frontness.js';
import { cutFace } from '../../core/faces/stored-crop.js';
import { splitHalves } from '../../core/faces/split-halves.js';
import type { DetectedFace } from '../../core/faces/face.js';
import { selectFaces } from '../../core/faces/face-selection.js';
import { Failure } from '../../core/failure.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { measureFaceQuality } from '../../core/faces/face-quality.js';
import { l2Norm, l2Normalise } from '../../core/verification/similarity.js';
import type {
  AnalysedFace,
  AnalysedImage,
  AnalysisRequest,
  EncodedStoredCrop,
  FaceCrops,
} from './face-analysis.js';
import type { FaceDetector } from '../detect/face-detector.js';
import type { FaceEmbedder } from '../embed/face-embedder.js';
import type { SharpImageDecoder } from '../decode/sharp-image-decoder.js';
import { encodePng, encodeWebp } from '../decode/sharp-image-encoder.js';

/** What an {@link ImageAnalyser} works with. */
export interface ImageAnalyserDependencies {
  readonly decoder: SharpImageDecoder;
  readonly detector: FaceDetector;
  readonly embedder: FaceEmbedder;
}

/** The pipeline from bytes to faces: decode, detect, select, align, frontness, quality, embed. */
export class ImageAnalyser {
  constructor(private readonly parts: ImageAnalyserDependencies) {}

  /**
   * @throws Failure from decoding, face selection, or MODEL_CONTRACT_MISMATCH for an aligned crop of the
   *   wrong size; the signal's reason once it has fired (checked between stages)
   */
  async analyse(request: AnalysisRequest, signal: AbortSignal): Promise<AnalysedImage> {
    signal.throwIfAborted();
    const image = await this.parts.decoder.decode(request.encoded);
    signal.throwIfAborted();
    const detections = await this.facesIn(image, request);
    const selected = selectFaces(detections, request.selection, image);
    signal.throwIfAborted();
    const embeddings = request.wantEmbeddings ? await this.embed(image, selected, request.kind) : [];
    const faces = await Promise.all(
      selected.map((face, index) => this.describe(image, face, request, embeddings[index])),
    );
    return { width: image.width, height: image.height, faces };
  }

  private async facesIn(image: RgbImage, request: AnalysisRequest): Promise<readonly DetectedFace[]> {
    const { kind, knownLandmarks: landmarks } = request;
    if (kind === 'aligned-crop') return [this.wholeCrop(image)];
    if (landmarks === undefined) return this.parts.detector.detect(image);
    const { width, height } = image;
    return [{ box: { x: 0, y: 0, width, height }, landmarks, probability: 1 }];
  }

  /** A crop that the client aligned: its landmarks are the template's by definition. */
  private wholeCrop(image: RgbImage): DetectedFace {
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

  private async embed(
    image: RgbImage,
    faces: readonly DetectedFace[],
    kind: AnalysisRequest['kind'],
  ): Promise<readonly Float32Array[]> {
    if (faces.length === 0) return [];
    const { embedder } = this.parts;
    const crops =
      kind === 'aligned-crop'
        ? [image]
        : faces.map((face) => alignCrop(image, face.landmarks, embedder.alignment));
    return embedder.embed(crops);
  }

  private async describe(
    image: RgbImage,
    face: DetectedFace,
    request: AnalysisRequest,
    rawEmbedding: Float32Array | undefined,
  ): Promise<AnalysedFace> {
    const crop = alignCrop(image, face.landmarks, arcFaceTemplate);
    const cropLandmarks = landmarksInCrop(face.landmarks, arcFaceTemplate);
    const offset = noseOffsetPixels(cropLandmarks);
    return {
      ...face,
      rho: frontness(offset),
      noseOffsetPixels: offset,
      quality: measureFaceQuality({
        face,
        crop,
        embeddingNorm: rawEmbedding === undefined ? 0 : l2Norm(rawEmbedding),
      }),
      ...(rawEmbedding === undefined ? {} : { embedding: l2Normalise(rawEmbedding) }),
      ...(request.wantCrops ? { crops: await this.encodeCrops(crop, cropLandmarks.nose.x) } : {}),
      ...(request.wantStoredCrops === true ? { storedCrop: await this.encodeStoredCrop(image, face) } : {}),
    };
  }

  private async encodeStoredCrop(image: RgbImage, face: DetectedFace): Promise<EncodedStoredCrop> {
    const { image: cut, landmarks } = cutFace(image, face.landmarks);
    const encoded = await encodeWebp(cut);
    return { encoded, width: cut.width, height: cut.height, landmarks };
  }

  private async encodeCrops(crop: RgbImage, noseX: number): Promise<FaceCrops> {
    const halves = splitHalves(crop, noseX);
    const [alignedPng, leftHalfPng, rightHalfPng] = await Promise.all([
      encodePng(crop),
      encodePng(halves.left),
      encodePng(halves.right),
    ]);
    return { alignedPng, leftHalfPng, rightHalfPng };
  }
}
