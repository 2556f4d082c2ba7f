/**
 * What one training step is computed on: B samples in P slots for split faces and B - 2P for full ones. The first P
 * samples are left halves, the next P the right halves of the same faces, for terms that ask for it the next P these faces
 * whole, the rest other full faces; an unused slot holds full faces or padding. The shapes are the same for every batch of a run, so that the step is compiled once.
 */
export interface TrainingBatch {
  /** [B, H, W, 3] RGB, (x - 127.5) / 128 */
  readonly images: Float32Array;
  /** [B] the class of each sample, 0 to C - 1; where its step is computed on some classes, its place among them */
  readonly labels: Int32Array;
  /** [B] 1 for a sample, 0 for padding */
  readonly sampleMask: Float32Array;
  /** [P] frontness ρ of each split face, or its expectation, in (0, 1]; 0 for an unused slot */
  readonly rho: Float32Array;
  /** [B, height, width, channels] of the layer that is dropped, where the run drops features; see `dropoutMask` */
  readonly dropoutMask?: Float32Array;
  /** [S] the classes that its step is computed on, ascending; absent: all */
  readonly classes?: Int32Array;
  /** What a teacher says of the samples, where there is one */
  readonly targets?: BatchTargets;
}

/** A teacher's embeddings of whole faces; halves and padding have none. */
export interface BatchTargets {
  /** [B, D] unit vectors; 0 where there is none */
  readonly embeddings: Float32Array;
  /** [B] 1 where there is one */
  readonly mask: Float32Array;
}

/** Extents of every batch of a run. */
export interface BatchShape {
  /** B, samples: full faces and halves alike. */
  readonly batchSize: number;
  /** P, slots for split faces, each for two samples or three of the B. */
  readonly splitSlots: number;
  readonly imageHeight: number;
  readonly imageWidth: number;
}
