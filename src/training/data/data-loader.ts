import type { TrainedOnFaces } from '../../core/models/manifest.js';
import type { HalfStyle } from '../../core/faces/split-halves.js';
import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { DatasetImageKind } from '../../core/protocols/benchmark-dataset.js';
import type { AugmentationOptions } from '../../core/images/augmentation.js';
import type { PictureMeasures } from '../../core/images/picture-measures.js';
import type { EpochLayout } from '../../learning/sampler/epoch-layout.js';
import type {
  EpochSamples,
  EpochSampler,
  EpochSamplerOptions,
  SampleBatch,
} from '../../learning/sampler/epoch-sampler.js';
import type { IdentitySelection } from '../../learning/sampler/identity-split.js';
import { batchLabels } from '../../learning/sampler/planned-batch.js';
import type { BatchShape, TrainingBatch } from '../../learning/sampler/training-batch.js';
import { BatchPrefetcher } from './batch-prefetcher.js';
import type { BatchRequest, FaceInBatch } from './batch-protocol.js';
import type { BatchThreads } from './batch-threads.js';
import { siteProfile } from './site-profile.js';
import type { TrainingDataLocation } from './training-face-source.js';
import { unlessAborted } from './unless-aborted.js';
import { faceDatasetSha256, type FaceDataset, type TrainingFaceCounts } from './face-dataset.js';

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

const everyBatch: BatchTurns = { rank: 0, size: 1 };

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

/** A batch, and which faces it is of. */
interface BatchOfFaces extends TrainingBatch {
  /** [B] index of each sample's face in the data */
  readonly faces: Uint32Array;
}

/** A batch, and how long who asked for it had to wait. */
export interface TimedTrainingBatch extends BatchOfFaces {
  /** Its place in the epoch, from 0 */
  readonly place: number;
  readonly waitedMs: number;
}

/** Faces as they are aligned, neither split nor mirrored. */
export interface AlignedFaces {
  /** [n, H, W, 3] as TrainingBatch's */
  readonly images: Float32Array;
  /** [n] the class of each */
  readonly labels: Int32Array;
}

/** The batches of a run; open with `openDataLoader`. */
export class DataLoader {
  private readonly prefetcher: BatchPrefetcher<BatchOfFaces>;
  private site: Promise<readonly PictureMeasures[]> | undefined;
  private plan: { readonly epoch: number; readonly plan: EpochSamples } | undefined;

  constructor(
    private readonly faces: FaceDataset,
    private readonly planner: EpochSampler,
    private readonly threads: BatchThreads<BatchRequest, Float32Array>,
    /** The extents of every batch. */
    readonly shape: BatchShape,
    batchesAhead: number,
    /** What of the first data set is among the faces; digested when it is first asked for */
    readonly ownSummary: () => TrainedOnFaces,
    /** What of a second data set is among the faces */
    readonly replay: TrainedOnFaces | undefined,
    /** What was left out of the data, and what is trained on otherwise than the files say, for people */
    readonly remarks: readonly string[],
    /** Whether some faces are to look as others of the site do */
    private readonly looksLikeSite: boolean,
    private readonly turns: BatchTurns = everyBatch,
  ) {
    const ownCount = Math.ceil((planner.layout.batchCount - turns.rank) / turns.size);
    this.prefetcher = new BatchPrefetcher(batchesAhead, ownCount, ({ epoch, batch }) =>
      this.make(this.planOf(epoch).batch(turns.rank + batch * turns.size), epoch),
    );
  }

  /** Names by class */
  get identities(): readonly string[] {
    return this.faces.identities;
  }

  /** Identities that the selection holds out, for measuring */
  get heldOutIdentities(): readonly string[] {
    return this.faces.heldOutIdentities;
  }

  /** C */
  get classCount(): number {
    return this.faces.identities.length;
  }

  /** N */
  get faceCount(): number {
    return this.faces.counts.faces;
  }

  /** N_sym (SymFace Eq. 9) */
  get symmetricCount(): number {
    return this.planner.symmetricCount;
  }

  /** What was left out, and what has no tag */
  get counts(): TrainingFaceCounts {
    return this.faces.counts;
  }

  /** N' (SymFace Eq. 8) and what else is the same in every epoch */
  get layout(): EpochLayout {
    return this.planner.layout;
  }

  /** The digest of what is known of the faces, in their order, as hex. */
  get sha256(): string {
    return faceDatasetSha256(this.faces);
  }

  get batchesPerEpoch(): number {
    return this.planner.layout.batchCount;
  }

