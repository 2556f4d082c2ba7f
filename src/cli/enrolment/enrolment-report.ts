import { randomUUID } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { CommandFailure } from '../command-failure.js';
import { errorCode } from '../image-file.js';
import type { PlannedImage } from './enrolment-plan.js';

const headSchema = z.object({ run: z.uuid(), collection: z.string() });
const lineSchema = z.object({
  file: z.string(),
  subject: z.string(),
  outcome: z.enum(['enrolled', 'refused', 'failed']),
  face: z.string().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

/** What became of one image. `failed` images are tried again when the run is resumed. */
export type ReportLine = z.infer<typeof lineSchema>;

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
    const lines = text.split('\n').filter((line) => line !== '');
    const head = headSchema.safeParse(parsed(lines[0] ?? ''));
    if (!head.success) throw new CommandFailure(`${path} is no report of "symface enroll".`);
    if (head.data.collection !== collection) {
      throw new CommandFailure(`${path} is about the collection ${head.data.collection}, not ${collection}.`);
    }
    const done = new Set<string>();
    for (const line of lines.slice(1)) {
      // The last line may be cut where the command was killed: its image is asked for again, which enrols it once.
      const entry = lineSchema.safeParse(parsed(line));
      if (entry.success && entry.data.outcome !== 'failed')
        done.add(keyOf(entry.data.subject, entry.data.file));
    }
    // A line that was cut must not swallow the next one.
    if (!text.endsWith('\n')) await appendFile(path, '\n');
    return new EnrolmentReport(head.data.run, path, done);
  }

  has({ subjectId, path }: PlannedImage): boolean {
    return this.done.has(keyOf(subjectId, path));
  }

  async add(line: ReportLine): Promise<void> {
    if (this.path !== undefined) await appendFile(this.path, `${JSON.stringify(line)}\n`);
  }
}

function keyOf(subject: string, file: string): string {
  return `${subject}\n${file}`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
