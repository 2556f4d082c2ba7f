import { describe, expect, it } from 'vitest';
import { Readiness } from './readiness.js';

describe('Readiness', () => {
  it('needs every check, and takes one that throws for a no', async () => {
    const readiness = new Readiness();
    expect(await readiness.isReady()).toBe(true);
    let works = true;
    readiness.require('models', () => true);
    readiness.require('workers', async () => Promise.resolve(works));
    expect(await readiness.isReady()).toBe(true);
    works = false;
    expect(await readiness.isReady()).toBe(false);
    expect(await readiness.hindrance()).toBe('workers');
    works = true;
    readiness.require('database', () => {
      throw new Error('no database');
    });
    expect(await readiness.hindrance()).toBe('database');
    readiness.close();
    expect(await readiness.hindrance()).toBe('shutting down');
  });
});
