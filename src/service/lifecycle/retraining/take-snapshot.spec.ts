import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Artifact, artifactNotFound } from '../../../storage/artifacts/artifact.js';
import { arcFaceTemplate } from '../../../core/faces/alignment-template.js';
import { retrainingPolicy } from './retraining-policy.js';
import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import type { TrainableFace } from '../../../training/enrolled-faces/trainable-face.js';
import type { TrainableFaceStore } from './trainable-face.store.js';
import { openCrop, sealCrop } from '../../../storage/encryption/sealed-records.js';
import { DecryptionError, oneKey, SecretBox } from '../../../storage/encryption/secret-box.js';
import type { HeldOutSelector } from '../../../training/enrolled-faces/snapshot-encoder.js';
import type { TrainableIdentity } from './held-out-share.js';
import { TakeSnapshot } from './take-snapshot.js';
import type { TrainingKeys } from './training-keys.js';

const job = '0b6e7f1c-8f0e-4d62-9d3c-0d1d3c8f6a10';
const order = {
  policy: retrainingPolicy({ minimumIdentities: 4 }),
  falseMatchRate: 1e-3,
  parentBelow: 1,
};

class ArtifactsInMemory implements ArtifactStore {
  readonly contents = new Map<string, Buffer>();

  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<Artifact> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    this.contents.set(name, Buffer.concat(pieces));
    return this.artifact(name);
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    const content = this.contents.get(name);
    if (content === undefined) throw artifactNotFound(name);
    yield await Promise.resolve(content);
  }

  async list(prefix: string): Promise<readonly Artifact[]> {
    const names = [...this.contents.keys()].filter((name) => name.startsWith(prefix));
    return Promise.resolve(names.map((name) => this.artifact(name)));
  }

  async remove(name: string): Promise<void> {
    this.contents.delete(name);
    return Promise.resolve();
  }

  private artifact(name: string): Artifact {
    const content = this.contents.get(name) ?? Buffer.alloc(0);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { name, sizeBytes: content.length, sha256, createTime: new Date() };
  }
}

const enrolled = new SecretBox(oneKey(new Uint8Array(32).fill(3)));

class KeysInMemory implements Pick<TrainingKeys, keyof TrainingKeys> {
  readonly made = new Map<string, Uint8Array>();

  async make(jobId: string): Promise<Uint8Array> {
    const key = randomBytes(32);
    this.made.set(jobId, key);
    return Promise.resolve(key);
  }

  async find(jobId: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.made.get(jobId));
  }

  async toOpen(): Promise<SecretBox> {
    return Promise.resolve(enrolled);
  }
}

/** Two faces of each identity, one of them frontal. */
class FacesInMemory implements Pick<TrainableFaceStore, keyof TrainableFaceStore> {
  constructor(public enrolled: string[]) {}

  async count() {
    const identities = this.enrolled.length;
    const counts = { enrolledIdentities: 9, enrolledFaces: 18, consentingIdentities: identities };
    const faces = 2 * identities;
    return Promise.resolve({
      ...counts,
      consentingFaces: faces,
      identities,
      faces,
      frontalFaces: identities,
    });
  }

  async identities(): Promise<readonly TrainableIdentity[]> {
    return Promise.resolve(this.enrolled.map((identity) => ({ identity, collection: 'one', faceCount: 2 })));
  }

  async *read(): AsyncGenerator<TrainableFace> {
    for (const identity of this.enrolled) {
      for (const [index, rho] of [0.9, 0.1].entries()) {
        const { landmarks } = arcFaceTemplate;
        const faceId = `${identity}-${index}`;
        const sealedCrop = sealCrop(enrolled, faceId, Buffer.from(faceId));
        yield await Promise.resolve({ faceId, identity, collection: 'one', rho, landmarks, sealedCrop });
      }
    }
  }

  async countTrainable(faceIds: readonly string[]): Promise<number> {
    const isThere = (id: string): boolean => this.enrolled.some((identity) => id.startsWith(`${identity}-`));
    return Promise.resolve(faceIds.filter(isThere).length);
  }
}

async function* joined(faces: AsyncIterable<TrainableFace>, choose: (all: string[]) => ReadonlySet<string>) {
  const identities = new Set<string>();
  for await (const { identity, sealedCrop } of faces) {
    identities.add(identity);
    yield sealedCrop;
  }
  yield Buffer.from(`held out: ${choose([...identities]).size}`);
}

