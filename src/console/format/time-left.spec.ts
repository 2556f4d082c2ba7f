import { describe, expect, it } from 'vitest';
import { timeLeftMs } from './time-left.js';

describe('how long something goes on', () => {
  it('is told by how fast it was since it was first seen', () => {
    expect(timeLeftMs({ done: 100, atMs: 1_000 }, { done: 150, atMs: 11_000 }, 200)).toBe(10_000);
    expect(timeLeftMs({ done: 0, atMs: 0 }, { done: 7, atMs: 5_000 }, 7)).toBe(0);
  });

  it('is not told of what has not moved, has no known end, or was seen for a moment only', () => {
    expect(timeLeftMs({ done: 5, atMs: 0 }, { done: 5, atMs: 60_000 }, 10)).toBeUndefined();
    expect(timeLeftMs({ done: 5, atMs: 0 }, { done: 6, atMs: 60_000 }, 0)).toBeUndefined();
    expect(timeLeftMs({ done: 5, atMs: 0 }, { done: 6, atMs: 100 }, 10)).toBeUndefined();
  });
});
