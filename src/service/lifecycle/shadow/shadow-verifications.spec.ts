import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import { addCounts, noShadowCounts, type Shadow, type ShadowCounts } from './shadow.js';
import type { VerificationOptions, VerificationPair } from '../../verification/verification-request.js';
import { type CandidateVerification, ShadowVerifications } from './shadow-verifications.js';

const image = { encoded: new Uint8Array(), kind: 'photograph' } as const;
const pair: VerificationPair = { imageA: image, imageB: image };
const options: VerificationOptions = {
  selection: 'largest',
  quality: { minimumUtility: undefined, allowLowQuality: false },
  threshold: { similarityThreshold: undefined, falseMatchRate: undefined },
};
const answer = { matched: true, elapsedMs: 12, similarity: 0.8, modelVersion: 'net-1' };
const shadow: Shadow = {
  candidate: 'net-2',
  share: 0.5,
  startTime: new Date(1),
  stopTime: undefined,
  counts: noShadowCounts,
};

/** A store that may fail, and what was kept in it. */
class Kept {
  counts: ShadowCounts = noShadowCounts;
  current: Shadow | undefined = shadow;
  failures = 0;
  async running() {
    return Promise.resolve(this.current);
  }
  async add(_shadow: unknown, counts: ShadowCounts) {
    if (this.failures-- > 0) return Promise.reject(new Failure('DATABASE_UNAVAILABLE', 'it is away'));
    this.counts = addCounts(this.counts, counts);
    return Promise.resolve();
  }
}

describe('ShadowVerifications', () => {
  let shadows: ShadowVerifications;

  const over = async (
    store: Kept,
    decide: CandidateVerification['pair'],
    random: () => number = () => 0,
  ): Promise<unknown[]> => {
    const defects: unknown[] = [];
    shadows = new ShadowVerifications({
      store,
      verificationBy: () => ({ pair: decide, subject: () => Promise.resolve(true) }),
      random,
      onDefect: (error) => defects.push(error),
      lookEveryMs: 1e6,
    });
    await shadows.look();
    return defects;
  };
  afterEach(async () => shadows.close());

  it('has the candidate decide its share of the calls, and counts what differs', async () => {
    const store = new Kept();
    const draws = [0.49, 0.5, 0.1, 0.9];
    let decisions = 0;
    await over(
      store,
      () => Promise.resolve(decisions++ === 0),
      () => draws.shift() ?? 1,
    );
    for (let call = 0; call < 4; call++) {
      shadows.pairVerified(pair, options, answer);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await shadows.look();
    expect(decisions).toBe(2);
    expect(store.counts).toMatchObject({
      matchedByBoth: 1,
      matchedByServingOnly: 1,
      servingMs: 24,
      failed: 0,
    });
  });

  it('leaves out calls with a threshold of their own, and all where no candidate is in the shadow', async () => {
    const store = new Kept();
    let decisions = 0;
    await over(store, () => Promise.resolve(decisions++ < 0));
    const stated = { ...options, threshold: { similarityThreshold: 0.4, falseMatchRate: undefined } };
    shadows.pairVerified(pair, stated, answer);
    store.current = undefined;
    await shadows.look();
    shadows.pairVerified(pair, options, answer);
    expect(decisions).toBe(0);
  });

  it('drops what comes while others are in hand, and counts what fails', async () => {
    const store = new Kept();
    const waiting: ((error: Error) => void)[] = [];
    const defects = await over(store, async () => new Promise((_, reject) => waiting.push(reject)));
    for (let call = 0; call < 5; call++) shadows.pairVerified(pair, options, answer);
    waiting[0]!(new Failure('FACE_NOT_FOUND', 'nobody'));
    waiting[1]!(new Error('a defect'));
    await new Promise((resolve) => setImmediate(resolve));
    await shadows.look();
    expect(store.counts).toMatchObject({ dropped: 3, failed: 2, matchedByBoth: 0 });
    expect(defects).toEqual([new Error('a defect')]);
    shadows.pairVerified(pair, options, answer);
    expect(waiting).toHaveLength(3);
  });

  it('keeps its counts while the database is away', async () => {
    const store = new Kept();
    store.failures = 1;
    const defects = await over(store, () => Promise.resolve(true));
    shadows.pairVerified(pair, options, answer);
    await new Promise((resolve) => setImmediate(resolve));
    await shadows.look();
    expect(defects).toHaveLength(1);
    expect(store.counts.matchedByBoth).toBe(0);
    await shadows.look();
    expect(store.counts.matchedByBoth).toBe(1);
  });

  it('counts nothing of a candidate for the next one', async () => {
    const store = new Kept();
    const waiting: ((isMatch: boolean) => void)[] = [];
    await over(store, async () => new Promise((resolve) => waiting.push(resolve)));
    shadows.pairVerified(pair, options, answer);
    store.current = { ...shadow, startTime: new Date(2) };
    await shadows.look();
    waiting[0]!(true);
    await new Promise((resolve) => setImmediate(resolve));
    await shadows.look();
    expect(store.counts).toEqual(noShadowCounts);
  });
});
