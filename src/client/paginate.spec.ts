import { describe, expect, it } from 'vitest';
import type { CallOptions } from './client-options.js';
import { paginate } from './paginate.js';

interface ListRequest {
  readonly parent: string;
  readonly pageToken?: string;
}

const pages = [
  { names: ['a', 'b'], nextPageToken: '1', count: 5 },
  { names: [], nextPageToken: '2', count: 5 },
  { names: ['c'], nextPageToken: '', count: 5 },
] as const;

function listOf(asked: unknown[]) {
  return async (request: ListRequest, options?: CallOptions) => {
    asked.push([request, options]);
    const { names, nextPageToken, count } = pages[Number(request.pageToken ?? 0)]!;
    return Promise.resolve({ count, names: [...names], nextPageToken });
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('paginate', () => {
  it('gives the items of every page, from pages that are empty too', async () => {
    const asked: unknown[] = [];
    const options = { timeoutMs: 5 };
    const names: string[] = await all(paginate(listOf(asked), { parent: 'p' }, options));
    expect(names).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual([
      [{ parent: 'p', pageToken: '' }, options],
      [{ parent: 'p', pageToken: '1' }, options],
      [{ parent: 'p', pageToken: '2' }, options],
    ]);
  });

  it('begins where it is told, and asks for no page that nobody wants', async () => {
    const asked: unknown[] = [];
    for await (const name of paginate(listOf(asked), { parent: 'p', pageToken: '2' })) {
      expect(name).toBe('c');
      break;
    }
    expect(await paginate(listOf(asked), { parent: 'p' }).next()).toEqual({ value: 'a', done: false });
    expect(asked).toHaveLength(2);
  });
});
