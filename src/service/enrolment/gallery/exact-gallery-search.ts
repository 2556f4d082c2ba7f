import type { GalleryQuery, GalleryResult, GallerySearch } from './gallery-search.js';
import type { CollectionState, GallerySource } from './gallery-source.js';
import { facesNotReembedded } from '../faces-not-reembedded.js';
import { Failure } from '../../../core/failure.js';
import type { GalleryWorker } from './gallery-worker.js';
import { canCatchUp } from './remembered-deletions.js';

export interface GalleryLimits {
  /** How many bytes the templates in memory may take, for all collections together. */
  readonly maximumBytes: number;
  /** How many templates are read from the database in one go; an embedded one holds up the gateway meanwhile. */
  readonly templatesPerRead: number;
  /** How long a collection that nobody searches stays in memory, so that what was deleted does not stay there. */
  readonly idleMs: number;
}

/** Is told of the templates that are read. */
export interface GalleryObserver {
  /** A template cannot be opened. */
  onDamaged(faceId: string, modelVersion: string): void;
  /** How far the reading of a collection is that takes long. */
  onReading(progress: {
    readonly collectionUid: string;
    readonly readFaceCount: number;
    readonly faceCount: number;
  }): void;
}

/** What is known here of an index in the threads. */
interface FlatIndexState {
  /** The collection's revision up to which the index has its changes. */
  revision: string;
  /** The revision at which the only faces without a template were those that can have none; undefined until it was asked. */
  completeAt: string | undefined;
  size: number;
  /** The faces that are left out since their templates cannot be opened. */
  readonly damaged: Set<string>;
  bytes: number;
  /** The last refresh or search; the next one waits for it. */
  turn: Promise<unknown>;
  /** Searches that have begun and not ended. */
  searches: number;
  usedAtMs: number;
  /** When it was last told how far its reading is. */
  toldAtMs: number;
}

const tellEveryMs = 5_000;
const beforeAll = { revision: '0', faceId: '00000000-0000-0000-0000-000000000000' };

/**
 * Compares the probe with every template of a collection. Templates are kept in memory, decrypted, in threads; before
 * each search the changes since the last one are read, so that what was acknowledged is seen, on every replica.
 */
export class ExactGallerySearch implements GallerySearch {
  /** What is in memory, in order of use, the least recent first. */
  private readonly flatIndexes = new Map<string, FlatIndexState>();

  constructor(
    private readonly source: GallerySource,
    private readonly worker: Pick<GalleryWorker, 'ask'>,
    private readonly limits: GalleryLimits,
    private readonly observer: GalleryObserver,
  ) {}

  async search(query: GalleryQuery, signal: AbortSignal): Promise<GalleryResult> {
    signal.throwIfAborted();
    const { uid } = await this.source.state(query.collection);
    const name = `${uid} ${query.modelVersion}`;
    const flatIndex = this.use(name);
    flatIndex.searches++;
    const turn = flatIndex.turn
      .then(async () => this.searchFlatIndex(name, flatIndex, query, signal))
      .finally(() => {
        flatIndex.searches--;
        flatIndex.usedAtMs = performance.now();
      });
    flatIndex.turn = turn.catch(() => undefined);
    return turn;
  }

  /** Drops the collections that were not searched for a while. */
  async sweep(): Promise<void> {
    const idle = [...this.flatIndexes].filter(
      ([, { searches, usedAtMs }]) => searches === 0 && performance.now() - usedAtMs > this.limits.idleMs,
    );
    for (const [name] of idle) await this.drop(name);
  }

  /** Forgets all that is in memory since the thread has died: everything is read again. */
  forget(): void {
    this.flatIndexes.clear();
  }

  private use(name: string): FlatIndexState {
    const known = this.flatIndexes.get(name);
    const flatIndex = known ?? newFlatIndex();
    this.flatIndexes.delete(name);
    this.flatIndexes.set(name, flatIndex);
    return flatIndex;
  }

  private async searchFlatIndex(
    name: string,
    flatIndex: FlatIndexState,
    query: GalleryQuery,
    signal: AbortSignal,
  ): Promise<GalleryResult> {
    signal.throwIfAborted();
    // Forgotten or evicted while this search waited: what the thread holds under the name is another flatIndex's.
    if (this.flatIndexes.get(name) !== flatIndex) return this.search(query, signal);
    const state = await this.source.state(query.collection);
    if (!name.startsWith(`${state.uid} `)) return this.search(query, signal);
    await this.refresh(name, flatIndex, state, query.modelVersion, signal);
    await this.requireComplete(flatIndex, state, query.modelVersion);
    const { probe, maximumCandidates, exceptSubjectId } = query;
    this.requireKept(name, flatIndex);
    const { candidates } = await this.worker.ask({
      type: 'search',
      flatIndex: name,
      probe,
      maximumCandidates,
      exceptSubjectId,
    });
    const { size: faceCount, damaged } = flatIndex;
    return { candidates, faceCount, damagedFaceCount: damaged.size, revision: state.revision };
  }

