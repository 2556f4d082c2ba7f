import type { HalfStyle } from '../../core/faces/split-halves.js';
import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { DatasetImageKind } from '../../core/protocols/benchmark-dataset.js';
import type { AugmentationOptions } from '../../core/images/augmentation.js';
import type { EpochSamplerOptions } from '../../learning/sampler/epoch-sampler.js';
import type { IdentitySelection } from '../../learning/sampler/identity-split.js';
import type { TrainingDataLocation } from './training-face-source.js';

/** The data that a run trains on, and how. */
export interface DataLoaderConfig extends Partial<EpochSamplerOptions> {
  /** What is done to faces at random. Default: nothing */
  readonly augmentation?: AugmentationOptions;
  /** What the other side of a half is. Default: padded */
  readonly halves?: HalfStyle;
  /**
   * The standard deviation of a landmark's error, in pixels of the 112x112 crop: above 0 the expectation of ρ stands for ρ,
   * in the choice of faces that may be split and as their weight. Default: 0
   */
  readonly landmarkNoisePixels?: number;
  readonly location: TrainingDataLocation;
  /** Photographs are aligned by their tags' landmarks; aligned crops are taken as they are. */
  readonly imageKind: DatasetImageKind;
  /**
   * The file of tags (`symface dataset tag`). Default: where that command puts it; aligned crops may have none, and are
   * then never split.
   */
  readonly tagsPath?: string;
  /** Whether images that cannot be read are left out and counted. Default: they are refused */
  readonly skipUnreadable?: boolean;
  /** Default: all of them */
  readonly identities?: IdentitySelection;
  /** Default: none */
  readonly replay?: ReplayLocation;
  /** The template that photographs are aligned to; aligned crops are ArcFace's. Default: ArcFace's. */
  readonly alignment?: AlignmentTemplate;
  readonly batchSize: number;
  /** Where several processes take turns at the batches of an epoch: whose turns are made. Default: all */
  readonly turns?: BatchTurns;
  /** Threads that prepare batches. Default: all cores but one */
  readonly threads?: number;
  /** Batches that are made ahead, each of B x H x W x 12 bytes. Default: two for each thread, at most 1 GiB of them */
  readonly batchesAhead?: number;
  /** Memory for decoded, aligned crops, which later epochs need not make again. Default: 1 GiB */
  readonly cacheBytes?: number;
  /** The key that enrolled faces are encrypted with, 32 bytes. */
  readonly encryptionKey?: Uint8Array;
  /** The threads' compiled entry point. Default: beside this module */
  readonly threadEntryPoint?: string;
}

/** The turns of one of several processes: of every `size` batches that at `rank`, from 0. */
export interface BatchTurns {
  readonly rank: number;
  readonly size: number;
}

/** Where faces are, what is known of them, and whether some may be left out. */
export type OpenedFaces = Pick<
  DataLoaderConfig,
  'location' | 'imageKind' | 'tagsPath' | 'skipUnreadable' | 'encryptionKey'
>;

/** Identities of a data set none of which is held out. */
export type ChosenIdentities = Pick<IdentitySelection, 'include' | 'exclude'>;

/** A second data set, trained on together with the first so that what the network knows of others is not forgotten. */
export interface ReplayLocation {
  readonly location: TrainingDataLocation;
  readonly imageKind: DatasetImageKind;
  /** The file of tags, as DataLoaderConfig's. */
  readonly tagsPath?: string;
  readonly skipUnreadable?: boolean;
  /** Default: all of them */
  readonly identities?: ChosenIdentities;
  /** The greatest number of those, 1 or more. Default: all of them. */
  readonly identityLimit?: number;
}
