import type { GalleryCandidate } from './gallery-search.js';

/**
 * The most similar faces of different subjects among those that were offered. As few as are asked for are kept, so that
 * nearly every row of a scan is passed over by one comparison.
 */
export class BestSubjects {
  /** The candidates, the most similar first; of equal ones the one whose face's id is first. */
  readonly candidates: GalleryCandidate[] = [];

  constructor(private readonly limit: number) {}

  /** The least similarity that can still be among the best. */
  get worst(): number {
    return this.candidates.length < this.limit
      ? -Infinity
      : (this.candidates.at(-1)?.similarity ?? -Infinity);
  }

  offer(candidate: GalleryCandidate): void {
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

function isBefore(a: GalleryCandidate, b: GalleryCandidate): boolean {
  return a.similarity === b.similarity ? a.faceId < b.faceId : a.similarity > b.similarity;
}
