import { Failure } from '../../../core/failure.js';
import { type DotProducts, dotProductsIn } from './dot-product-kernel.js';

const pageBytes = 65_536;
/** Where the probe and the answers of one block lie; blocks follow. */
const probeAt = 0;
const answersAt = pageBytes;
const blocksAt = 2 * pageBytes;
/** All that WebAssembly can address. */
const maximumPages = 65_536;

/** The bytes of a block: the rows that are scanned by one call. */
export const blockBytes = 4 * pageBytes;

/**
 * The memory in which a thread's rows lie, those of all its indexes: blocks, each at the byte that it is known by. A memory
 * never shrinks, so that blocks that are given back are zeroed and used again, and one that has none in use is let go.
 */
export class ScanMemory {
  private memory = newMemory();
  private dots: DotProducts = dotProductsIn(this.memory);
  private readonly free: number[] = [];
  private blocksInUse = 0;

  /** @returns a block of zeros @throws Failure GALLERY_TOO_LARGE where all that can be addressed is in use */
  allocate(): number {
    const place = this.free.pop() ?? this.grow();
    this.blocksInUse++;
    return place;
  }

  release(block: number): void {
    this.blocksInUse--;
    if (this.blocksInUse > 0) {
      new Uint8Array(this.memory.buffer, block, blockBytes).fill(0);
      this.free.push(block);
      return;
    }
    this.memory = newMemory();
    this.dots = dotProductsIn(this.memory);
    this.free.length = 0;
  }

  /** Bytes of a block, until the next {@link allocate}. */
  numbers(block: number, offset: number, length: number): Int8Array {
    return new Int8Array(this.memory.buffer, block + offset, length);
  }

  /** Where the probe is written, `length` numbers of it. */
  probe(length: number): Int16Array {
    return new Int16Array(this.memory.buffer, probeAt, length);
  }

  /** Σ of each row's products with the probe, until the next call. @returns [rowCount] */
  scan(block: number, rowCount: number, stride: number): Int32Array {
    this.dots(block, rowCount, stride, probeAt, answersAt);
    return new Int32Array(this.memory.buffer, answersAt, rowCount);
  }

  private grow(): number {
    try {
      return this.memory.grow(blockBytes / pageBytes) * pageBytes;
    } catch (cause) {
      const message =
        'The collections do not fit into what one process can search exactly. Search this one approximately.';
      throw new Failure('GALLERY_TOO_LARGE', message, {}, [], { cause });
    }
  }
}

function newMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: blocksAt / pageBytes, maximum: maximumPages });
}
