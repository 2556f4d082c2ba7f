/** What the images of a data set are. */
export type DatasetImageKind = 'photograph' | 'aligned-crop';

/** One image of a data set. */
export interface DatasetImage {
  /** Path below the data set's folder, or `entry N` of a file that holds them all. */
  readonly name: string;
  /** The person it shows; it is undefined where the data set does not say. */
  readonly identity: string | undefined;
}

/** Two images, by their index, and whether they show one person. */
export interface DatasetPair {
  readonly first: number;
  readonly second: number;
  readonly genuine: boolean;
}

/** Images as they are on disk. */
export interface ImageDataset {
  readonly images: readonly DatasetImage[];
  /** The bytes of an image. @throws Failure DATASET_INVALID where they cannot be read */
  read(imageIndex: number): Promise<Uint8Array>;
}

/** Images of which it is known whom they show: what networks are trained on. */
export interface IdentityDataset extends ImageDataset {
  readonly images: readonly (DatasetImage & { readonly identity: string })[];
}

/** A verification protocol as it is on disk: pairs in their order, and the images they name. */
export interface VerificationDataset extends ImageDataset {
  readonly kind: DatasetImageKind;
  readonly pairs: readonly DatasetPair[];
  /** Contiguous folds of the pairs; 1 where the protocol has none. */
  readonly foldCount: number;
  /**
   * Whether images that cannot be decoded count as ones without a face, as photographs that people have collected hold some; those of a
   * published protocol fail it.
   */
  readonly countsUnreadableAsFaceless?: true;
  /** What was seen beside the images and is not used, in a sentence; undefined where nothing was. */
  readonly passedOver?: string | undefined;
}

/** The place of a data set and the way to read it. */
export interface DatasetSource {
  /** The name of a format of src/datasets/verification. */
  readonly format: string;
  /** Absolute. */
  readonly path: string;
  /** Absolute; empty where the images are beside the list. */
  readonly imageFolder: string;
  readonly imageKind: DatasetImageKind;
}

/** A data set that an administrator has made known. */
export interface RegisteredDataset extends DatasetSource {
  readonly id: string;
  readonly pairCount: number;
  readonly imageCount: number;
  readonly createTime: Date;
}
