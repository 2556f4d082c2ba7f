import type { Templates } from '../../verification/identity-templates.js';

/** Rows that stay in the cache while all others are compared with them. */
const rowsAtATime = 64;

/**
 * How similar each template is to the most similar of others; all pairs, none of them kept.
 * @returns [n] cosine similarities; -Infinity where there is none to compare with
 * @throws RangeError where the dimensions differ
 */
export function nearestAmong(templates: Templates, others: Templates): Float64Array {
  const nearest = new Float64Array(templates.identities.length).fill(-Infinity);
  compare(templates, others, (row, _, similarity) => {
    if (similarity > (nearest[row] ?? 0)) nearest[row] = similarity;
  });
  return nearest;
}

/**
 * How similar each template is to the most similar one of the other identities of its own set.
 * @returns as {@link nearestAmong}
 */
export function nearestOthers(templates: Templates): Float64Array {
  const nearest = new Float64Array(templates.identities.length).fill(-Infinity);
  compare(templates, templates, (row, other, similarity) => {
    if (row !== other && similarity > (nearest[row] ?? 0)) nearest[row] = similarity;
  });
  return nearest;
}

/** @returns [n] similarity of the templates that two sets have of one identity, where both have one */
export function similaritiesOfSame(first: Templates, second: Templates): Float64Array {
  const rowOf = new Map([...second.identities].map((identity, row) => [identity, row]));
  const similarities = [...first.identities].flatMap((identity, row) => {
    const other = rowOf.get(identity);
    return other === undefined ? [] : [rowSimilarity(first, row, second, other)];
  });
  return Float64Array.from(similarities);
}

function compare(
  first: Templates,
  second: Templates,
  onPair: (row: number, other: number, similarity: number) => void,
): void {
  if (first.dimension !== second.dimension)
    throw new RangeError(`templates of ${first.dimension} and ${second.dimension} numbers`);
  const [count, otherCount] = [first.identities.length, second.identities.length];
  for (let start = 0; start < count; start += rowsAtATime) {
    const end = Math.min(start + rowsAtATime, count);
    for (let other = 0; other < otherCount; other++) {
      for (let row = start; row < end; row++) onPair(row, other, rowSimilarity(first, row, second, other));
    }
  }
}

function rowSimilarity(first: Templates, row: number, second: Templates, other: number): number {
  const { dimension, rows: a } = first;
  const b = second.rows;
  const [start, otherStart] = [row * dimension, other * dimension];
  let dot = 0;
  for (let index = 0; index < dimension; index++)
    dot += (a[start + index] ?? 0) * (b[otherStart + index] ?? 0);
  return dot;
}
