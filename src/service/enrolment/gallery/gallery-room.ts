import type { CollectionKey } from '../../platform/resource-names.js';
import type { Collection } from '../collection.js';
import { flatIndexBytes } from './flat-index.js';

/** From this part of the memory on, whoever runs the service is told. */
const nearlyFullShare = 0.8;
/** How many collections are remembered, so that each is told of once. */
const maximumTold = 1_000;

/** A collection with an index takes nothing of that memory. */
type CollectionSize = Pick<Collection, 'faceCount' | 'searchable'>;

/** What collections take of the memory for exact search, before they are searched. */
export class GalleryRoom {
  private readonly told = new Set<string>();

  /**
   * @param maximumBytes for all collections together
   * @param dimension of the embeddings that serve; undefined where none do
   * @param onNearlyFull told once of each collection that {@link isNearlyFull}
   */
  constructor(
    private readonly maximumBytes: number,
    private readonly dimension: () => number | undefined,
    private readonly onNearlyFull: (collection: CollectionKey, share: number) => void,
  ) {}

  /** The part that so many faces take: above 1 they cannot be searched exactly. 0 where no model serves. */
  shareOf(faceCount: number): number {
    const dimension = this.dimension();
    return dimension === undefined ? 0 : flatIndexBytes(faceCount, dimension) / this.maximumBytes;
  }

  /** Whether something is to be done, so that a collection of so many faces can still be searched when it has grown. */
  isNearlyFull({ faceCount, searchable }: CollectionSize): boolean {
    return !searchable && this.shareOf(faceCount) >= nearlyFullShare;
  }

  /** As {@link shareOf}, of a collection that grows. */
  shareOfGrowing(key: CollectionKey, size: CollectionSize): number {
    const share = this.shareOf(size.faceCount);
    const name = `${key.tenant} ${key.collectionId}`;
    if (!this.isNearlyFull(size) || this.told.has(name)) return share;
    if (this.told.size >= maximumTold) this.told.clear();
    this.told.add(name);
    this.onNearlyFull(key, share);
    return share;
  }
}
