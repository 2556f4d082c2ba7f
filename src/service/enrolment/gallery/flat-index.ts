import { l2Norm } from '../../../core/verification/similarity.js';

/** A row of a flat index, by its face. */
interface IndexedFace {
  readonly faceId: string;
  readonly subjectId: string;
}

export interface FlatIndexCandidate extends IndexedFace {
  readonly similarity: number;
}

const rowsPerBlock = 4096;

/**
 * The templates of one collection under one model version, in memory for scanning: blocks of rows, so that growing
 * copies nothing, and rows without holes, so that a scan reads memory in order.
 */
export class FlatIndex {
  private readonly blocks: Float32Array[] = [];
  private readonly norms: number[] = [];
  private readonly indexedFaces: IndexedFace[] = [];
  private readonly rowOfFace = new Map<string, number>();

  constructor(readonly dimension: number) {}

  get size(): number {
    return this.indexedFaces.length;
  }

  /** How many bytes the templates themselves take. */
  get bytes(): number {
    return this.blocks.length * rowsPerBlock * this.dimension * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Adds a face, or replaces its template. @throws RangeError where the dimension differs */
  put(faceId: string, subjectId: string, embedding: Float32Array): void {
    if (embedding.length !== this.dimension) {
      throw new RangeError(`a template of ${embedding.length} numbers in an index of ${this.dimension}`);
    }
    const row = this.rowOfFace.get(faceId) ?? this.size;
    if (row === this.blocks.length * rowsPerBlock) {
      this.blocks.push(new Float32Array(rowsPerBlock * this.dimension));
    }
    this.write(row, embedding, l2Norm(embedding), { faceId, subjectId });
  }

  /** Removes a face; the last row moves into its gap. */
  remove(faceId: string): void {
    const row = this.rowOfFace.get(faceId);
    if (row === undefined) return;
    const last = this.size - 1;
    const indexedFace = this.indexedFaces[last];
    if (indexedFace !== undefined) this.write(row, this.template(last), this.norms[last] ?? 0, indexedFace);
    this.rowOfFace.delete(faceId);
    this.indexedFaces.pop();
    this.norms.pop();
    // The bytes of whoever was deleted do not stay.
    this.template(last).fill(0);
    if (last === (this.blocks.length - 1) * rowsPerBlock) this.blocks.pop();
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
  ): readonly FlatIndexCandidate[] {
    const best = new BestSubjects(maximumCandidates);
    const probeNorm = l2Norm(probe);
    for (let row = 0; row < this.size; row++) {
      // The very arithmetic of cosineSimilarity(), so that a search and a verification agree to the last bit.
      const dot = this.dotProduct(row, probe);
      const similarity = Math.min(Math.max(dot / (probeNorm * (this.norms[row] ?? 0)), -1), 1);
      if (similarity < best.worst) continue;
      const indexedFace = this.indexedFaces[row];
      if (indexedFace !== undefined && indexedFace.subjectId !== exceptSubjectId)
        best.offer({ ...indexedFace, similarity });
    }
    return best.candidates;
  }

  /** The hot loop: one multiplication a number, in the order of the vector; every index is inside by construction. */
  private dotProduct(row: number, probe: Float32Array): number {
    const block = this.blocks[Math.floor(row / rowsPerBlock)] ?? probe;
    const start = (row % rowsPerBlock) * this.dimension;
    let dot = 0;
    for (let index = 0; index < probe.length; index++) {
      dot += (probe[index] ?? 0) * (block[start + index] ?? 0);
    }
    return dot;
  }

  private write(row: number, embedding: Float32Array, norm: number, indexedFace: IndexedFace): void {
    this.template(row).set(embedding);
    this.norms[row] = norm;
    this.indexedFaces[row] = indexedFace;
    this.rowOfFace.set(indexedFace.faceId, row);
  }

  private template(row: number): Float32Array {
    const start = (row % rowsPerBlock) * this.dimension;
    const block = this.blocks[Math.floor(row / rowsPerBlock)];
    if (block === undefined) throw new RangeError(`row ${row} is beyond the index`);
    return block.subarray(start, start + this.dimension);
  }
}

/**
 * The most similar faces of different subjects among those that were offered. As few as are asked for are kept, so that
 * nearly every row of a scan is passed over by one comparison.
 */
class BestSubjects {
  /** The candidates, the most similar first. */
  readonly candidates: FlatIndexCandidate[] = [];

  constructor(private readonly limit: number) {}

  /** The least similarity that can still be among the best. */
  get worst(): number {
    return this.candidates.length < this.limit
      ? -Infinity
      : (this.candidates.at(-1)?.similarity ?? -Infinity);
  }

  offer(candidate: FlatIndexCandidate): void {
    const known = this.candidates.findIndex(({ subjectId }) => subjectId === candidate.subjectId);
    const other = this.candidates[known];
    if (other !== undefined) {
      if (isBefore(other, candidate)) return;
      this.candidates.splice(known, 1);
    }
    const place = this.candidates.findIndex((kept) => isBefore(candidate, kept));
    this.candidates.splice(place < 0 ? this.candidates.length : place, 0, candidate);
    if (this.candidates.length > this.limit) this.candidates.pop();
  }
}

function isBefore(a: FlatIndexCandidate, b: FlatIndexCandidate): boolean {
  return a.similarity === b.similarity ? a.faceId < b.faceId : a.similarity > b.similarity;
}
