import { Presets, SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { RemoteFailure } from '../../client/remote-failure.js';
import type { SymFaceServices } from '../../client/service-methods.js';
import { CommandFailure } from '../command-failure.js';
import { type CollectionOption, collectionNameOf, collectionOption } from '../enrolment-names.js';
import { enrolImages } from '../enrolment/enrol-images.js';
import { type PlannedImage, planFolders, planSubject } from '../enrolment/enrolment-plan.js';
import { EnrolmentReport } from '../enrolment/enrolment-report.js';
import type { ReportLine } from '../enrolment/enrolment-report-text.js';
import { EXIT_ERROR, EXIT_OK } from '../exit-code.js';
import { type FaceChoice, faceOption, faceSelection } from '../face-selection.js';
import { positiveInteger, type Session } from '../session.js';

interface EnrollOptions extends CollectionOption {
  readonly byFolder?: true;
  readonly face: FaceChoice;
  readonly parallel: number;
  readonly report?: string;
  readonly resume?: true;
  readonly json?: true;
}

const EXAMPLES = `
The collection is created where it does not exist, with the service's own quality gate, and so are subjects. Refused
images are listed with their reasons; with --report also in a file, which lets an interrupted run go on (--resume).

Exit status: 0 every image was enrolled, 2 some were refused or something went wrong.

Examples:
  symface enroll ada ada-1.jpg ada-2.jpg
  symface enroll ada photographs-of-ada/ --collection staff
  symface enroll --by-folder staff/ --collection staff --report staff.jsonl     (staff/ada/1.jpg, staff/bob/1.jpg …)
  symface enroll --by-folder staff/ --collection staff --report staff.jsonl --resume`;

export function enrollCommand(session: Session): Command {
  return new Command('enroll')
    .description('enrol photographs of a subject, or of many')
    .argument('<subject-or-folder>', 'the subject; with --by-folder, a folder with one folder a subject')
    .argument('[images...]', 'image files, or folders of them; with --by-folder, more folders')
    .addOption(collectionOption())
    .option('--by-folder', 'each folder in the given ones is a subject')
    .addOption(faceOption(['exactly-one', 'largest'], 'exactly-one'))
    .option('--parallel <count>', 'images at a time', positiveInteger, 4)
    .option('--report <file>', 'write what becomes of each image, one JSON object a line')
    .option('--resume', 'go on with the run of --report')
    .option('--json', 'print one JSON object an image')
    .addHelpText('after', EXAMPLES)
    .action(async (first: string, rest: string[], options: EnrollOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const images = await plan(first, rest, options);
        const report = await openReport(options);
        await ensureCollection(session, enrollment, options.collection);
        return run(session, enrollment, images, options, report);
      });
    });
}

async function plan(
  first: string,
  rest: readonly string[],
  { byFolder }: EnrollOptions,
): Promise<readonly PlannedImage[]> {
  if (byFolder) return planFolders([first, ...rest]);
  if (rest.length === 0) throw new CommandFailure(`Name the photographs: symface enroll ${first} <image…>.`);
  return planSubject(first, rest);
}

async function openReport({ report, resume, collection }: EnrollOptions): Promise<EnrolmentReport> {
  if (resume === undefined) return EnrolmentReport.begin(report, collection);
  if (report === undefined)
    throw new CommandFailure('Name the report of the run to go on with: --report <file>.');
  return EnrolmentReport.resume(report, collection);
}

async function ensureCollection(
  session: Session,
  enrollment: SymFaceServices['enrollment'],
  id: string,
): Promise<void> {
  try {
    await enrollment.getCollection({ name: collectionNameOf(id) });
  } catch (error) {
    if (!(error instanceof RemoteFailure) || error.reason !== 'COLLECTION_NOT_FOUND') throw error;
    await enrollment.createCollection({ collectionId: id });
    session.terminal.err(`Created the collection ${id}.`);
  }
}

async function run(
  session: Session,
  enrollment: SymFaceServices['enrollment'],
  planned: readonly PlannedImage[],
  options: EnrollOptions,
  report: EnrolmentReport,
): Promise<number> {
  const images = planned.filter((image) => !report.has(image));
  const counts = { enrolled: 0, refused: 0, failed: 0 };
  const bar = new SingleBar(
    { format: 'enrolling {bar} {value}/{total}  {refused} refused  {eta_formatted} left', hideCursor: true },
    Presets.shades_classic,
  );
  const { terminal } = session;
  if (terminal.isInteractive) bar.start(images.length, 0, { refused: 0 });
  const startedAtMs = performance.now();
  const refusals: ReportLine[] = [];
  try {
    const { collection, parallel } = options;
    const settings = { collection, parallel, faceSelection: faceSelection(options.face) };
    await enrolImages(enrollment, images, settings, report, (line) => {
      counts[line.outcome]++;
      if (line.outcome !== 'enrolled') refusals.push(line);
      if (options.json) terminal.out(JSON.stringify(line));
      if (terminal.isInteractive) bar.increment({ refused: refusals.length });
    });
  } finally {
    bar.stop();
  }
  for (const line of refusals)
    terminal.err(`symface: ${line.file}: ${line.reason ?? ''}: ${line.message ?? ''}`);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const skipped = planned.length - images.length;
  const summary =
    `Enrolled ${counts.enrolled} of ${images.length} images in ${seconds.toFixed(1)} s` +
    `${skipped === 0 ? '' : `, ${skipped} were done before`}; ${counts.refused} refused, ${counts.failed} failed.`;
  if (options.json) terminal.err(summary);
  else terminal.out(summary);
  return refusals.length === 0 ? EXIT_OK : EXIT_ERROR;
}
