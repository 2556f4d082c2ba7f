import { Failure } from '../../../core/failure.js';
import { isSymmetric } from '../../../core/faces/frontness.js';
import type { RetrainingPolicy } from './retraining-policy.js';
import { trainingArtifacts } from './training-artifacts.js';
import { requireEnoughData } from './training-data-counts.js';
import type { TrainingDataSummary } from './training-job.js';
import { openCrop, sealCrop } from '../../../storage/encryption/sealed-records.js';
import { DecryptionError, oneKey, SecretBox } from '../../../storage/encryption/secret-box.js';
import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import type { SnapshotEncoder } from '../../../training/enrolled-faces/snapshot-encoder.js';
import type { TrainableFace } from '../../../training/enrolled-faces/trainable-face.js';
import type { TrainableFaceStore } from './trainable-face.store.js';
import { heldOutOf } from './held-out-identities.js';
import type { TrainableIdentity } from './held-out-share.js';
import { removeArtifacts } from './remove-artifacts.js';
import type { TrainingKeys } from './training-keys.js';

/** What is kept of a snapshot beside it. */
interface KeptSummary {
  readonly summary: TrainingDataSummary;
  readonly faceIds: readonly string[];
}

/** What is taken, and how much of it is held out. */
export interface SnapshotOrder {
  readonly policy: RetrainingPolicy;
  /** What the candidate's thresholds are needed at. */
  readonly falseMatchRate: number;
  /** The bound of whom the parent was not trained on (`heldOutBelowOf`). */
  readonly parentBelow: number;
}

interface TakeSnapshotParts {
  readonly faces: Pick<TrainableFaceStore, keyof TrainableFaceStore>;
  readonly artifacts: ArtifactStore;
  readonly encode: SnapshotEncoder;
  readonly keys: Pick<TrainingKeys, keyof TrainingKeys>;
}

/** The faces that a job trains on: taken once, and taken anew where one of them may no longer be used. */
export class TakeSnapshot {
  constructor(private readonly parts: TakeSnapshotParts) {}

  /**
   * The job's snapshot: the one that is there, where every face in it is enrolled still and its subject still consents;
   * else a new one, and whatever was learnt from the old is forgotten.
   * @throws Failure TRAINING_DATA_INSUFFICIENT, STORAGE_FULL, DATABASE_UNAVAILABLE, ENCRYPTION_KEY_UNKNOWN
   */
  async forJob(jobId: string, order: SnapshotOrder): Promise<TrainingDataSummary> {
    const kept = await this.kept(jobId);
    if (kept !== undefined) {
      const { faceIds, summary } = kept;
      if ((await this.parts.faces.countTrainable(faceIds)) === faceIds.length) return summary;
    }
    await removeArtifacts(this.parts.artifacts, trainingArtifacts(jobId).all);
    return this.take(jobId, order);
  }

  private async kept(jobId: string): Promise<KeptSummary | undefined> {
    if ((await this.parts.keys.find(jobId)) === undefined) return undefined;
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of this.parts.artifacts.read(trainingArtifacts(jobId).facesSummary)) {
        pieces.push(piece);
      }
    } catch (error) {
      if (isUnusable(error)) return undefined;
      throw error;
    }
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as KeptSummary;
  }

  private async take(jobId: string, order: SnapshotOrder): Promise<TrainingDataSummary> {
    const { faces, artifacts, encode, keys } = this.parts;
    const { policy } = order;
    const counts = await faces.count(policy);
    requireEnoughData(counts, policy);
    const names = trainingArtifacts(jobId);
    const taken = new TakenFaces(order);
    const box = new SecretBox(oneKey(await keys.make(jobId)));
    const sealed = sealedBy(box, faces.read(policy.minimumFacesPerIdentity), keys);
    const content = encode(taken.through(sealed), () => taken.chooseHeldOut());
    const { sha256: digest } = await artifacts.write(names.faces, content);
    // Faces may have come and gone since they were counted.
    const summary = {
      counts: { ...counts, ...taken.counts },
      heldOutIdentities: taken.heldOutCount,
      heldOutBelow: taken.heldOutBelow,
      digest,
    };
    requireEnoughData(summary.counts, policy);
    await artifacts.write(names.facesSummary, textOf({ summary, faceIds: taken.faceIds }));
    return summary;
  }
}

/** The faces with their crops sealed by the training's key; one that does not open stays as it is, and is told of there. */
async function* sealedBy(
  box: SecretBox,
  faces: AsyncIterable<TrainableFace>,
  keys: Pick<TrainingKeys, 'toOpen'>,
): AsyncGenerator<TrainableFace> {
  for await (const face of faces) {
    const opener = await keys.toOpen([face.sealedCrop]);
    yield { ...face, sealedCrop: resealedCrop(opener, box, face) };
  }
}

function resealedCrop(opener: SecretBox, box: SecretBox, { faceId, sealedCrop }: TrainableFace): Uint8Array {
  try {
    return sealCrop(box, faceId, openCrop(opener, faceId, sealedCrop));
  } catch (error) {
    if (error instanceof DecryptionError) return sealedCrop;
    throw error;
  }
}

/** What was seen of the faces on their way into a snapshot. */
class TakenFaces {
  readonly faceIds: string[] = [];
  heldOutCount = 0;
  heldOutBelow = 0;
  private readonly identities = new Map<string, TrainableIdentity>();
  private frontalFaces = 0;

  constructor(private readonly order: SnapshotOrder) {}

  get counts() {
    const { faceIds, identities, frontalFaces } = this;
    return { identities: identities.size, faces: faceIds.length, frontalFaces };
  }

  async *through(faces: AsyncIterable<TrainableFace>): AsyncGenerator<TrainableFace> {
    for await (const face of faces) {
      this.faceIds.push(face.faceId);
      const { identity, collection } = face;
      const faceCount = 1 + (this.identities.get(identity)?.faceCount ?? 0);
      this.identities.set(identity, { identity, collection, faceCount });
      if (isSymmetric(face.rho, this.order.policy.tau)) this.frontalFaces++;
      yield face;
    }
  }

  chooseHeldOut(): ReadonlySet<string> {
    const { policy, falseMatchRate, parentBelow } = this.order;
    const { chosen, below } = heldOutOf(
      [...this.identities.values()],
      { fraction: policy.holdOutFraction, falseMatchRate },
      parentBelow,
    );
    this.heldOutCount = chosen.size;
    this.heldOutBelow = below;
    return chosen;
  }
}

function isUnusable(error: unknown): boolean {
  return (
    error instanceof Failure && (error.reason === 'ARTIFACT_NOT_FOUND' || error.reason === 'ARTIFACT_DAMAGED')
  );
}

async function* textOf(value: KeptSummary): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(JSON.stringify(value)));
}