  /**
   * The batches of an epoch from one of them on, where several processes share them those of this one. While they are taken, those behind are made, into the next epoch.
   *
   * @param epoch from 0
   * @param fromBatch where a run goes on; the number of batches gives none
   * @throws Failure DATASET_INVALID naming a file or record that cannot be used, WORKER_LOST where a thread died; the
   *   threads are ended then. The signal's reason where it fires.
   */
  async *batches(epoch: number, fromBatch = 0, signal?: AbortSignal): AsyncGenerator<TimedTrainingBatch> {
    const { rank, size } = this.turns;
    for (let turn = Math.max(0, Math.ceil((fromBatch - rank) / size)); ; turn++) {
      const place = rank + turn * size;
      if (place >= this.batchesPerEpoch) return;
      signal?.throwIfAborted();
      const askedAtMs = performance.now();
      const made = await this.take({ epoch, batch: turn }, signal);
      yield { ...made, place, waitedMs: performance.now() - askedAtMs };
    }
  }

  /**
   * All faces once, whole and not mirrored, in the order of the data. While some are taken, the next are made.
   * @param batchFaces how many at a time; the last ones may be fewer
   * @throws as {@link batches}
   */
  async *wholeFaces(batchFaces: number): AsyncGenerator<AlignedFaces> {
    const everyFace = Array.from({ length: this.faceCount }, (_, face) => face);
    yield* this.chosenFaces(everyFace, batchFaces);
  }

  /** Faces as {@link wholeFaces} has them, in the order in which they are named. */
  async *chosenFaces(faces: readonly number[], batchFaces: number): AsyncGenerator<AlignedFaces> {
    let ahead = this.makeWhole(faces.slice(0, batchFaces));
    for (let start = 0; start < faces.length; start += batchFaces) {
      const made = ahead;
      const next = faces.slice(start + batchFaces, start + 2 * batchFaces);
      if (next.length > 0) {
        ahead = this.makeWhole(next);
        // Whoever stops taking them does not hear of it.
        ahead.catch(() => undefined);
      }
      yield await made;
    }
  }

  /** The classes of all samples of some batches of an epoch, whoever makes them. */
  labelsOf(epoch: number, fromBatch: number, batchCount: number): readonly number[] {
    const plan = this.planOf(epoch);
    return Array.from({ length: batchCount }, (_, index) => plan.batch(fromBatch + index)).flatMap(
      ({ samples }) => samples.map(({ face }) => this.faces.labels[face] ?? 0),
    );
  }

  /** Whose face each is: classes by the order of the identities, those that are replayed last. */
  get labels(): Int32Array {
    return this.faces.labels;
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.threads.close();
  }

  private async take(
    place: { readonly epoch: number; readonly batch: number },
    signal: AbortSignal | undefined,
  ): Promise<BatchOfFaces> {
    const taking = this.prefetcher.take(place).catch(async (error: unknown) => {
      await this.close();
      throw error;
    });
    return signal === undefined ? taking : unlessAborted(taking, signal);
  }

  private async makeWhole(chosen: readonly number[]): Promise<AlignedFaces> {
    const sampleCount = chosen.length;
    const faces = chosen.map((face, position) => ({
      ...this.faces.prepare(face),
      isFlipped: false,
      augmentationSeed: undefined,
      targets: [{ position, part: 'full' as const }],
    }));
    const images = await this.threads.make({ sampleCount, faces, siteProfile: [] });
    return { images, labels: Int32Array.from(chosen, (face) => this.faces.labels[face] ?? 0) };
  }

  private planOf(epoch: number): EpochSamples {
    if (this.plan?.epoch !== epoch) this.plan = { epoch, plan: this.planner.plan(epoch) };
    return this.plan.plan;
  }

  private async make(planned: SampleBatch, epoch: number): Promise<BatchOfFaces> {
    const { samples } = planned;
    const images = await this.threads.make({
      sampleCount: samples.length,
      faces: this.facesOf(planned, epoch),
      siteProfile: this.looksLikeSite ? await (this.site ??= siteProfile(this)) : [],
    });
    return {
      images,
      ...batchLabels(planned, { labels: this.faces.labels, rho: this.planner.rho }, this.shape.splitSlots),
      faces: Uint32Array.from(samples, ({ face }) => face),
    };
  }

  /**
   * The faces of a batch, each once with all the places that it takes: halves and padding share its decoding.
   */
  private facesOf({ samples }: SampleBatch, epoch: number): readonly FaceInBatch[] {
    const places = new Map<number, { isFlipped: boolean; targets: FaceInBatch['targets'][number][] }>();
    for (const [position, { face, part, isFlipped }] of samples.entries()) {
      const known = places.get(face) ?? { isFlipped, targets: [] };
      known.targets.push({ position, part });
      places.set(face, known);
    }
    return Array.from(places, ([face, place]) => ({
      ...this.faces.prepare(face),
      ...place,
      augmentationSeed: this.planner.augmentationSeed(epoch, face),
    }));
  }
}
