import type { FaceLoss } from './face-loss.js';
import { type Hyperparameter, type HyperparameterValues, requireHyperparameter } from './hyperparameter.js';

interface FaceLossDescription<Name extends string, Names extends string> {
  /** What training configurations call it: lower-case letters and digits. */
  readonly name: Name;
  /** The paper, and its equation in the SymFace paper where it has one. */
  readonly source: string;
  readonly hyperparameters: Readonly<Record<Names, Hyperparameter>>;
}

/**
 * Makes a face loss of its hyperparameters, with defaults for those that are not given.
 *
 * @throws RangeError for a hyperparameter that the loss does not have or that is out of its bounds
 */
export interface DefinedFaceLoss<Name extends string = string, Names extends string = string> {
  (hyperparameters?: Partial<HyperparameterValues<Names>>): FaceLoss;
  readonly description: FaceLossDescription<Name, Names>;
}

/**
 * A face loss as training configurations find it: every file of `src/learning/losses/face` exports one, under the file's
 * name in camel case.
 *
 * @param description its name, source and hyperparameters
 * @param create makes the loss of all its hyperparameters, which are within their bounds
 */
export function defineFaceLoss<const Name extends string, Names extends string>(
  description: FaceLossDescription<Name, Names>,
  create: (hyperparameters: HyperparameterValues<Names>) => FaceLoss,
): DefinedFaceLoss<Name, Names> {
  const bounds = Object.entries<Hyperparameter>(description.hyperparameters);
  const make = (given: Partial<HyperparameterValues<Names>> = {}): FaceLoss => {
    const values = new Map<string, number | undefined>(Object.entries(given));
    const unknown = [...values.keys()].find((name) => !Object.hasOwn(description.hyperparameters, name));
    if (unknown !== undefined) {
      throw new RangeError(`${description.name} has no hyperparameter ${unknown}`);
    }
    const all = bounds.map(([name, hyperparameter]) => {
      const value = values.get(name) ?? hyperparameter.default;
      requireHyperparameter(name, value, hyperparameter);
      return [name, value] as const;
    });
    return create(Object.fromEntries(all) as HyperparameterValues<Names>);
  };
  return Object.assign(make, { description });
}
