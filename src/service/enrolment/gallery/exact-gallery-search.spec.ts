import { beforeEach, describe, expect, it } from 'vitest';
import type { CollectionState, GallerySource, SealedTemplate } from './gallery-source.js';
import { Failure } from '../../../core/failure.js';
import { ExactGallerySearch, type GalleryLimits } from './exact-gallery-search.js';
import type { GalleryReply, GalleryRequest } from './gallery-protocol.js';
import { FlatIndex, flatIndexBytes } from './flat-index.js';

const key = (collectionId: string) => ({ tenant: 't', collectionId });
const signal = new AbortController().signal;
const never = { maximumBytes: 1e9, templatesPerRead: 2, idleMs: 1e9 };
const blockBytes = flatIndexBytes(2 ** 14, 2);

/** Collections in memory; the "sealed" template is the angle of a two-dimensional embedding. */
class FakeSource implements GallerySource {
  readonly collections = new Map<
    string,
    { revision: number; added: SealedTemplate[]; deleted: { revision: number; faceId: string }[] }
  >();
  reads = 0;

  add(collectionId: string, faceId: string, subjectId: string, angle: number): void {
    const collection = this.collection(collectionId);
    const revision = String(++collection.revision);
    collection.added.push({ faceId, subjectId, revision, sealed: Buffer.from(String(angle)) });
  }

  delete(collectionId: string, faceId: string): void {
    const collection = this.collection(collectionId);
    collection.added = collection.added.filter((template) => template.faceId !== faceId);
    collection.deleted.push({ revision: ++collection.revision, faceId });
  }

  collection(id: string) {
    const collection = this.collections.get(id) ?? { revision: 0, added: [], deleted: [] };
    this.collections.set(id, collection);
    return collection;
  }

  /** Faces whose template is missing, by collection: of some it can be made, of the others not. */
  readonly lacking = new Map<string, { readonly toEmbed: number; readonly left: number }>();

  facesToEmbed: GallerySource['facesToEmbed'] = (uid) => Promise.resolve(this.lacking.get(uid)?.toEmbed ?? 0);

  state = ({ collectionId }: { readonly collectionId: string }): Promise<CollectionState> => {
    const { revision, added } = this.collection(collectionId);
    const { toEmbed = 0, left = 0 } = this.lacking.get(collectionId) ?? {};
    const faceCount = added.length + toEmbed + left;
    return Promise.resolve({ uid: collectionId, revision: String(revision), faceCount });
  };

  templates: GallerySource['templates'] = (uid, _model, after, upTo, limit) => {
    this.reads++;
    const isAfter = ({ revision, faceId }: SealedTemplate): boolean =>
      Number(revision) > Number(after.revision) || (revision === after.revision && faceId > after.faceId);
    const found = this.collection(uid).added.filter(
      (template) => isAfter(template) && Number(template.revision) <= Number(upTo),
    );
    return Promise.resolve(found.slice(0, limit));
  };

  deletedFaceIds: GallerySource['deletedFaceIds'] = (uid, after, upTo) =>
    Promise.resolve(
      this.collection(uid)
        .deleted.filter(({ revision }) => revision > Number(after) && revision <= Number(upTo))
        .map(({ faceId }) => faceId),
    );
}

/** What the thread does, in this one. */
class FakeThread {
  flatIndexes = new Map<string, FlatIndex>();
  dies = false;

  ask = (request: GalleryRequest): Promise<GalleryReply> => {
    if (this.dies) return Promise.reject(new Failure('WORKER_LOST', 'died'));
    const flatIndex = this.flatIndexes.get(request.flatIndex) ?? new FlatIndex(2);
    if (request.type === 'drop') this.flatIndexes.delete(request.flatIndex);
    else this.flatIndexes.set(request.flatIndex, flatIndex);
    const damagedFaceIds: string[] = [];
    if (request.type === 'change') {
      for (const { faceId, subjectId, sealed } of request.added) {
        const angle = Number(Buffer.from(sealed).toString());
        if (Number.isNaN(angle)) {
          flatIndex.remove(faceId);
          damagedFaceIds.push(faceId);
          continue;
        }
        flatIndex.put(faceId, subjectId, Float32Array.of(Math.cos(angle), Math.sin(angle)));
      }
      for (const faceId of request.deletedFaceIds) flatIndex.remove(faceId);
    }
    const candidates =
      request.type === 'search' ? flatIndex.search(request.probe, request.maximumCandidates) : [];
    return Promise.resolve({ candidates, size: flatIndex.size, bytes: flatIndex.bytes, damagedFaceIds });
  };
}

