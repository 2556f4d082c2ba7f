/** Whether every row of the table in ../shared/cases/README.md has a test: each input that it names is in one of the specs of cases. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

import { sharedPath } from '../support/shared-data.js';

const table = sharedPath('cases', 'README.md');
const isThere = existsSync(table);
if (!isThere) console.log('skipped: the table of cases needs ../shared/cases, which is absent');

/** Rows whose first cell names inputs, as `folder/name`. */
function rows(): readonly (readonly string[])[] {
  return readFileSync(table, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => (line.split('|')[1] ?? '').match(/`[^`]+`/gu)?.map((name) => name.slice(1, -1)) ?? []);
}

/** What specs of cases say; this one is none. */
function specs(): string {
  const folder = new URL('./', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('-cases.spec.ts'));
  return files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
}

describe.skipIf(!isThere)('the table of cases', () => {
  const tested = isThere ? specs() : '';

  it('has rows', () => {
    expect(rows().length).toBeGreaterThanOrEqual(10);
  });

  it.each(isThere ? rows().map((names) => [names.join(', '), names] as const) : [])(
    'is tested in %s',
    (_, names) => {
      // Options of commands stand between the names of files.
      const inputs = names.filter((name) => /[/.]/u.test(name) && !name.startsWith('enroll '));
      expect(inputs.length).toBeGreaterThan(0);
      const missing = inputs.filter((name) => !tested.includes(basename(name)));
      expect(missing).toEqual([]);
    },
  );
});