describe('TakeSnapshot', () => {
  const take = (identities: string[]) => {
    const artifacts = new ArtifactsInMemory();
    const faces = new FacesInMemory(identities);
    const keys = new KeysInMemory();
    return {
      artifacts,
      faces,
      keys,
      snapshots: new TakeSnapshot({ faces, artifacts, keys, encode: joined }),
    };
  };

  it('seals the faces by a key of the training alone', async () => {
    const sealed: TrainableFace[] = [];
    const artifacts = new ArtifactsInMemory();
    const parts = { faces: new FacesInMemory(['a', 'b', 'c', 'd']), artifacts, keys: new KeysInMemory() };
    const encode = async function* (faces: AsyncIterable<TrainableFace>, choose: HeldOutSelector) {
      const noted = async function* () {
        for await (const face of faces) {
          sealed.push(face);
          yield face;
        }
      };
      yield* joined(noted(), choose);
    };
    await new TakeSnapshot({ ...parts, encode }).forJob(job, order);
    const own = new SecretBox(oneKey((await parts.keys.find(job))!));
    for (const { faceId, sealedCrop } of sealed) {
      expect(Buffer.from(openCrop(own, faceId, sealedCrop)).toString()).toBe(faceId);
      expect(() => openCrop(enrolled, faceId, sealedCrop)).toThrow(DecryptionError);
    }
    expect(sealed).toHaveLength(8);
  });

  it('takes them anew where the key of a snapshot is not known, as of one of before there were any', async () => {
    const { keys, snapshots } = take(['a', 'b', 'c', 'd']);
    const { digest } = await snapshots.forJob(job, order);
    keys.made.clear();
    expect((await snapshots.forJob(job, order)).digest).not.toBe(digest);
  });

  it('takes the faces once for a job, counts what it took and gives its digest', async () => {
    const { artifacts, faces, snapshots } = take(['a', 'b', 'c', 'd']);
    const summary = await snapshots.forJob(job, order);
    expect(summary.counts).toMatchObject({ enrolledFaces: 18, identities: 4, faces: 8, frontalFaces: 4 });
    expect(summary.heldOutIdentities).toBe(2);
    const content = artifacts.contents.get(`training/${job}/faces`) ?? '';
    expect(summary.digest).toBe(createHash('sha256').update(content).digest('hex'));
    faces.enrolled.push('e');
    expect(await snapshots.forJob(job, order)).toEqual(summary);
  });

  it('takes them anew where one may no longer be used, and forgets what was learnt', async () => {
    const { artifacts, faces, snapshots } = take(['a', 'b', 'c', 'd', 'e']);
    const first = await snapshots.forJob(job, order);
    artifacts.contents.set(`training/${job}/run/checkpoints/step-000000001/state.safetensors`, Buffer.of(1));
    faces.enrolled.splice(2, 1);
    const second = await snapshots.forJob(job, order);
    expect(second.counts.faces).toBe(8);
    expect(second.digest).not.toBe(first.digest);
    expect([...artifacts.contents.keys()]).toEqual([`training/${job}/faces`, `training/${job}/faces.json`]);
  });

  it('holds out for a fine-tuned parent whoever was held out for it', async () => {
    const { snapshots } = take(['a', 'b', 'c', 'd', 'e', 'f']);
    const first = await snapshots.forJob(job, {
      ...order,
      policy: retrainingPolicy({ minimumIdentities: 4, holdOutFraction: 0.5 }),
    });
    expect(first.heldOutIdentities).toBe(3);
    const { snapshots: later } = take(['a', 'b', 'c', 'd', 'e', 'f']);
    const again = await later.forJob(job, { ...order, parentBelow: first.heldOutBelow });
    expect(again).toMatchObject({ heldOutIdentities: 3, heldOutBelow: first.heldOutBelow });
  });

  it('holds out as many more as thresholds at the rate need', async () => {
    const { snapshots } = take(Array.from({ length: 100 }, (_, index) => `i${index}`));
    // Of a fifth there are 760 pairs of strangers, and a rate of 0.03 needs 1,100.
    expect((await snapshots.forJob(job, { ...order, falseMatchRate: 0.03 })).heldOutIdentities).toBe(24);
    const stated = retrainingPolicy({ minimumIdentities: 4, holdOutFraction: 0.2 });
    const { snapshots: others } = take(Array.from({ length: 100 }, (_, index) => `i${index}`));
    expect(
      (await others.forJob(job, { ...order, policy: stated, falseMatchRate: 0.03 })).heldOutIdentities,
    ).toBe(20);
  });

  it('refuses where too many have gone since, and keeps nothing of them', async () => {
    const { artifacts, faces, snapshots } = take(['a', 'b', 'c', 'd']);
    await snapshots.forJob(job, order);
    faces.enrolled.pop();
    await expect(snapshots.forJob(job, order)).rejects.toMatchObject({
      reason: 'TRAINING_DATA_INSUFFICIENT',
    });
    expect(artifacts.contents.size).toBe(0);
  });
});