describe('ExactGallerySearch', () => {
  let source: FakeSource;
  let thread: FakeThread;
  let gallery: ExactGallerySearch;
  let damaged: string[];

  const start = (limits: GalleryLimits = never): void => {
    source = new FakeSource();
    thread = new FakeThread();
    damaged = [];
    gallery = new ExactGallerySearch(source, thread, limits, {
      onDamaged: (faceId, model) => damaged.push(`${faceId} ${model}`),
      onReading: () => undefined,
    });
  };
  const search = async (collectionId: string) =>
    gallery.search(
      {
        collection: key(collectionId),
        modelVersion: 'net-1',
        probe: Float32Array.of(1, 0),
        maximumCandidates: 10,
        method: 'exact',
      },
      signal,
    );
  const found = async (collectionId: string): Promise<string[]> =>
    (await search(collectionId)).candidates.map(({ faceId }) => faceId);

  beforeEach(() => {
    start();
  });

  it('sees what was added and deleted since the last search, and reads only that', async () => {
    for (const index of [1, 2, 3, 4, 5]) source.add('a', `f${index}`, `s${index}`, index / 10);
    expect(await found('a')).toEqual(['f1', 'f2', 'f3', 'f4', 'f5']);
    source.reads = 0;
    expect(await found('a')).toHaveLength(5);
    expect(source.reads).toBe(0);
    source.delete('a', 'f1');
    source.add('a', 'f6', 's6', 0.01);
    expect(await found('a')).toEqual(['f6', 'f2', 'f3', 'f4', 'f5']);
    expect(source.reads).toBe(1);
  });

  it('reads anew what is so far behind that deletions since then are forgotten', async () => {
    for (const index of [1, 2, 3]) source.add('a', `f${index}`, `s${index}`, index / 10);
    expect(await found('a')).toEqual(['f1', 'f2', 'f3']);
    source.delete('a', 'f1');
    const collection = source.collection('a');
    collection.revision += 100_000;
    source.add('a', 'f4', 's4', 0.4);
    collection.deleted = [];
    expect(await found('a')).toEqual(['f2', 'f3', 'f4']);
    expect(source.reads).toBe(4);
  });

  it('forgets what it had read when it was given up, where that is long ago', async () => {
    for (const index of [1, 2, 3]) source.add('a', `f${index}`, `s${index}`, index / 10);
    source.add('a', 'f0', 's0', Number.NaN);
    const read = source.deletedFaceIds;
    source.deletedFaceIds = () => Promise.reject(new Failure('DATABASE_UNAVAILABLE', 'gone'));
    await expect(search('a')).rejects.toMatchObject({ reason: 'DATABASE_UNAVAILABLE' });
    source.deletedFaceIds = read;
    const collection = source.collection('a');
    collection.added = collection.added.slice(1, 3);
    collection.revision += 100_000;
    expect(await search('a')).toMatchObject({ faceCount: 2, damagedFaceCount: 0 });
  });

  it('answers searches that come at once, and reads the collection once for all', async () => {
    for (const index of [1, 2, 3, 4]) source.add('a', `f${index}`, `s${index}`, index / 10);
    const answers = await Promise.all([found('a'), found('a'), found('a')]);
    expect(new Set(answers.map(String)).size).toBe(1);
    expect(source.reads).toBe(3);
  });

  it('says that faces are not embedded under the model', async () => {
    source.lacking.set('a', { toEmbed: 1, left: 0 });
    await expect(search('a')).rejects.toMatchObject({ reason: 'FACES_NOT_REEMBEDDED' });
  });

  it('passes over faces that were enrolled by an embedding of another model, and counts those that it compared', async () => {
    source.add('a', 'f1', 's1', 0);
    source.lacking.set('a', { toEmbed: 0, left: 2 });
    expect(await search('a')).toMatchObject({ candidates: [{ faceId: 'f1' }], faceCount: 1 });
    source.lacking.set('a', { toEmbed: 1, left: 2 });
    source.add('a', 'f2', 's1', 0);
    await expect(search('a')).rejects.toMatchObject({
      reason: 'FACES_NOT_REEMBEDDED',
      metadata: { face_count: '1' },
    });
  });

  it('leaves out what is damaged, counts it, tells of it, and takes it back once it is repaired', async () => {
    source.add('a', 'f1', 's1', 0.1);
    source.add('a', 'f2', 's2', Number.NaN);
    source.add('a', 'f3', 's3', 0.3);
    const answer = await search('a');
    expect(answer.candidates.map(({ faceId }) => faceId)).toEqual(['f1', 'f3']);
    expect(answer).toMatchObject({ faceCount: 2, damagedFaceCount: 1 });
    expect(damaged).toEqual(['f2 net-1']);
    source.collection('a').added = source.collection('a').added.filter(({ faceId }) => faceId !== 'f2');
    source.add('a', 'f2', 's2', 0.2);
    expect(await search('a')).toMatchObject({ faceCount: 3, damagedFaceCount: 0 });
    source.add('a', 'f4', 's4', Number.NaN);
    expect(await search('a')).toMatchObject({ faceCount: 3, damagedFaceCount: 1 });
    source.delete('a', 'f4');
    expect(await search('a')).toMatchObject({ faceCount: 3, damagedFaceCount: 0 });
  });

  it('drops the collection that was not used for longest, and reads it again when it is asked for', async () => {
    start({ ...never, maximumBytes: 2 * blockBytes });
    for (const id of ['a', 'b', 'c']) source.add(id, `${id}1`, 's', 0);
    for (const id of ['a', 'b', 'c']) expect(await found(id)).toEqual([`${id}1`]);
    expect([...thread.flatIndexes.keys()]).toEqual(['b net-1', 'c net-1']);
    expect(await found('a')).toEqual(['a1']);
    expect([...thread.flatIndexes.keys()]).toEqual(['c net-1', 'a net-1']);
  });

  it('refuses a collection that does not fit, and keeps nothing of it', async () => {
    start({ ...never, maximumBytes: blockBytes - 1 });
    source.add('a', 'f1', 's1', 0);
    await expect(search('a')).rejects.toMatchObject({ reason: 'GALLERY_TOO_LARGE' });
    expect(thread.flatIndexes.size).toBe(0);
  });

  it('drops what nobody searches', async () => {
    start({ ...never, idleMs: -1 });
    source.add('a', 'f1', 's1', 0);
    await search('a');
    await gallery.sweep();
    expect(thread.flatIndexes.size).toBe(0);
    expect(await found('a')).toEqual(['f1']);
  });

  it('fails the searches that its thread died with, and recovers', async () => {
    for (const index of [1, 2, 3]) source.add('a', `f${index}`, `s${index}`, index / 10);
    await search('a');
    source.add('a', 'f0', 's0', 0);
    thread.dies = true;
    await expect(search('a')).rejects.toMatchObject({ reason: 'WORKER_LOST' });
    thread.dies = false;
    thread.flatIndexes.clear();
    gallery.forget();
    expect(await found('a')).toEqual(['f0', 'f1', 'f2', 'f3']);
  });

  it('reads on after a search that was given up', async () => {
    for (const index of [1, 2, 3, 4, 5]) source.add('a', `f${index}`, `s${index}`, index / 10);
    const controller = new AbortController();
    const read = source.templates;
    source.templates = (...query) => {
      controller.abort(new Failure('CANCELLED', 'gone'));
      return read(...query);
    };
    const probe = Float32Array.of(1, 0);
    const query = {
      collection: key('a'),
      modelVersion: 'net-1',
      probe,
      maximumCandidates: 10,
      method: 'exact',
    } as const;
    await expect(gallery.search(query, controller.signal)).rejects.toMatchObject({ reason: 'CANCELLED' });
    source.templates = read;
    expect(await found('a')).toHaveLength(5);
  });
});
