import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { SUPPORTED_OPERATORS } from './operators/operator-rules.js';

it('docs/trainable-imports.md lists every operator that has a rule, and no other', () => {
  const text = readFileSync(new URL('../../../docs/trainable-imports.md', import.meta.url), 'utf8');
  const [, list = ''] = /## Operators\n\n([^.]+)\./u.exec(text) ?? [];
  expect(list.split(/,\s+/u)).toEqual([...SUPPORTED_OPERATORS]);
});
