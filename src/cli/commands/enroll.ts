import { Command } from 'commander';
import { RemoteFailure } from '../../client/remote-failure.js';
import type { SymFaceServices } from '../../client/service-methods.js';
import { CommandFailure } from '../command-failure.js';
import { readEmbeddingFile } from '../embedding-file.js';
import {
  type CollectionOption,
  collectionNameOf,
  collectionOption,
  subjectNameOf,
} from '../enrolment-names.js';
import { enrolEmbeddings } from '../enrolment/enrol-embeddings.js';
import { type EnrolmentPlan, planFolders, planSubject } from '../enrolment/enrolment-plan.js';
import { EnrolmentReport } from '../enrolment/enrolment-report.js';
import { memoryWarning } from '../enrolment/memory-warning.js';
import { runEnrolment } from '../enrolment/run-enrolment.js';
import { type FaceChoice, faceOption, faceSelection } from '../face-selection.js';
import { positiveInteger, present, type Session } from '../session.js';

interface EnrollOptions extends CollectionOption {
  readonly byFolder?: true;
  readonly displayName?: string;
  readonly face: FaceChoice;
  readonly allowDuplicates?: true;
  readonly parallel: number;
  readonly report?: string;
  readonly resume?: true;
  readonly json?: true;
  readonly embeddings?: string;
}

const EXAMPLES = `
The collection is created where it does not exist, with the service's own quality gate, and so are subjects. Each file
that is seen is enrolled, refused or passed over, with its reason; with --report also in a file, which lets an interrupted
run go on (--resume). Files are images by their bytes. Hidden files, thumbnails and what else systems leave are passed
over; links are followed. A folder whose name cannot be an id ("José", "张伟") is enrolled under one that is made of it,
with the name as the display name. An image that the subject has already is kept once; one that another subject has is
refused, unless --allow-duplicates is given.

Exit status: 0 every image was enrolled, 2 some were refused or something went wrong.

Examples:
  symface enroll ada ada-1.jpg ada-2.jpg
  symface enroll jose 1.jpg --display-name "José"
  symface enroll ada photographs-of-ada/ --collection staff
  symface enroll ada --embeddings ada.jsonl                                     (what "symface embed --json" printed)
  symface enroll --by-folder staff/ --collection staff --report staff.jsonl     (staff/ada/1.jpg, staff/bob/1.jpg …)
  symface enroll --by-folder staff/ --collection staff --report staff.jsonl --resume`;

export function enrollCommand(session: Session): Command {
  return new Command('enroll')
    .description('enrol photographs of a subject, or of many')
    .argument('<subject-or-folder>', 'the subject; with --by-folder, a folder with one folder a subject')
    .argument('[images...]', 'image files, or folders of them; with --by-folder, more folders')
    .addOption(collectionOption())
    .option('--by-folder', 'each folder in the given ones is a subject')
    .option('--display-name <name>', 'the name of the subject, where it is created')
    .addOption(faceOption(['exactly-one', 'largest'], 'exactly-one'))
    .option('--allow-duplicates', 'enrol images that another subject has, too')
    .option('--parallel <count>', 'images at a time', positiveInteger, 4)
    .option('--report <file>', 'write what becomes of each file, one JSON object a line')
    .option('--resume', 'go on with the run of --report')
    .option('--embeddings <file>', 'faces of the subject that are embedded already, instead of images')
    .option('--json', 'print one JSON object a file')
    .addHelpText('after', EXAMPLES)
    .action(async (first: string, rest: string[], options: EnrollOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        if (options.embeddings !== undefined) {
          if (rest.length > 0 || options.byFolder || options.report !== undefined)
            throw new CommandFailure(
              '--embeddings takes one subject and neither images, folders nor a report.',
            );
          const embeddings = await readEmbeddingFile(options.embeddings);
          await ensureCollection(session, enrollment, options.collection);
          const parent = subjectNameOf(options.collection, first);
          return enrolEmbeddings(session.terminal, enrollment, { parent, ...options }, embeddings);
        }
        const plan = await planOf(first, rest, options);
        const report = await openReport(options);
        await ensureCollection(session, enrollment, options.collection);
        const status = await runEnrolment(session.terminal, enrollment, plan, report, {
          collection: options.collection,
          allowDuplicates: options.allowDuplicates === true,
          parallel: options.parallel,
          faceSelection: faceSelection(options.face),
          json: options.json === true,
        });
        await warnOfMemory(session, enrollment, options.collection);
        return status;
      });
    });
}

async function planOf(
  first: string,
  rest: readonly string[],
  { byFolder, displayName = '' }: EnrollOptions,
): Promise<EnrolmentPlan> {
  if (byFolder && displayName !== '')
    throw new CommandFailure("--display-name is one subject's; with --by-folder the folders' names are.");
  if (byFolder) return planFolders([first, ...rest]);
  if (rest.length === 0) throw new CommandFailure(`Name the photographs: symface enroll ${first} <image…>.`);
  return planSubject({ subjectId: first, displayName }, rest);
}

async function openReport({ report, resume, collection }: EnrollOptions): Promise<EnrolmentReport> {
  if (resume === undefined) return EnrolmentReport.begin(report, collection);
  if (report === undefined)
    throw new CommandFailure('Name the report of the run to go on with: --report <file>.');
  return EnrolmentReport.resume(report, collection);
}

/** Says where the collection will outgrow exact search, before it does. */
async function warnOfMemory(
  { terminal }: Session,
  enrollment: SymFaceServices['enrollment'],
  id: string,
): Promise<void> {
  const { collection } = await enrollment.getCollection({ name: collectionNameOf(id) });
  const warning = memoryWarning(present(collection));
  if (warning !== undefined) terminal.err(`Note: ${warning}.`);
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
