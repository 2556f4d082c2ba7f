import type { TrainedOnFaces } from '../../core/models/manifest.js';
import type { PictureMeasures } from '../../core/images/picture-measures.js';
import type { EpochLayout } from '../../learning/sampler/epoch-layout.js';
import type { EpochSamples, EpochSampler, SampleBatch } from '../../learning/sampler/epoch-sampler.js';
import { batchLabels } from '../../learning/sampler/planned-batch.js';
import type { BatchShape, TrainingBatch } from '../../learning/sampler/training-batch.js';
import { BatchPrefetcher } from './batch-prefetcher.js';
import type { BatchRequest, FaceInBatch } from './batch-protocol.js';
import type { BatchThreads } from './batch-threads.js';
import type { BatchTurns } from './data-loader-options.js';
import { siteProfile } from './site-profile.js';
import { unlessAborted } from './unless-aborted.js';
import { faceDatasetSha256, type FaceDataset, type TrainingFaceCounts } from './face-dataset.js';

const everyBatch: BatchTurns = { rank: 0, size: 1 };

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

/** Faces by their indices in the data. */
type FaceNumbers = readonly number[] | Uint32Array;

/** What a data loader is made of. */
export interface DataLoaderParts {
  readonly faces: FaceDataset;
  readonly planner: EpochSampler;
  readonly threads: BatchThreads<BatchRequest, Float32Array>;
  /** The extents of every batch. */
  readonly shape: BatchShape;
  readonly batchesAhead: number;
  /** What of the first data set is among the faces; digested when it is first asked for */
  readonly ownSummary: () => TrainedOnFaces;
  /** What of a second data set is among the faces */
  readonly replay: TrainedOnFaces | undefined;
  /** What was left out of the data, and what is trained on otherwise than the files say, for people */
  readonly remarks: readonly string[];
  /** Whether some faces are to look as others of the site do */
  readonly looksLikeSite: boolean;
  /** Default: all */
  readonly turns: BatchTurns | undefined;
}

/** Batches are made ahead into the next epoch, while those of this one are still asked for their labels. */
const plansInUse = 2;

/** The batches of a run; open with `openDataLoader`. */
export class DataLoader {
  readonly shape: BatchShape;
  readonly ownSummary: DataLoaderParts['ownSummary'];
  readonly replay: TrainedOnFaces | undefined;
  readonly remarks: readonly string[];
  private readonly faces: FaceDataset;
  private readonly planner: EpochSampler;
  private readonly threads: DataLoaderParts['threads'];
  private readonly turns: BatchTurns;
  private readonly prefetcher: BatchPrefetcher<BatchOfFaces>;
  private site: Promise<readonly PictureMeasures[]> | undefined;
  /** By epoch; the one that was drawn last is at the end. */
  private readonly plans = new Map<number, EpochSamples>();

  constructor(private readonly parts: DataLoaderParts) {
    ({ faces: this.faces, planner: this.planner, threads: this.threads } = parts);
    ({ shape: this.shape, ownSummary: this.ownSummary, replay: this.replay, remarks: this.remarks } = parts);
    this.turns = parts.turns ?? everyBatch;
    const { rank, size } = this.turns;
    const ownCount = Math.ceil((this.batchesPerEpoch - rank) / size);
    this.prefetcher = new BatchPrefetcher(parts.batchesAhead, ownCount, ({ epoch, batch }) =>
      this.make(this.planOf(epoch).batch(rank + batch * size), epoch),
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
    yield* this.chosenFaces(
      new Uint32Array(this.faceCount).map((_, face) => face),
      batchFaces,
    );
  }

  /** Faces as {@link wholeFaces} has them, in the order in which they are named. */
  async *chosenFaces(faces: FaceNumbers, batchFaces: number): AsyncGenerator<AlignedFaces> {
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

  private async makeWhole(chosen: FaceNumbers): Promise<AlignedFaces> {
    const sampleCount = chosen.length;
    const faces = Array.from(chosen, (face, position) => ({
      ...this.faces.prepare(face),
      isFlipped: false,
      augmentationSeed: undefined,
      targets: [{ position, part: 'full' as const }],
    }));
    const images = await this.threads.make({ sampleCount, faces, siteProfile: [] });
    return { images, labels: Int32Array.from(chosen, (face) => this.faces.labels[face] ?? 0) };
  }

  private planOf(epoch: number): EpochSamples {
    const known = this.plans.get(epoch);
    if (known !== undefined) return known;
    // Before another one is drawn: each has some bytes of every face.
    const [oldest] = this.plans.keys();
    if (oldest !== undefined && this.plans.size === plansInUse) this.plans.delete(oldest);
    const plan = this.planner.plan(epoch);
    this.plans.set(epoch, plan);
    return plan;
  }

  private async make(planned: SampleBatch, epoch: number): Promise<BatchOfFaces> {
    const { samples } = planned;
    const images = await this.threads.make({
      sampleCount: samples.length,
      faces: this.facesOf(planned, epoch),
      siteProfile: this.parts.looksLikeSite ? await (this.site ??= siteProfile(this)) : [],
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
