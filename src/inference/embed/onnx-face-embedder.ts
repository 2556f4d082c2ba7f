import type { FaceEmbedder } from './face-embedder.js';
import type { RegisteredModel } from '../../storage/models/model-registry.js';
import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { NormStatistics } from '../../core/faces/quality/face-utility.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { noiseCrops, requireSelfCheck } from '../../core/models/self-check.js';
import { Failure } from '../../core/failure.js';
import { bundleFilePath } from '../runtime/bundle-file-path.js';
import { OnnxSession, type FloatTensor, type OnnxSessionOptions } from '../runtime/onnx-session.js';
import { PixelTensorEncoder, type BatchImage } from '../runtime/pixel-tensor.js';

/**
 * Images in one run for each thread of a CPU. What the layers of MobileFaceNet pass on is then in a core's cache: an image of a
 * batch of 64 takes 1.4 times as long (docs/results/retraining.md).
 */
const imagesPerThread = 4;

/** Embeds aligned crops with an ONNX graph as its manifest says. */
export class OnnxFaceEmbedder implements FaceEmbedder {
  readonly alignment: AlignmentTemplate;
  readonly dimension: number;
  readonly typicalNorm: NormStatistics | undefined;
  private readonly encoder: PixelTensorEncoder;
  private readonly flips: boolean;

  constructor(
    private readonly session: OnnxSession,
    manifest: BackboneManifest,
  ) {
    this.alignment = manifest.alignment;
    this.dimension = manifest.embedding.dimension;
    this.typicalNorm = manifest.embedding.typicalNorm;
    this.encoder = new PixelTensorEncoder(manifest.input);
    this.flips = manifest.embedding.testTimeAugmentation === 'horizontal-flip';
  }

  /**
   * Loads a registered backbone.
   * @throws Failure MODEL_INVALID where the version is no backbone or its graph does not load
   */
  static async load(stored: RegisteredModel, options: OnnxSessionOptions): Promise<OnnxFaceEmbedder> {
    const { manifest } = stored.version;
    if (manifest.kind !== 'backbone') {
      throw new Failure('MODEL_INVALID', `${stored.version.id} is a ${manifest.kind}, not a backbone`);
    }
    const session = await OnnxSession.load(bundleFilePath(stored, manifest.graph), options);
    const embedder = new OnnxFaceEmbedder(session, manifest);
    await embedder.checkItself(manifest);
    return embedder;
  }

  /** @throws Failure MODEL_INVALID where the graph does not compute what its manifest records */
  async checkItself({ selfCheck, alignment: { width, height } }: BackboneManifest): Promise<void> {
    if (selfCheck === undefined) return;
    const { seed, embeddings } = selfCheck;
    requireSelfCheck(selfCheck, await this.embedUpright(noiseCrops(width, height, seed, embeddings.length)));
  }

  /**
   * @throws RangeError where a crop is not of the alignment template's size
   * @throws Failure MODEL_INVALID where the graph's output is not `dimension` finite numbers a crop
   */
  async embed(crops: readonly RgbImage[]): Promise<readonly Float32Array[]> {
    if (crops.length === 0) return [];
    crops.forEach((crop) => {
      this.requireCropSize(crop);
    });
    if (!this.flips) return this.embedUpright(crops);
    const mirrored = crops.map((image): BatchImage => ({ image, mirrored: true }));
    const embeddings = await this.embedImages([...upright(crops), ...mirrored]);
    return crops.map((_, index) => sum(embeddings[index], embeddings[index + crops.length]));
  }

  /** Embeds the crops without their mirror images, whatever the manifest says. */
  async embedUpright(crops: readonly RgbImage[]): Promise<readonly Float32Array[]> {
    return this.embedImages(upright(crops));
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  /** One embedding an image, in batches where the graph's first dimension is dynamic. */
  private async embedImages(images: readonly BatchImage[]): Promise<readonly Float32Array[]> {
    const graphBatch = this.session.soleInput.dimensions[0];
    if (graphBatch === images.length) return this.runBatch(images);
    if (graphBatch !== undefined && graphBatch !== 1) {
      throw new Failure('MODEL_INVALID', `the graph only takes batches of ${graphBatch}`);
    }
    const imagesPerRun = graphBatch ?? this.imagesPerRun(images.length);
    const embeddings: Float32Array[] = [];
    for (let start = 0; start < images.length; start += imagesPerRun)
      embeddings.push(...(await this.runBatch(images.slice(start, start + imagesPerRun))));
    return embeddings;
  }

  private imagesPerRun(imageCount: number): number {
    const { cpuThreads } = this.session;
    return cpuThreads === undefined ? imageCount : imagesPerThread * cpuThreads;
  }

  private async runBatch(images: readonly BatchImage[]): Promise<readonly Float32Array[]> {
    const [output] = await this.session.run(this.encoder.encode(images));
    return splitEmbeddings(output, images.length, this.dimension);
  }

  private requireCropSize(crop: RgbImage): void {
    const { width, height, name } = this.alignment;
    if (crop.width !== width || crop.height !== height) {
      throw new RangeError(`${name} takes ${width}x${height} crops, got ${crop.width}x${crop.height}`);
    }
  }
}

/**
 * Rows of a [n, dimension] output (trailing dimensions of 1, as after global pooling, are let pass).
 * @throws Failure MODEL_INVALID where the size differs or a number is not finite
 */
function splitEmbeddings(output: FloatTensor | undefined, count: number, dimension: number): Float32Array[] {
  if (output?.data.length !== count * dimension || output.dimensions[0] !== count) {
    const shape = output === undefined ? 'nothing' : `[${output.dimensions.join(', ')}]`;
    throw new Failure('MODEL_INVALID', `the graph gave ${shape} where [${count}, ${dimension}] is expected`);
  }
  if (!output.data.every(Number.isFinite)) {
    throw new Failure('MODEL_INVALID', 'the graph gave an embedding with numbers that are not finite');
  }
  return Array.from({ length: count }, (_, row) => output.data.slice(row * dimension, (row + 1) * dimension));
}

function upright(crops: readonly RgbImage[]): readonly BatchImage[] {
  return crops.map((image) => ({ image, mirrored: false }));
}

function sum(a: Float32Array | undefined, b: Float32Array | undefined): Float32Array {
  if (a?.length !== b?.length || a === undefined) throw new RangeError('embeddings of different lengths');
  return a.map((value, index) => value + (b?.[index] ?? 0));
}
