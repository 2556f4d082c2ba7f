import { beforeEach, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import type { ModelVersion } from '../../../core/models/manifest.js';
import { RemoveOutdatedModels } from './remove-outdated-models.js';

const caller = { actor: 'apiKeys/1', tenant: 'default' };
let asked: string[];
let failures: string[];

beforeEach(() => {
  [asked, failures] = [[], []];
});

/** Of fine-tuned versions a (the oldest) to d, of which d serves and c served before. */
function retention(
  keptCount: number,
  refusals: Readonly<Record<string, Error>> = {},
  listing?: Error,
): RemoveOutdatedModels {
  const stored = ['a', 'b', 'c', 'd'].map((id) => ({
    version: { id, createTime: id, manifest: { kind: 'backbone', lineage: {} } } as unknown as ModelVersion,
    folder: '',
  }));
  return new RemoveOutdatedModels({
    registry: { list: () => (listing === undefined ? Promise.resolve(stored) : Promise.reject(listing)) },
    active: { active: () => Promise.resolve({ id: 'd', previousId: 'c', since: new Date(0) }) },
    deleteModel: {
      execute: (id, deleter, options) => {
        asked.push(`${id} ${deleter.actor} ${String(options?.previous)}`);
        const refusal = refusals[id];
        return refusal === undefined ? Promise.resolve({ templateCount: 0 }) : Promise.reject(refusal);
      },
    },
    keptCount,
    onFailure: (id, error) => failures.push(`${id ?? 'all'}: ${String(error)}`),
  });
}

it('removes what is outdated in the name of whoever made it so, never what served before', async () => {
  expect(await retention(1).execute(caller)).toEqual(['a']);
  expect(asked).toEqual(['a apiKeys/1 refused']);
  expect(await retention(2).execute(caller)).toEqual([]);
});

it('leaves what is in use for the next time, and tells of what cannot be removed', async () => {
  const refusals = { a: new Failure('MODEL_IN_USE', 'a job needs it'), b: new Error('disk') };
  expect(await retention(0, refusals).execute(caller)).toEqual([]);
  expect(asked).toHaveLength(2);
  expect(failures).toEqual(['b: Error: disk']);
});

it('fails nobody where it cannot look', async () => {
  const unavailable = new Failure('DATABASE_UNAVAILABLE', 'The database does not answer.');
  expect(await retention(1, {}, unavailable).execute(caller)).toEqual([]);
  expect(failures).toEqual(['all: Failure: The database does not answer.']);
});
