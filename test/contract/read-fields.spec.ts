import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { contractMethods, fieldsOf } from '../attack/contract-requests.js';

const serviceFolder = fileURLToPath(new URL('../../src/service', import.meta.url));

describe('the contract', () => {
  it('has no field of requests that the service never reads: it would be taken for heeded', () => {
    const sources = readdirSync(serviceFolder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
    );
    const words = new Set(
      sources.flatMap((file) => readFileSync(`${serviceFolder}/${file}`, 'utf8').match(/\w+/gu) ?? []),
    );
    expect(words.size).toBeGreaterThan(1000);
    const unread = contractMethods().flatMap(({ input }) =>
      fieldsOf(input)
        .filter(({ field }) => !words.has(field.localName))
        .map(({ names }) => `${input.typeName}.${names.join('.')}`),
    );
    expect(unread).toEqual([]);
  });
});
