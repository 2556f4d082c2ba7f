import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { SharedCropCache } from './batch-protocol.js';
import type { TrainingCrop } from '../../learning/sampler/face-sample.js';

type CropExtents = Pick<AlignmentTemplate, 'height' | 'width'>;

/** Makes room for the crops of as many faces as the budget allows, from the first on. */
export function createCropCache(
  faceCount: number,
  { height, width }: CropExtents,
  maximumBytes: number,
): SharedCropCache {
  const cropBytes = height * width * 3;
  const bytesOfFace = cropBytes + 1 + Float64Array.BYTES_PER_ELEMENT;
  const capacity = Math.min(faceCount, Math.floor(maximumBytes / bytesOfFace));
  return {
    crops: new SharedArrayBuffer(capacity * cropBytes),
    isFilled: new SharedArrayBuffer(capacity),
    noseX: new SharedArrayBuffer(capacity * Float64Array.BYTES_PER_ELEMENT),
    capacity,
  };
}

/** One thread's view of the crops that all threads share: each is decoded and aligned in one epoch only. */
export class CropCache {
  private readonly crops: Uint8Array;
  private readonly isFilled: Uint8Array;
  private readonly noseX: Float64Array;
  private readonly cropBytes: number;

  constructor(
    private readonly shared: SharedCropCache,
    private readonly extents: CropExtents,
  ) {
    this.crops = new Uint8Array(shared.crops);
    this.isFilled = new Uint8Array(shared.isFilled);
    this.noseX = new Float64Array(shared.noseX);
    this.cropBytes = extents.height * extents.width * 3;
  }

  get(face: number): TrainingCrop | undefined {
    if (face >= this.shared.capacity || Atomics.load(this.isFilled, face) === 0) return undefined;
    const start = face * this.cropBytes;
    const pixels = this.crops.subarray(start, start + this.cropBytes);
    const noseX = this.noseX[face] ?? Number.NaN;
    return {
      image: { width: this.extents.width, height: this.extents.height, pixels },
      noseX: Number.isNaN(noseX) ? undefined : noseX,
    };
  }

  put(face: number, { image, noseX }: TrainingCrop): void {
    if (face >= this.shared.capacity) return;
    this.crops.set(image.pixels, face * this.cropBytes);
    this.noseX[face] = noseX ?? Number.NaN;
    // Last, so that no thread reads half a crop; two that write one write the same.
    Atomics.store(this.isFilled, face, 1);
  }
}
