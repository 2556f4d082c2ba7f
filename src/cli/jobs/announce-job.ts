import type { SymFaceServices } from '../../client/service-methods.js';
import type { Job__Output } from '../../generated/symface/v1/Job.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_ERROR, EXIT_NO_MATCH, EXIT_OK } from '../exit-code.js';
import { jobLines } from '../report/job-report.js';
import type { Terminal } from '../terminal.js';
import { followJob } from './follow-job.js';
import { jobKindWord, verdictWord } from './job-words.js';

/** Prints that a job was queued and where to see it. */
export function announceQueued(terminal: Terminal, job: Job__Output, isJson: boolean): void {
  const id = idIn(job.name);
  terminal.out(isJson ? JSON.stringify(job) : `Queued: ${id}. Watch it with: symface jobs watch ${id}`);
}

/** Says on the way which job is followed. */
export function announceFollowed(terminal: Terminal, job: Job__Output): void {
  terminal.err(`Following the ${jobKindWord(job)} ${idIn(job.name)}; Ctrl-C leaves it running.`);
}

/**
 * Prints how a job ended and what follows; of a training its assessment too, until that has ended. As JSON it is the one
 * object of the job itself.
 * @returns the exit code of what ended last: of a training whose candidate was rejected that of a "no"
 */
export async function announceEnd(
  terminal: Terminal,
  client: SymFaceServices['job'],
  job: Job__Output,
  output: 'lines' | 'json' | 'none',
): Promise<number> {
  for (const line of output === 'json' ? [JSON.stringify(job)] : output === 'lines' ? jobLines(job) : [])
    terminal.out(line);
  const next = job.training?.result?.assessment ?? '';
  if (next === '') return exitCodeOf(job);
  terminal.err(`Following the assessment ${idIn(next)}; Ctrl-C leaves it running.`);
  const assessed = await followJob(terminal, client, next);
  return announceEnd(terminal, client, assessed, output === 'lines' ? 'lines' : 'none');
}

/** The exit code of a job; of one that is a question, such as whether a candidate passes, that of its answer. */
export function exitCodeOf(job: Job__Output): number {
  if (job.state !== 'JOB_STATE_SUCCEEDED') return EXIT_ERROR;
  return verdictWord(job) === 'rejected' ? EXIT_NO_MATCH : EXIT_OK;
}
