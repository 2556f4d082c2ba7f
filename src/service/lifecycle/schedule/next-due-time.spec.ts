import { describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import { nextDueTime } from './next-due-time.js';

const next = (cron: string, timeZone: string, after: string): string | undefined =>
  nextDueTime(cron, timeZone, new Date(after))?.toISOString();

describe('nextDueTime', () => {
  it.each([
    ['in winter', '0 3 * * 0', '2026-11-26T12:00:00Z', '2026-11-29T02:00:00.000Z'],
    ['in summer', '0 3 * * SUN', '2026-06-01T12:00:00Z', '2026-06-07T01:00:00.000Z'],
    ['on the day that has no 02:30', '30 2 * * *', '2026-03-28T12:00:00Z', '2026-03-29T01:00:00.000Z'],
    [
      'once on the day that has 02:30 twice',
      '30 2 * * *',
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00.000Z',
    ],
    ['after a due time, not at it', '0 3 * * *', '2026-11-26T02:00:00Z', '2026-11-27T02:00:00.000Z'],
    ['with spaces around and between', '  0  3 * * 0 ', '2026-11-26T12:00:00Z', '2026-11-29T02:00:00.000Z'],
    ['by nickname', '@daily', '2026-11-26T12:00:00Z', '2026-11-26T23:00:00.000Z'],
  ])('finds the time in Berlin %s', (_when, cron, after, expected) => {
    expect(next(cron, 'Europe/Berlin', after)).toBe(expected);
  });

  it('finds none of a day that never comes', () => {
    expect(next('0 0 30 2 *', 'UTC', '2026-11-26T12:00:00Z')).toBeUndefined();
  });

  it('says in a sentence what cannot be read', () => {
    const refusals: unknown[] = [];
    for (const cron of ['60 3 * * *', 'every hour on the dot', '@reboot']) {
      try {
        next(cron, 'UTC', '2026-11-26T12:00:00Z');
      } catch (error) {
        refusals.push(String(error));
      }
    }
    expect(refusals).toHaveLength(3);
    for (const refusal of refusals) expect(refusal).toMatch(/cron cannot be read: (?!CronPattern).*[^.]\.$/u);
  });

  it.each([
    ['cron', '', 'UTC'],
    ['cron', 'every sunday', 'UTC'],
    ['cron', '60 3 * * *', 'UTC'],
    ['cron', '* * * * * *', 'UTC'],
    ['cron', '@sometimes', 'UTC'],
    ['cron', '2027-01-01T00:00:00', 'UTC'],
    ['time_zone', '0 3 * * *', 'Mars/Olympus'],
    ['time_zone', '0 3 * * *', ''],
  ])('names %s where it is wrong: "%s" in "%s"', (field, cron, timeZone) => {
    let refusal: unknown;
    try {
      next(cron, timeZone, '2026-11-26T12:00:00Z');
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(Failure);
    expect(refusal).toMatchObject({ reason: 'INVALID_ARGUMENT', fieldViolations: [{ field }] });
  });
});
