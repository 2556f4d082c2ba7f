import { describe, expect, it } from 'vitest';
import { operatorCaller } from '../../access/caller.js';
import type { TrainingSchedule, TrainingScheduleSettings } from './training-schedule.js';
import type { TrainingScheduleStore } from './training-schedule.store.js';
import { ManageTrainingSchedule } from './manage-training-schedule.js';

const now = new Date('2026-11-26T12:00:00Z');
const weekly: TrainingScheduleSettings = {
  cron: '0 3 * * 0',
  timeZone: 'Europe/Berlin',
  afterNewFaces: undefined,
  policy: {},
  activateWhenPassed: false,
};

const put: TrainingScheduleStore['put'] = async (settings, { actor }, nextTime) =>
  Promise.resolve({ ...settings, actor, nextTime: nextTime(now) } as TrainingSchedule);
const store = { put, read: () => Promise.resolve(undefined), remove: () => Promise.resolve(false) };
const manage = new ManageTrainingSchedule(store);

describe('ManageTrainingSchedule', () => {
  it("finds the first due time after the database's time", async () => {
    const schedule = await manage.put(weekly, operatorCaller);
    expect(schedule.nextTime?.toISOString()).toBe('2026-11-29T02:00:00.000Z');
    const byFaces = await manage.put({ ...weekly, cron: undefined, afterNewFaces: 5 }, operatorCaller);
    expect(byFaces.nextTime).toBeUndefined();
  });

  it('says when a schedule would train, through a change of the clock', () => {
    const times = manage.preview(weekly);
    expect(times).toHaveLength(5);
    const hours = times.map((time) =>
      time.toLocaleString('en', { timeZone: 'Europe/Berlin', hour: 'numeric' }),
    );
    expect(new Set(hours)).toEqual(new Set(['3 AM']));
    expect(manage.preview({ ...weekly, cron: undefined, afterNewFaces: 5 })).toEqual([]);
  });

  it.each<[string, Partial<TrainingScheduleSettings>]>([
    ['cron', { cron: 'sometimes' }],
    ['cron', { cron: '0 0 30 2 *' }],
    ['cron', { cron: undefined }],
    ['time_zone', { timeZone: 'Mars/Olympus' }],
    ['after_new_faces', { afterNewFaces: -1 }],
    ['policy.epochs', { policy: { epochs: 0 } }],
  ])('refuses settings that cannot be, naming %s', async (field, wrong) => {
    await expect(manage.put({ ...weekly, ...wrong }, operatorCaller)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      fieldViolations: [{ field }],
    });
    expect(() => manage.preview({ ...weekly, ...wrong })).toThrow(
      expect.objectContaining({ reason: 'INVALID_ARGUMENT' }),
    );
  });

  it('says so where nothing is scheduled', async () => {
    const notFound = { reason: 'SCHEDULE_NOT_FOUND' };
    await expect(manage.get()).rejects.toMatchObject(notFound);
    await expect(manage.remove(operatorCaller)).rejects.toMatchObject(notFound);
  });
});
