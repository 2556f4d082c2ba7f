import { symmetryTermsByFile } from '../generated/symmetry-terms.js';
import type { HyperparameterValues } from './hyperparameter.js';
import type { DefinedSymmetryTerm, SymmetryTerm } from './symmetry-term.js';

/** What `symmetry.compare` of a training configuration may be. */
export type SymmetryTermName = (typeof symmetryTermsByFile)[number]['description']['name'];

const byName: ReadonlyMap<string, DefinedSymmetryTerm> = new Map<string, DefinedSymmetryTerm>(
  symmetryTermsByFile.map((term) => [term.description.name, term]),
);

/** The names of the symmetry terms, one for each file of `symmetry/`. */
export const SYMMETRY_TERM_NAMES: readonly SymmetryTermName[] = symmetryTermsByFile.map(
  ({ description }) => description.name,
);

/**
 * The symmetry term of that name, with defaults for the hyperparameters that are not given.
 *
 * @throws RangeError where there is none of the name, for a hyperparameter that it does not have or that is out of its bounds
 */
export function createSymmetryTerm(
  name: SymmetryTermName,
  hyperparameters: HyperparameterValues = {},
): SymmetryTerm {
  const term = byName.get(name);
  if (term === undefined)
    throw new RangeError(
      `there is no symmetry term ${name}: it must be one of ${SYMMETRY_TERM_NAMES.join(', ')}`,
    );
  return term(hyperparameters);
}
