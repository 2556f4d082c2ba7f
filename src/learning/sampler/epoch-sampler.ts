import { isSymmetric } from '../../core/faces/frontness.js';
import { shuffle, streamSeed, uniformGenerator } from '../../core/random/seeded-random.js';
import { type EpochLayout, epochLayout, shortened, splitFacesInBatch } from './epoch-layout.js';

/** Tells what is done to faces apart from what an epoch's plan is drawn from. */
const AUGMENTATION_STREAM = 0x5eed_a06;

/** What decides an epoch's samples, apart from the faces. */
export interface EpochSamplerOptions {
  /** τ: faces with ρ > τ may be split */
  readonly tau: number;
  /** p: the share of those that an epoch splits */
  readonly splitFraction: number;
  /** B, samples a batch: full faces and halves alike */
  readonly batchSize: number;
  /** Whether half of the faces, at random, are mirrored. */
  readonly flip: boolean;
  readonly seed: number;
  /** Whether split faces are in their batch whole, too, as samples of their own. Default: false */
  readonly showsSplitFacesWhole?: boolean;
  /**
   * The samples of an epoch, a multiple of B: a part of the faces, drawn anew for each epoch. Default: N' (Eq. 8), all
   * faces once
   */
  readonly samplesPerEpoch?: number;
}

/** Which part of a face a sample shows; left and right are the viewer's, after the flip. */
export type FacePart = 'full' | 'left' | 'right';

/** One sample of a batch. */
export interface FaceSample {
  /** Index of the face in the data */
  readonly face: number;
  readonly part: FacePart;
  /** The crop is mirrored first, and the nose with it, then split: both halves of a face share its flip. */
  readonly isFlipped: boolean;
  /** Repeats another sample of the batch, to fill the run's fixed shape; its mask is 0. */
  readonly isPadding: boolean;
}

/** B samples in the order that TrainingBatch asks for. */
export interface SampleBatch {
  /** B of them */
  readonly samples: readonly FaceSample[];
  /** Split faces, in the first of the P slots; the slots behind hold full faces or padding, with ρ = 0. */
  readonly splitFaceCount: number;
}

/** The faces of a run: what of them the plans of its epochs depend on. */
export class EpochSampler {
  readonly layout: EpochLayout;
  /** The layout of all faces once, of which an epoch may be the first batches. */
  private readonly pass: EpochLayout;
  /** Indices of the faces with ρ > τ */
  private readonly symmetric: Uint32Array;

  /**
   * @param rho [N] frontness ρ of each face; 0 where none is known
   * @throws RangeError where an option is out of its range or there is no face
   */
  constructor(
    readonly rho: ArrayLike<number>,
    private readonly options: EpochSamplerOptions,
  ) {
    this.symmetric = symmetricFaces(rho, options.tau);
    this.pass = epochLayout({ faceCount: rho.length, symmetricCount: this.symmetric.length, ...options });
    this.layout = shortened(this.pass, options.batchSize, options.samplesPerEpoch);
  }

  /**
   * The seed of what is done at random to a face in an epoch: another one in each, and the same where a run goes on.
   */
  augmentationSeed(epoch: number, face: number): number {
    return streamSeed(streamSeed(this.options.seed, epoch) ^ AUGMENTATION_STREAM, face);
  }

  /** N_sym (Eq. 9) */
  get symmetricCount(): number {
    return this.symmetric.length;
  }

  /**
   * What an epoch trains on: a pure function of faces, options and epoch, so that a run can go on at any batch of it.
   * @param epoch from 0
   */
  plan(epoch: number): EpochSamples {
    const uniform = uniformGenerator(streamSeed(this.options.seed, epoch));
    const { splitFaceCount } = this.pass;
    const split = shuffle(this.symmetric.slice(), uniform).slice(0, splitFaceCount);
    const isSplit = new Uint8Array(this.rho.length);
    for (const face of split) isSplit[face] = 1;
    const full = new Uint32Array(this.rho.length - splitFaceCount);
    let fullCount = 0;
    for (let face = 0; face < this.rho.length; face++) if (isSplit[face] === 0) full[fullCount++] = face;
    shuffle(full, uniform);
    const flipped = new Uint8Array(this.rho.length);
    if (this.options.flip)
      for (let face = 0; face < flipped.length; face++) flipped[face] = uniform() < 0.5 ? 1 : 0;
    return new EpochSamples(this.pass, this.layout.batchCount, this.options, { split, full, flipped });
  }
}