  /**
   * Faces that were enrolled by an embedding of another version are passed over; others must have their template.
   * @throws Failure FACES_NOT_REEMBEDDED
   */
  private async requireComplete(
    flatIndex: FlatIndexState,
    { uid, faceCount, revision }: CollectionState,
    modelVersion: string,
  ): Promise<void> {
    if (flatIndex.size + flatIndex.damaged.size >= faceCount || flatIndex.completeAt === revision) return;
    const missing = await this.source.facesToEmbed(uid, modelVersion);
    if (missing > 0) throw facesNotReembedded(modelVersion, missing);
    flatIndex.completeAt = revision;
  }

  /** Reads what has changed since the flatIndex's revision. */
  private async refresh(
    name: string,
    flatIndex: FlatIndexState,
    { uid, revision, faceCount }: CollectionState,
    modelVersion: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (flatIndex.revision === revision) return;
    if (!canCatchUp(flatIndex.revision, revision)) await this.beginAnew(name, flatIndex);
    const { templatesPerRead } = this.limits;
    let after = { revision: flatIndex.revision, faceId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
    if (flatIndex.revision === '0') after = beforeAll;
    const read = async (): ReturnType<GallerySource['templates']> =>
      this.source.templates(uid, modelVersion, after, revision, templatesPerRead);
    for (let reading = read(); ;) {
      signal.throwIfAborted();
      const added = await reading;
      const last = added.at(-1);
      if (last === undefined) break;
      after = { revision: last.revision, faceId: last.faceId };
      // The next ones are read while the threads open these.
      if (added.length === templatesPerRead) reading = read();
      reading.catch(() => undefined);
      await this.change(name, flatIndex, { modelVersion, added, deletedFaceIds: [] });
      this.tell(flatIndex, uid, faceCount);
      if (added.length < templatesPerRead) break;
    }
    const deletedFaceIds = await this.source.deletedFaceIds(uid, flatIndex.revision, revision);
    if (deletedFaceIds.length > 0)
      await this.change(name, flatIndex, { modelVersion, added: [], deletedFaceIds });
    flatIndex.revision = revision;
  }

  /** Forgets an index that may have faces which nobody remembers to have been deleted, one that was read in part among them. */
  private async beginAnew(name: string, flatIndex: FlatIndexState): Promise<void> {
    this.requireKept(name, flatIndex);
    await this.worker.ask({ type: 'drop', flatIndex: name });
    flatIndex.revision = '0';
    flatIndex.size = 0;
    flatIndex.bytes = 0;
    flatIndex.damaged.clear();
  }

  /** Tells now and then how far the reading of a large collection is. */
  private tell(flatIndex: FlatIndexState, collectionUid: string, faceCount: number): void {
    const nowMs = performance.now();
    if (nowMs - flatIndex.toldAtMs < tellEveryMs) return;
    flatIndex.toldAtMs = nowMs;
    this.observer.onReading({ collectionUid, readFaceCount: flatIndex.size, faceCount });
  }

  private async change(
    name: string,
    flatIndex: FlatIndexState,
    change: {
      readonly modelVersion: string;
      readonly added: Awaited<ReturnType<GallerySource['templates']>>;
      readonly deletedFaceIds: readonly string[];
    },
  ): Promise<void> {
    this.requireKept(name, flatIndex);
    const { size, bytes, damagedFaceIds } = await this.worker.ask({
      type: 'change',
      flatIndex: name,
      ...change,
    });
    flatIndex.size = size;
    for (const { faceId } of change.added) flatIndex.damaged.delete(faceId);
    for (const faceId of change.deletedFaceIds) flatIndex.damaged.delete(faceId);
    for (const faceId of damagedFaceIds) {
      flatIndex.damaged.add(faceId);
      this.observer.onDamaged(faceId, change.modelVersion);
    }
    flatIndex.bytes = bytes;
    await this.makeRoom(name, flatIndex);
  }

  /** Fails where the thread has died between two requests of a search: the new thread knows nothing of the first. */
  private requireKept(name: string, flatIndex: FlatIndexState): void {
    if (this.flatIndexes.get(name) === flatIndex) return;
    throw new Failure('WORKER_LOST', 'The search ended unexpectedly. Try again.');
  }

  /** Drops the flatIndexes that were not used for longest. @throws Failure GALLERY_TOO_LARGE where this one alone is */
  private async makeRoom(name: string, flatIndex: FlatIndexState): Promise<void> {
    for (const [other, { searches }] of [...this.flatIndexes]) {
      if (this.totalBytes() <= this.limits.maximumBytes) return;
      if (other !== name && searches === 0) await this.drop(other);
    }
    if (flatIndex.bytes <= this.limits.maximumBytes) return;
    await this.drop(name);
    throw new Failure(
      'GALLERY_TOO_LARGE',
      'The collection does not fit into the memory for exact search. Give it more (SYMFACE_GALLERY_MEMORY_MIB), or ' +
        'give it an index (IndexCollection, "symface collections index") and search it approximately.',
      { maximum_bytes: String(this.limits.maximumBytes) },
    );
  }

  private async drop(name: string): Promise<void> {
    this.flatIndexes.delete(name);
    await this.worker.ask({ type: 'drop', flatIndex: name });
  }

  private totalBytes(): number {
    return [...this.flatIndexes.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

function newFlatIndex(): FlatIndexState {
  return {
    revision: '0',
    completeAt: undefined,
    size: 0,
    damaged: new Set(),
    bytes: 0,
    turn: Promise.resolve(),
    searches: 0,
    usedAtMs: performance.now(),
    toldAtMs: performance.now(),
  };
}
