import { l2Norm } from '../../../core/verification/similarity.js';
import { BestSubjects } from './best-subjects.js';
import { numbersAtOnce } from './dot-product-kernel.js';
import type { GalleryCandidate } from './gallery-search.js';
import { quantise } from './quantised.js';
import { blockBytes, ScanMemory } from './scan-memory.js';

const rowLevels = 127;
const probeLevels = 32_767;
const largestSum = 2 ** 31 - 1;
/** More than doubles can be off in a sum of products of unit vectors. */
const rounding = 1e-9;
/** What ids, their map and the numbers beside a template take, measured at a million faces. */
const bytesBesideTemplate = 250;

/** Rows that lie together, each template as it is and as whole numbers. */
interface Block {
  /** Where the whole numbers are. */
  readonly place: number;
  readonly templates: Float32Array;
  readonly norms: Float64Array;
  readonly scales: Float32Array;
  readonly errors: Float32Array;
}

/** What an exact index of so many faces takes in memory, in bytes; it grows by blocks, so it may be a little more. */
export function flatIndexBytes(faceCount: number, dimension: number): number {
  const bytesPerFace = strideOf(dimension) + dimension * Float32Array.BYTES_PER_ELEMENT + bytesBesideTemplate;
  return faceCount * bytesPerFace;
}

/**
 * The templates of one collection under one model version, in memory for scanning: blocks of rows, so that growing
 * copies nothing, and rows without holes, so that a scan reads memory in order.
 *
 * A scan multiplies whole numbers of one byte, and only where their product and its error leave open whether a face is
 * among the best it compares the template itself. So it answers what comparing every template would, to the last bit.
 */
export class FlatIndex {
  private readonly blocks: Block[] = [];
  private readonly faceIds: string[] = [];
  private readonly subjectIds: string[] = [];
  private readonly rowOfFace = new Map<string, number>();
  private readonly stride: number;
  private readonly rowsPerBlock: number;

  constructor(
    readonly dimension: number,
    private readonly memory = new ScanMemory(),
  ) {
    this.stride = strideOf(dimension);
    this.rowsPerBlock = Math.floor(blockBytes / this.stride);
    if (this.rowsPerBlock < 1) throw new RangeError(`templates of ${dimension} numbers are too long`);
  }

  get size(): number {
    return this.faceIds.length;
  }

  /** How many bytes all of it takes. */
  get bytes(): number {
    return flatIndexBytes(this.blocks.length * this.rowsPerBlock, this.dimension);
  }

  /** Adds a face, or replaces its template. @throws RangeError where the dimension differs; Failure GALLERY_TOO_LARGE */
  put(faceId: string, subjectId: string, embedding: Float32Array): void {
    if (embedding.length !== this.dimension) {
      throw new RangeError(`a template of ${embedding.length} numbers in an index of ${this.dimension}`);
    }
    const row = this.rowOfFace.get(faceId) ?? this.size;
    if (row === this.blocks.length * this.rowsPerBlock) this.blocks.push(this.newBlock());
    this.write(row, embedding);
    this.name(row, faceId, subjectId);
  }

  /** Removes a face; the last row moves into its gap. */
  remove(faceId: string): void {
    const row = this.rowOfFace.get(faceId);
    if (row === undefined) return;
    const last = this.size - 1;
    this.write(row, this.template(last));
    this.name(row, this.faceIds[last] ?? '', this.subjectIds[last] ?? '');
    this.rowOfFace.delete(faceId);
    this.faceIds.pop();
    this.subjectIds.pop();
    // The bytes of whoever was deleted do not stay.
    this.template(last).fill(0);
    this.numbers(last).fill(0);
    if (last > (this.blocks.length - 1) * this.rowsPerBlock) return;
    this.memory.release(this.blockOf(last).place);
    this.blocks.pop();
  }

  /** Gives all its memory back: it must not be used any more. */
  clear(): void {
    for (const { place } of this.blocks.splice(0)) this.memory.release(place);
  }

