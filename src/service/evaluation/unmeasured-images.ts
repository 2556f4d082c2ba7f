import { createHash } from 'node:crypto';
import type { VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import type { MeasuredModels } from '../../core/protocols/measured-models.js';
import type { MeasuredImage } from '../../core/protocols/measured-image.js';
import type { BenchmarkStore, ImageIdentity } from './benchmark.store.js';

/** An image of a data set, read. */
interface ReadImage {
  readonly index: number;
  readonly image: ImageIdentity;
  readonly encoded: Uint8Array;
}

/** Images that are looked up together: a query for each costs a tenth of embedding it. */
const blockImages = 16;
/** A block of large photographs ends here; two blocks are in memory. */
const blockBytes = 32 * 2 ** 20;

/** What is measured, with what, and where it is kept. */
interface Measuring {
  readonly dataset: VerificationDataset;
  readonly models: MeasuredModels;
  readonly store: Pick<BenchmarkStore, 'findMeasurements'>;
  readonly signal: AbortSignal;
}

/**
 * Reads the images of a data set, once each, and gives those that were not measured before with these models. The next
 * ones are read while these are worked on.
 * @param digests receives the SHA-256 of each image's bytes
 * @param onKnown called with what was measured before
 */
export async function* unmeasuredImages(
  { dataset, models, store, signal }: Measuring,
  digests: Uint8Array[],
  onKnown: (index: number, measured: MeasuredImage | 'faceless') => void,
): AsyncGenerator<ReadImage> {
  const indices = dataset.images.keys();
  const lookedUp = async (): Promise<readonly (ReadImage & { readonly known: Known })[]> => {
    signal.throwIfAborted();
    const block = await readBlock(dataset, indices);
    if (block.length === 0) return [];
    const images = block.map(({ image }) => image);
    const known = await store.findMeasurements(images, models);
    return block.map((read, position) => ({ ...read, known: known[position] }));
  };
  let ahead = lookedUp();
  for (let block = await ahead; block.length > 0; block = await ahead) {
    ahead = lookedUp();
    // Who waits for that block is told; it may be that nobody does.
    ahead.catch(() => undefined);
    for (const { known, ...read } of block) {
      digests[read.index] = read.image.digest;
      if (known === undefined) yield read;
      else onKnown(read.index, known);
    }
  }
}

type Known = MeasuredImage | 'faceless' | undefined;

async function readBlock(
  dataset: VerificationDataset,
  indices: IterableIterator<number>,
): Promise<readonly ReadImage[]> {
  const block: ReadImage[] = [];
  let bytes = 0;
  while (block.length < blockImages && bytes < blockBytes) {
    const next = indices.next();
    if (next.done === true) break;
    const encoded = await dataset.read(next.value);
    bytes += encoded.length;
    const digest = createHash('sha256').update(encoded).digest();
    block.push({ index: next.value, image: { digest, kind: dataset.kind }, encoded });
  }
  return block;
}