/** An epoch's faces in the order that batches take them. */
interface DrawnFaces {
  /** [p N_sym] */
  readonly split: Uint32Array;
  /** [N - p N_sym] */
  readonly full: Uint32Array;
  /** [N] 1 where the face is mirrored */
  readonly flipped: Uint8Array;
}

/**
 * The samples of one epoch: every face once, the split ones as their two halves (and whole, where that is asked for); or
 * the first batches of these.
 */
export class EpochSamples {
  private readonly batchSize: number;
  /** What a split face is shown as, one after the other in P slots each. */
  private readonly splitParts: readonly FacePart[];

  /** @param layout of all faces once @param batchCount how many of its batches the epoch has */
  constructor(
    private readonly layout: EpochLayout,
    readonly batchCount: number,
    {
      batchSize,
      showsSplitFacesWhole = false,
    }: Pick<EpochSamplerOptions, 'batchSize' | 'showsSplitFacesWhole'>,
    private readonly faces: DrawnFaces,
  ) {
    this.batchSize = batchSize;
    this.splitParts = showsSplitFacesWhole ? ['left', 'right', 'full'] : ['left', 'right'];
  }

  /** @throws RangeError where the epoch has no such batch */
  batch(batch: number): SampleBatch {
    const { splitSlots, sampleCount } = this.layout;
    const { batchCount } = this;
    const perFace = this.splitParts.length;
    if (!Number.isInteger(batch) || batch < 0 || batch >= batchCount) {
      throw new RangeError(`there is no batch ${batch} in an epoch of ${batchCount}`);
    }
    const splitFaceCount = this.splitFacesIn(batch);
    const sampleStart = batch * this.batchSize;
    const samplesInBatch = Math.min(this.batchSize, sampleCount - sampleStart);
    const splitStart = this.splitFacesBefore(batch);
    const fullStart = sampleStart - perFace * splitStart;
    const split = this.faces.split.subarray(splitStart, splitStart + splitFaceCount);
    const full = this.faces.full.subarray(fullStart, fullStart + samplesInBatch - perFace * splitFaceCount);
    return { samples: this.arrange(split, full, splitSlots), splitFaceCount };
  }

  /**
   * Left halves in the first slots of 0..P-1, right halves in those of P..2P-1, the same faces whole in those of 2P..3P-1
   * where that is asked for, other full faces and padding elsewhere.
   */
  private arrange(split: Uint32Array, full: Uint32Array, splitSlots: number): readonly FaceSample[] {
    const samples: FaceSample[] = [];
    let nextFull = 0;
    for (let position = 0; position < this.batchSize; position++) {
      const part = this.splitParts[Math.floor(position / splitSlots)];
      const splitFace = part === undefined ? undefined : split[position % splitSlots];
      const face = splitFace ?? full[nextFull];
      if (face === undefined) {
        // Batch norm sees padding too: faces leave its statistics what they are, black images would not.
        samples.push({ ...this.repeated(split, full, position), isPadding: true });
        continue;
      }
      if (splitFace === undefined) nextFull++;
      samples.push(this.sample(face, splitFace === undefined ? 'full' : (part ?? 'full')));
    }
    return samples;
  }

  private repeated(split: Uint32Array, full: Uint32Array, position: number): FaceSample {
    const faces = full.length > 0 ? full : split;
    return this.sample(faces[position % faces.length] ?? 0, 'full');
  }

  private sample(face: number, part: FacePart): FaceSample {
    return { face, part, isFlipped: this.faces.flipped[face] === 1, isPadding: false };
  }

  private splitFacesIn(batch: number): number {
    return splitFacesInBatch({ ...this.layout, batchSize: this.batchSize }, batch);
  }

  private splitFacesBefore(batch: number): number {
    let count = 0;
    for (let before = 0; before < batch; before++) count += this.splitFacesIn(before);
    return count;
  }
}

function symmetricFaces(rho: ArrayLike<number>, tau: number): Uint32Array {
  const faces = new Uint32Array(rho.length);
  let count = 0;
  for (let face = 0; face < rho.length; face++) if (isSymmetric(rho[face] ?? 0, tau)) faces[count++] = face;
  return faces.slice(0, count);
}
