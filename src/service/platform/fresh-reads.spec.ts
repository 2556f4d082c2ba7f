import { describe, expect, it } from 'vitest';
import { FreshReads } from './fresh-reads.js';

/** Something to read that can be changed, and a clock that stands. */
function setUp() {
  const state = { answer: 'old' as string | Error, reads: 0, nowMs: 0 };
  const read = async (): Promise<string> => {
    state.reads++;
    await Promise.resolve();
    if (state.answer instanceof Error) throw state.answer;
    return state.answer;
  };
  return { state, fresh: new FreshReads(read, () => state.nowMs) };
}

describe('FreshReads', () => {
  it('reads once for calls at a time and for a moment, then again', async () => {
    const { state, fresh } = setUp();
    expect(await Promise.all([fresh.get('a'), fresh.get('a')])).toEqual(['old', 'old']);
    state.answer = 'new';
    expect([await fresh.get('a'), state.reads]).toEqual(['old', 1]);
    state.nowMs += 2_001;
    expect([await fresh.get('a'), state.reads]).toEqual(['new', 2]);
    expect([await fresh.get('b'), state.reads]).toEqual(['new', 3]);
  });

  it('knows at once what was changed here, also while it reads', async () => {
    const { state, fresh } = setUp();
    const old = fresh.get('a');
    state.answer = 'new';
    fresh.forget('a');
    await old;
    expect(await fresh.get('a')).toBe('new');
  });

  it('goes on with what it knows where reading fails, and fails where it knows nothing', async () => {
    const { state, fresh } = setUp();
    await fresh.get('a');
    const down = new Error('down');
    state.answer = down;
    state.nowMs += 10_000;
    expect(await fresh.get('a')).toBe('old');
    await expect(fresh.get('b')).rejects.toBe(down);
  });
});
