import { counted } from '../../core/counted.js';
import { Presets, SingleBar } from 'cli-progress';
import type { SymFaceServices } from '../../client/service-methods.js';
import { passedOverText } from '../../datasets/identities/passed-over.js';
import { EXIT_ERROR, EXIT_OK } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import { enrolImages, type EnrolImagesOptions } from './enrol-images.js';
import { type EnrolmentPlan, renamedSubjects } from './enrolment-plan.js';
import type { EnrolmentReport } from './enrolment-report.js';
import type { ReportLine } from './enrolment-report-text.js';

interface RunEnrolmentOptions extends EnrolImagesOptions {
  readonly json: boolean;
}

/** Enrols what is planned and not done yet, and says what became of every file that was seen. @returns the exit code */
export async function runEnrolment(
  terminal: Terminal,
  enrollment: SymFaceServices['enrollment'],
  plan: EnrolmentPlan,
  report: EnrolmentReport,
  options: RunEnrolmentOptions,
): Promise<number> {
  for (const { subjectId, displayName } of renamedSubjects(plan.images))
    terminal.err(`Enrolling ${JSON.stringify(displayName)} as ${subjectId}.`);
  const passedOver = await report.passOver(plan.passedOver);
  if (options.json) for (const line of passedOver) terminal.out(JSON.stringify(line));
  const images = plan.images.filter((image) => !report.has(image));
  const startedAtMs = performance.now();
  const lines = await enrolled(terminal, enrollment, { ...plan, images }, report, options);
  const refusals = lines.filter(({ outcome }) => outcome === 'refused' || outcome === 'failed');
  for (const { file, reason = '', message = '' } of refusals)
    terminal.err(`symface: ${file}: ${reason}: ${message}`);
  const seconds = (performance.now() - startedAtMs) / 1000;
  for (const line of summaryLines(plan, lines, seconds)) {
    if (options.json) terminal.err(line);
    else terminal.out(line);
  }
  const isUnreadable = plan.passedOver.some(({ reason }) => reason === 'unreadable');
  return refusals.length === 0 && !isUnreadable ? EXIT_OK : EXIT_ERROR;
}

/** Enrols, drawing progress. */
async function enrolled(
  terminal: Terminal,
  enrollment: SymFaceServices['enrollment'],
  { images }: EnrolmentPlan,
  report: EnrolmentReport,
  options: RunEnrolmentOptions,
): Promise<readonly ReportLine[]> {
  const format = 'enrolling {bar} {value}/{total}  {refused} refused  {eta_formatted} left';
  const bar = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
  if (terminal.isInteractive) bar.start(images.length, 0, { refused: 0 });
  const lines: ReportLine[] = [];
  let refused = 0;
  try {
    await enrolImages(enrollment, images, options, report, (line) => {
      lines.push(line);
      if (options.json) terminal.out(JSON.stringify(line));
      if (line.outcome === 'refused' || line.outcome === 'failed') refused++;
      if (terminal.isInteractive) bar.increment({ refused });
    });
  } finally {
    bar.stop();
  }
  return lines;
}

function summaryLines(
  { images, passedOver }: EnrolmentPlan,
  lines: readonly ReportLine[],
  seconds: number,
): readonly string[] {
  const before = images.length - lines.length;
  const already = countOf(lines, 'already-enrolled');
  const [enrolled, refused, failed] = (['enrolled', 'refused', 'failed'] as const).map((outcome) =>
    numberText(countOf(lines, outcome)),
  );
  const done = [
    `Enrolled ${enrolled} of ${counted(lines.length, 'image')} in ${seconds.toFixed(1)} s`,
    ...(already === 0 ? [] : [`${numberText(already)} had been already`]),
    ...(before === 0 ? [] : [`${numberText(before)} were done before`]),
  ];
  const summary = `${done.join(', ')}; ${refused} refused, ${failed} failed.`;
  const others = passedOverText(passedOver);
  if (others === undefined) return [summary];
  return [
    summary,
    `Seen: ${counted(images.length + passedOver.length, 'file')}, ${numberText(images.length)} of them images; ${others}.`,
  ];
}

/** As {@link counted} writes it. */
function numberText(count: number): string {
  return count.toLocaleString('en');
}

function countOf(lines: readonly ReportLine[], outcome: ReportLine['outcome']): number {
  return lines.filter((line) => line.outcome === outcome).length;
}
