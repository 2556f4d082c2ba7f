import type { DetectedFace } from '../../core/faces/face.js';
import type { DetectorManifest } from '../../core/models/manifest.js';
import type { FloatTensor, OnnxSession } from '../runtime/onnx-session.js';
import { type BatchImage, PixelTensorEncoder } from '../runtime/pixel-tensor.js';
import type { DecodeFaces, InputSize } from './detector-outputs.js';
import type { FaceNetwork } from './face-network.js';

/** How one graph of a detector runs. */
export interface OnnxFaceNetworkOptions {
  readonly manifest: DetectorManifest;
  readonly decode: DecodeFaces;
  /** Whether the graph takes several images in one run; its outputs' first axis is then that of the images. */
  readonly batches: boolean;
}

/** One graph of a detector. */
export class OnnxFaceNetwork implements FaceNetwork {
  readonly input: InputSize;
  private readonly encoder: PixelTensorEncoder;

  constructor(
    private readonly session: Pick<OnnxSession, 'soleInput' | 'run'>,
    private readonly options: OnnxFaceNetworkOptions,
  ) {
    const { input } = options.manifest;
    this.encoder = new PixelTensorEncoder(input);
    const { dimensions } = session.soleInput;
    const [height, width] = input.layout === 'NCHW' ? dimensions.slice(2) : dimensions.slice(1);
    this.input = { width: width ?? input.width, height: height ?? input.height };
  }

  /** @throws Failure MODEL_INVALID where the graph's outputs are not those of its family */
  async find(
    images: readonly BatchImage[],
    minimumProbability: number,
  ): Promise<readonly (readonly DetectedFace[])[]> {
    if (images.length === 0) return [];
    if (!this.options.batches && images.length > 1) {
      const faces: (readonly DetectedFace[])[] = [];
      for (const image of images) faces.push(...(await this.find([image], minimumProbability)));
      return faces;
    }
    const outputs = await this.session.run(this.encoder.encode(images));
    return images.map((_, index) =>
      this.options.decode(
        outputs.map((output) => rowOf(output, index, images.length)),
        this.input,
        minimumProbability,
      ),
    );
  }
}

/** The part of an output that speaks of one image. */
function rowOf({ data, dimensions }: FloatTensor, index: number, count: number): FloatTensor {
  if (count === 1) return { data, dimensions };
  const length = data.length / count;
  return {
    data: data.subarray(index * length, (index + 1) * length),
    dimensions: [1, ...dimensions.slice(1)],
  };
}
