import { z } from 'zod';

const headSchema = z.object({ run: z.uuid(), collection: z.string() });
const lineSchema = z.object({
  file: z.string(),
  /** Empty where the file is nobody's. */
  subject: z.string(),
  displayName: z.string().optional(),
  outcome: z.enum(['enrolled', 'already-enrolled', 'refused', 'failed', 'passed-over']),
  face: z.string().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

/** What became of one file. `failed` ones are tried again when the run is resumed. */
export type ReportLine = z.infer<typeof lineSchema>;

/** What a report has recorded. */
export interface RecordedRun {
  readonly run: string;
  readonly collection: string;
  readonly lines: readonly ReportLine[];
}

/**
 * Reads the lines of a report. The last one may be cut where the command was killed: it is left out, so that its image is
 * asked for again, which enrols it once.
 * @returns undefined where the text is no report
 */
export function parseEnrolmentReport(text: string): RecordedRun | undefined {
  const [first = '', ...others] = text.split('\n').filter((line) => line !== '');
  const head = headSchema.safeParse(parsed(first));
  if (!head.success) return undefined;
  const lines = others.flatMap((line) => lineSchema.safeParse(parsed(line)).data ?? []);
  return { ...head.data, lines };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
