import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DatabaseHealth } from './database-health.js';

let answers: boolean;
let tellLost: (cause: string) => void;
let lines: unknown[];
let health: DatabaseHealth;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  [answers, lines] = [true, []];
  const log = (fields: object, message: string): void => void lines.push({ ...fields, message });
  const database = {
    takesChanges: () => Promise.resolve(answers),
    watch: (onLost: (cause: string) => void) => {
      tellLost = onLost;
    },
  };
  health = new DatabaseHealth(database, { error: log, info: log } as never, 1);
});
afterEach(() => {
  health.close();
  vi.useRealTimers();
});

it('says once that the database is lost, and when it is back, with how long it was away', async () => {
  answers = false;
  tellLost('no-answer');
  tellLost('no-answer');
  expect(health.isLost).toBe(true);
  expect(lines).toEqual([
    { cause: 'no-answer', message: 'the database is lost: calls that need it fail until it is back' },
  ]);
  await expect(health.ask(() => Promise.resolve(1))).rejects.toMatchObject({
    reason: 'DATABASE_UNAVAILABLE',
  });
  answers = true;
  vi.useRealTimers();
  await vi.waitFor(() => {
    expect(health.isLost).toBe(false);
  });
  expect(lines[1]).toMatchObject({ message: 'the database is back' });
  expect(lines).toHaveLength(2);
  await expect(health.ask(() => Promise.resolve(1))).resolves.toBe(1);
});

it('takes a probe without an answer for a loss', async () => {
  answers = false;
  expect((await health.probe()).answers).toBe(false);
  expect(health.isLost).toBe(true);
});

it('says nothing of what is lost while the process ends', () => {
  health.close();
  tellLost('no-answer');
  expect(lines).toEqual([]);
});