  /**
   * Compares the probe with every template.
   * @param probe [dimension]
   * @returns at most `maximumCandidates` subjects, each by its most similar face; most similar first, then by face
   */
  search(
    probe: Float32Array,
    maximumCandidates: number,
    exceptSubjectId?: string,
  ): readonly GalleryCandidate[] {
    const best = new BestSubjects(maximumCandidates);
    const numbers = this.memory.probe(this.stride).fill(0);
    const levels = Math.min(probeLevels, Math.floor(largestSum / (rowLevels * this.stride)));
    const { scale, error } = quantise(probe, levels, numbers);
    // p·t = p̂·t̂ + p̂·(t - t̂) + (p - p̂)·t for unit vectors p, t and what the whole numbers say of them, p̂, t̂; the last two are at
    // most |p̂| |t - t̂| and |p - p̂| by Cauchy and Schwarz.
    const [errorFactor, probeError] = [1 + error, error + rounding];
    const probeNorm = l2Norm(probe);
    for (const [index, block] of this.blocks.entries()) {
      const firstRow = index * this.rowsPerBlock;
      const rowCount = Math.min(this.rowsPerBlock, this.size - firstRow);
      const sums = this.memory.scan(block.place, rowCount, this.stride);
      let { worst } = best;
      for (let row = 0; row < rowCount; row++) {
        const atMost =
          (sums[row] ?? 0) * (block.scales[row] ?? 0) * scale +
          (block.errors[row] ?? 0) * errorFactor +
          probeError;
        if (atMost < worst) continue;
        const subjectId = this.subjectIds[firstRow + row] ?? '';
        if (subjectId === exceptSubjectId) continue;
        const similarity = similarityTo(block, row, probe, probeNorm);
        if (!(similarity >= worst)) continue;
        best.offer({ faceId: this.faceIds[firstRow + row] ?? '', subjectId, similarity });
        ({ worst } = best);
      }
    }
    return best.candidates;
  }

  private newBlock(): Block {
    const rows = this.rowsPerBlock;
    return {
      place: this.memory.allocate(),
      templates: new Float32Array(rows * this.dimension),
      norms: new Float64Array(rows),
      scales: new Float32Array(rows),
      errors: new Float32Array(rows),
    };
  }

  private write(row: number, embedding: Float32Array): void {
    const block = this.blockOf(row);
    const inBlock = row % this.rowsPerBlock;
    const { scale, error } = quantise(embedding, rowLevels, this.numbers(row));
    block.scales[inBlock] = scale;
    block.errors[inBlock] = error;
    block.norms[inBlock] = l2Norm(embedding);
    this.template(row).set(embedding);
  }

  private name(row: number, faceId: string, subjectId: string): void {
    this.faceIds[row] = faceId;
    this.subjectIds[row] = subjectId;
    this.rowOfFace.set(faceId, row);
  }

  private template(row: number): Float32Array {
    const start = (row % this.rowsPerBlock) * this.dimension;
    return this.blockOf(row).templates.subarray(start, start + this.dimension);
  }

  private numbers(row: number): Int8Array {
    return this.memory.numbers(
      this.blockOf(row).place,
      (row % this.rowsPerBlock) * this.stride,
      this.dimension,
    );
  }

  private blockOf(row: number): Block {
    const block = this.blocks[Math.floor(row / this.rowsPerBlock)];
    if (block === undefined) throw new RangeError(`row ${row} is beyond the index`);
    return block;
  }
}

/** The very arithmetic of cosineSimilarity(), so that a search and a verification agree to the last bit. */
function similarityTo(
  { templates, norms }: Block,
  row: number,
  probe: Float32Array,
  probeNorm: number,
): number {
  const start = row * probe.length;
  let dot = 0;
  for (let index = 0; index < probe.length; index++) {
    dot += (probe[index] ?? 0) * (templates[start + index] ?? 0);
  }
  return Math.min(Math.max(dot / (probeNorm * (norms[row] ?? 0)), -1), 1);
}

/** The bytes of a row of whole numbers. */
function strideOf(dimension: number): number {
  return Math.ceil(dimension / numbersAtOnce) * numbersAtOnce;
}
