import type { DatasetImageKind } from '../../core/protocols/benchmark-dataset.js';
import type { FailureRecord } from '../../core/failure-record.js';
import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { HalfStyle } from '../../core/faces/split-halves.js';
import type { Landmarks } from '../../core/faces/landmarks.js';
import type { AugmentationOptions } from '../../core/images/augmentation.js';
import type { PictureMeasures } from '../../core/images/picture-measures.js';
import type { FacePart } from '../../learning/sampler/epoch-sampler.js';
import type { FaceLocation } from './training-face-source.js';

/** One face of a batch, as a thread has to find and align it. */
export interface FaceToPrepare {
  /** Index in the run's faces: its place in the cache */
  readonly face: number;
  /** The name for messages. */
  readonly name: string;
  readonly location: FaceLocation;
  readonly imageKind: DatasetImageKind;
  /** The landmarks in pixels of the image; they are needed for photographs and for crops that are split. */
  readonly landmarks: Landmarks | undefined;
  /** How the SHA-256 of the tagged image begins, hex; not compared where undefined */
  readonly digestStart: string | undefined;
}

/** A face and where in the batch it goes. */
export interface FaceInBatch extends FaceToPrepare {
  readonly isFlipped: boolean;
  /** The seed of what is done to it in this epoch; nothing is where it is undefined. */
  readonly augmentationSeed: number | undefined;
  readonly targets: readonly { readonly position: number; readonly part: FacePart }[];
}

/** What a thread is asked: the images of one batch. */
export interface BatchRequest {
  readonly sampleCount: number;
  readonly faces: readonly FaceInBatch[];
  /** What faces of the site look like, where some are to look like them */
  readonly siteProfile: readonly PictureMeasures[];
}

/** A request as a thread gets it. */
export interface NumberedRequest<Request> {
  readonly id: number;
  readonly request: Request;
}

/** What a request came to, or why to nothing. */
export type BatchReply<Batch> =
  { readonly id: number; readonly batch: Batch } | { readonly id: number; readonly error: FailureRecord };

/** What a thread is started with. */
export interface BatchThreadSetup {
  /** The template that photographs are aligned to. */
  readonly alignment: AlignmentTemplate;
  readonly cache: SharedCropCache;
  /** What is done to faces that have a seed for it */
  readonly augmentation: AugmentationOptions | undefined;
  /** What the other side of a half is. */
  readonly halves: HalfStyle;
  /** The key of encrypted faces, where there are some. */
  readonly encryptionKey: Uint8Array | undefined;
}

/** Aligned crops of the first faces of a run, in memory that all threads share. */
export interface SharedCropCache {
  /** [capacity, H, W, 3] bytes */
  readonly crops: SharedArrayBuffer;
  /** [capacity] 1 where the crop is there */
  readonly isFilled: SharedArrayBuffer;
  /** [capacity] where its nose is, in pixels of the crop; NaN where that is unknown */
  readonly noseX: SharedArrayBuffer;
  /** How many of the faces have a place. */
  readonly capacity: number;
}
