import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import type { ModelPair } from '../../../inference/workers/model-serving.js';
import { FollowActiveModels } from './follow-active-models.js';

describe('FollowActiveModels', () => {
  let follow: FollowActiveModels | undefined;
  const active = { backbone: 'a', detector: 'd' };
  const deletedIds = new Set<string>();
  let serves: string[] = [];
  let failures: unknown[] = [];
  let onChange: () => void = () => undefined;
  let isListening = false;
  let refusal: Failure | undefined;

  const start = (lookEveryMs: number): void => {
    [serves, failures, refusal] = [[], [], undefined];
    active.backbone = 'a';
    deletedIds.clear();
    follow = new FollowActiveModels({
      registry: { deletedIds: () => Promise.resolve(deletedIds) },
      active: { active: (kind) => Promise.resolve({ id: active[kind], previousId: undefined, since: new Date(0) }) },
      serve: {
        execute: () => {
          if (refusal !== undefined) return Promise.reject(refusal);
          serves.push(active.backbone);
          return Promise.resolve({ backbone: { version: { id: active.backbone } } } as ModelPair);
        },
      },
      signals: {
        listen: (told) => {
          onChange = told;
          isListening = true;
          return {
            close: () => {
              isListening = false;
              return Promise.resolve();
            },
          };
        },
      },
      onFailure: (error) => failures.push(error),
      lookEveryMs,
    });
    follow.start();
  };

  afterEach(async () => {
    await follow?.close();
    expect(isListening).toBe(false);
  });

  it('goes over when a signal comes, and only then where nothing has changed', async () => {
    start(60_000);
    await expect.poll(() => serves).toEqual(['a']);
    onChange();
    await sleep(20);
    expect(serves).toEqual(['a']);
    active.backbone = 'b';
    onChange();
    await expect.poll(() => serves).toEqual(['a', 'b']);
  });

  it('looks at the models once more when one was deleted', async () => {
    start(60_000);
    await expect.poll(() => serves).toEqual(['a']);
    deletedIds.add('c');
    onChange();
    await expect.poll(() => serves).toEqual(['a', 'a']);
  });

  it('goes over without a signal, too', async () => {
    start(5);
    await expect.poll(() => serves).toEqual(['a']);
    active.backbone = 'b';
    await expect.poll(() => serves).toEqual(['a', 'b']);
  });

  it('tells once that it cannot, and goes over once it can', async () => {
    start(2);
    await expect.poll(() => serves).toEqual(['a']);
    refusal = new Failure('MODEL_INVALID', 'no graph');
    active.backbone = 'b';
    await expect.poll(() => failures).toEqual([refusal]);
    await sleep(100);
    expect(failures).toHaveLength(1);
    refusal = undefined;
    await expect.poll(() => serves).toEqual(['a', 'b']);
  });

  it('goes over at its next look where the database was lost in the middle', async () => {
    start(100);
    await expect.poll(() => serves).toEqual(['a']);
    refusal = new Failure('DATABASE_UNAVAILABLE', 'the connection was lost');
    active.backbone = 'b';
    await expect.poll(() => failures).toEqual([refusal]);
    refusal = undefined;
    // After another failure it leaves out 15 looks, 1.5 seconds.
    await expect.poll(() => serves, { timeout: 700 }).toEqual(['a', 'b']);
  });

  it('tells a caller which backbone serves then', async () => {
    start(60_000);
    active.backbone = 'c';
    expect(await follow!.catchUp()).toBe('c');
  });
});
