import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { FACE_LOSS_NAMES, faceLossNamed } from '../../src/learning/losses/face-losses.js';
import { SYMMETRY_TERM_NAMES } from '../../src/learning/losses/symmetry-terms.js';

const page = readFileSync('docs/losses.md', 'utf8');

/** The rows of the table of hyperparameters: of which loss, which, and its default. A loss is named in its first row. */
function rows(): readonly (readonly [string, string, number])[] {
  let loss = '';
  return [...page.matchAll(/^\| +(?:`(\w+)`|[^|`]*?) +\| `(\w+)` +\| +([\d.e-]+) +\|/gmu)].map(
    ([row, name, hyperparameter = '', value]) => {
      loss = name ?? (row.startsWith('| all') ? 'all' : loss);
      return [loss, hyperparameter, Number(value)] as const;
    },
  );
}

describe('docs/losses.md', () => {
  it.each(FACE_LOSS_NAMES)('has a row for %s, and its hyperparameters with their defaults', (name) => {
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\| `, 'mu'));
    const { hyperparameters } = faceLossNamed(name).description;
    const defaults = Object.entries(hyperparameters).map(([key, { default: value }]) => [key, value]);
    const documented = rows().filter(
      ([loss, key]) => loss === name || (loss === 'all' && key in hyperparameters),
    );
    expect(documented.map(([, key, value]) => [key, value]).sort()).toEqual(defaults.sort());
  });

  it.each(SYMMETRY_TERM_NAMES)('has a row for the symmetry term %s', (name) => {
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\| `, 'mu'));
  });
});
