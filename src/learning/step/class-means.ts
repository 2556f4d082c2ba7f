import type { WeightArray } from '../../core/models/weights.js';
import type { Templates } from '../../core/verification/identity-templates.js';

/**
 * Class weights W that start where the classes already are: column j is the template of class j.
 * @param drawn [D, C]; a class that has no template keeps its column
 */
export function headOfTemplates({ identities, rows, dimension }: Templates, drawn: WeightArray): WeightArray {
  const values = drawn.values.slice();
  const classCount = values.length / dimension;
  for (const [row, label] of identities.entries()) {
    for (let index = 0; index < dimension; index++)
      values[index * classCount + label] = rows[row * dimension + index] ?? 0;
  }
  return { shape: drawn.shape, values };
}
