import { describe, expect, it } from 'vitest';
import { Readiness } from './readiness.js';

describe('Readiness', () => {
  it('needs every check, and takes one that throws for a no', async () => {
    const readiness = new Readiness();
    expect(await readiness.isReady()).toBe(true);
    let works = true;
    readiness.require(() => true);
    readiness.require(async () => Promise.resolve(works));
    expect(await readiness.isReady()).toBe(true);
    works = false;
    expect(await readiness.isReady()).toBe(false);
    works = true;
    readiness.require(() => {
      throw new Error('no database');
    });
    expect(await readiness.isReady()).toBe(false);
  });
});
