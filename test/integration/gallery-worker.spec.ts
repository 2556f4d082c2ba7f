import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { sealTemplate } from '../../src/storage/encryption/sealed-records.js';
import { oneKey, SecretBox } from '../../src/storage/encryption/secret-box.js';
import { GalleryWorker } from '../../src/service/enrolment/gallery/gallery-worker.js';
import { cosineSimilarity } from '../../src/core/verification/similarity.js';
import { unitVector } from '../support/enrolments.js';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const encryptionKey = new Uint8Array(32).fill(7);
const box = new SecretBox(oneKey(encryptionKey));

describe('the gallery thread', () => {
  let worker: GalleryWorker;
  const lost: Error[] = [];

  afterEach(() => worker.close());

  function start(entryPoint: string, threadCount?: number): void {
    const keys = { toOpen: () => Promise.resolve(box) };
    worker = new GalleryWorker(keys, (error) => lost.push(error), file(entryPoint), threadCount);
  }

  const template = (faceId: string, subjectId: string, seed: number, modelVersion = 'net-1') => ({
    faceId,
    subjectId,
    revision: '1',
    sealed: sealTemplate(box, faceId, modelVersion, unitVector(seed)),
  });

  it('opens templates, scans them, and keeps collections apart', async () => {
    start('dist/service/enrolment/gallery/gallery-thread.js');
    const faceId = randomUUID();
    const change = { type: 'change', modelVersion: 'net-1', deletedFaceIds: [] } as const;
    await worker.ask({ ...change, flatIndex: 'a', added: [template(faceId, 'ada', 1)] });
    await worker.ask({ ...change, flatIndex: 'b', added: [template(randomUUID(), 'bob', 2)] });
    const search = {
      type: 'search',
      probe: unitVector(3),
      maximumCandidates: 5,
      exceptSubjectId: undefined,
    } as const;
    const { candidates, size } = await worker.ask({ ...search, flatIndex: 'a' });
    const similarity = cosineSimilarity(unitVector(3), unitVector(1));
    expect(candidates).toEqual([{ faceId, subjectId: 'ada', similarity }]);
    expect(size).toBe(1);
    await worker.ask({ type: 'drop', flatIndex: 'a' });
    expect((await worker.ask({ ...search, flatIndex: 'a' })).candidates).toEqual([]);
  });

  it('leaves out a template that was sealed for another place or is damaged, and takes the others', async () => {
    start('dist/service/enrolment/gallery/gallery-thread.js');
    const [moved, cut, whole] = [randomUUID(), randomUUID(), randomUUID()];
    const added = [
      template(moved, 'ada', 1),
      { ...template(cut, 'bob', 2, 'net-2'), sealed: new Uint8Array(5) },
      template(whole, 'eve', 3, 'net-2'),
    ];
    const change = { type: 'change', flatIndex: 'a', modelVersion: 'net-2', deletedFaceIds: [] } as const;
    const reply = await worker.ask({ ...change, added });
    expect(reply.size).toBe(1);
    // By the thread that has them.
    expect(reply.damagedFaceIds.toSorted()).toEqual([moved, cut].toSorted());
    // Damaged later, after it was read: what is in memory of it goes, too.
    const later = await worker.ask({ ...change, added: [{ ...template(whole, 'eve', 3), revision: '2' }] });
    expect(later).toMatchObject({ size: 0, damagedFaceIds: [whole] });
  });

  it('keeps hold of the memory that a first change took before it failed', async () => {
    start('dist/service/enrolment/gallery/gallery-thread.js', 1);
    const longer = randomUUID();
    const added = [
      template(randomUUID(), 'ada', 1),
      { ...template(longer, 'bob', 2), sealed: sealTemplate(box, longer, 'net-1', new Float32Array(1_024)) },
    ];
    const change = { type: 'change', flatIndex: 'a', modelVersion: 'net-1', deletedFaceIds: [] } as const;
    await expect(worker.ask({ ...change, added })).rejects.toThrow(/a template of 1024 numbers/u);
    expect((await worker.ask({ ...change, added: [] })).bytes).toBeGreaterThan(0);
    await worker.ask({ type: 'drop', flatIndex: 'a' });
    expect((await worker.ask({ ...change, added: [] })).bytes).toBe(0);
  });

  it('fails what was asked when it ends, says so, and is started anew', async () => {
    start('test/support/dying-thread.mjs');
    for (let count = 1; count <= 2; count++) {
      await expect(worker.ask({ type: 'drop', flatIndex: 'a' })).rejects.toMatchObject({
        reason: 'WORKER_LOST',
      });
      expect(lost).toHaveLength(count);
    }
  });
});
