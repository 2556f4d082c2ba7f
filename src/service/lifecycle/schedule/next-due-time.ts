import { invalidField } from '../../../core/invalid-field.js';
import { Cron } from 'croner';

/** What an expression looks like: croner also takes a single moment, and seconds, and a schedule is neither. */
const shape = /^ *(?:\S+(?: +\S+){4}|@[a-z]+) *$/iu;

/**
 * The first due time after `after` of a cron expression with five fields, in a time zone and through changes of the clock;
 * undefined where none ever comes.
 *
 * @param timeZone a name of the IANA database
 * @throws Failure INVALID_ARGUMENT naming `cron` or `time_zone`
 */
export function nextDueTime(cron: string, timeZone: string, after: Date): Date | undefined {
  requireTimeZone(timeZone);
  if (!shape.test(cron)) throw invalidField('cron', 'must have five fields, as in "0 3 * * 0"');
  try {
    // Without a function it computes times and starts no timer.
    return new Cron(cron, { mode: '5-part', timezone: timeZone }).nextRun(after) ?? undefined;
  } catch (error) {
    throw invalidField('cron', `cannot be read: ${problemOf(error)}`);
  }
}

/** What croner says, as a part of a sentence. */
function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^CronPattern: /u, '').replace(/\.+$/u, '');
}

function requireTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw invalidField('time_zone', 'must be a name of the IANA database, such as Europe/Berlin');
  }
}
