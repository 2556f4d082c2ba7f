import { randomUUID } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import type { PassedOver } from '../../datasets/identities/passed-over.js';
import { CommandFailure } from '../command-failure.js';
import { errorCode } from '../image-file.js';
import type { PlannedImage } from './enrolment-plan.js';
import type { ReportLine } from './enrolment-report-text.js';

/**
 * The record of a run, one JSON object a line, written as it goes: what is in it is done, whatever happens to the
 * command. Without a file it is kept for the run only.
 */
export class EnrolmentReport {
  private constructor(
    /** Names the run in request ids, so that an image whose answer was lost is not enrolled twice. */
    readonly run: string,
    private readonly path: string | undefined,
    private readonly done: Set<string>,
  ) {}

  /** @throws CommandFailure where the file is there already, or cannot be written */
  static async begin(path: string | undefined, collection: string): Promise<EnrolmentReport> {
    const run = randomUUID();
    if (path !== undefined) {
      try {
        await writeFile(path, `${JSON.stringify({ run, collection })}\n`, { flag: 'wx' });
      } catch (cause) {
        const message =
          errorCode(cause) === 'EEXIST'
            ? `The report ${path} is there already. Go on with its run with --resume, or name another file.`
            : `Cannot write the report ${path} (${errorCode(cause)}).`;
        throw new CommandFailure(message, { cause });
      }
    }
    return new EnrolmentReport(run, path, new Set());
  }

  /** @throws CommandFailure where the file is no report of this collection */
  static async resume(path: string, collection: string): Promise<EnrolmentReport> {
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new CommandFailure(`Cannot read the report ${path} (${errorCode(cause)}).`, { cause });
    });
    // Loaded here only: zod takes longer to load than the command runs.
    const { parseEnrolmentReport } = await import('./enrolment-report-text.js');
    const report = parseEnrolmentReport(text);
    if (report === undefined) throw new CommandFailure(`${path} is no report of "symface enroll".`);
    if (report.collection !== collection) {
      throw new CommandFailure(`${path} is about the collection ${report.collection}, not ${collection}.`);
    }
    const kept = report.lines.filter(({ outcome }) => outcome !== 'failed');
    const done = new Set(kept.map(({ subject, file }) => keyOf(subject, file)));
    // A line that was cut must not swallow the next one.
    if (!text.endsWith('\n')) await appendFile(path, '\n');
    return new EnrolmentReport(report.run, path, done);
  }

  has({ subjectId, path }: Pick<PlannedImage, 'subjectId' | 'path'>): boolean {
    return this.done.has(keyOf(subjectId, path));
  }

  /** Records what is left out. @returns the lines that were not there yet */
  async passOver(passedOver: readonly PassedOver[]): Promise<readonly ReportLine[]> {
    const lines = passedOver
      .filter(({ path }) => !this.has({ subjectId: '', path }))
      .map(({ path, reason }): ReportLine => ({ file: path, subject: '', outcome: 'passed-over', reason }));
    for (const line of lines) await this.add(line);
    return lines;
  }

  async add(line: ReportLine): Promise<void> {
    if (this.path !== undefined) await appendFile(this.path, `${JSON.stringify(line)}\n`);
  }
}

function keyOf(subject: string, file: string): string {
  return `${subject}\n${file}`;
}
