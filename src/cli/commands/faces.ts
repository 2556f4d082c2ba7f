import { Command } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { SymFaceClient } from '../../client/symface-client.js';
import type { EnrolledFace__Output } from '../../generated/symface/v1/EnrolledFace.js';
import type { UnreadableTemplate__Output } from '../../generated/symface/v1/UnreadableTemplate.js';
import type { VerifyTemplatesResponse__Output } from '../../generated/symface/v1/VerifyTemplatesResponse.js';
import { type CollectionOption, collectionOption, subjectNameOf } from '../enrolment-names.js';
import { EXIT_NO_MATCH, EXIT_OK } from '../exit-code.js';
import { faceJson, faceLine } from '../report/face-report.js';
import { receiptJson, receiptLine } from '../report/receipt-report.js';
import type { Session } from '../session.js';

interface FacesOptions extends CollectionOption {
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  symface faces list ada
  symface faces verify --collection staff --repair
  symface faces delete collections/faces/subjects/ada/faces/0b6e7f1c-...`;

export function facesCommand(session: Session): Command {
  return new Command('faces')
    .description('the enrolled faces of a subject')
    .addCommand(listCommand(session))
    .addCommand(deleteCommand(session))
    .addCommand(verifyCommand(session))
    .addHelpText('after', EXAMPLES);
}

function listCommand(session: Session): Command {
  return new Command('list')
    .description('list the faces with what was measured on them')
    .argument('<subject>', 'the subject')
    .addOption(collectionOption())
    .option('--json', 'print one JSON object a face')
    .action(async (id: string, options: FacesOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        for await (const face of paginate(enrollment.listEnrolledFaces, {
          parent: subjectNameOf(options.collection, id),
        })) {
          for (const line of options.json ? [enrolledFaceJson(face)] : enrolledFaceLines(face)) {
            session.terminal.out(line);
          }
        }
        return EXIT_OK;
      });
    });
}

function verifyCommand(session: Session): Command {
  return new Command('verify')
    .description('open the templates of a collection, and find those that are damaged (exit status 1)')
    .addOption(collectionOption())
    .option('--repair', 'make damaged ones anew from the stored crops')
    .option('--json', 'print one JSON object')
    .action(async (options: FacesOptions & { readonly repair?: true }, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const collection = `collections/${options.collection}`;
        const templates = await checkedTemplates(enrollment, collection, options.repair === true);
        for (const line of options.json ? [JSON.stringify(templates)] : templateLines(templates)) {
          session.terminal.out(line);
        }
        const areAllWhole = templates.unreadableTemplates.every(({ repaired }) => repaired);
        return areAllWhole ? EXIT_OK : EXIT_NO_MATCH;
      });
    });
}

type CheckedTemplates = Pick<VerifyTemplatesResponse__Output, 'checkedFaceCount' | 'unreadableTemplates'>;

async function checkedTemplates(
  enrollment: SymFaceClient['enrollment'],
  collection: string,
  repair: boolean,
): Promise<CheckedTemplates> {
  let checkedFaceCount = 0;
  const unreadableTemplates: UnreadableTemplate__Output[] = [];
  let pageToken = '';
  do {
    const page = await enrollment.verifyTemplates({ collection, repair, pageToken });
    checkedFaceCount += page.checkedFaceCount;
    unreadableTemplates.push(...page.unreadableTemplates);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return { checkedFaceCount, unreadableTemplates };
}

function templateLines({ checkedFaceCount, unreadableTemplates }: CheckedTemplates): string[] {
  const lines = unreadableTemplates.map(({ face, repaired, error }) => {
    const left =
      error === null ? 'damaged: repair it with --repair' : `damaged, and not repaired: ${error.message}`;
    return `${face}: ${repaired ? 'was damaged, and is repaired' : left}`;
  });
  return [...lines, `${checkedFaceCount} templates, ${unreadableTemplates.length} of them damaged.`];
}

function enrolledFaceLines(enrolled: EnrolledFace__Output): string[] {
  const { name, face, modelVersions, createTime, fromEmbedding } = enrolled;
  const about = fromEmbedding ? 'enrolled by its embedding, without a photograph' : faceLine(face);
  return [name, `  ${about}`, `  enrolled ${createTime} under ${modelVersions.join(', ')}`];
}

function enrolledFaceJson({ face, ...rest }: EnrolledFace__Output): string {
  return JSON.stringify({ ...rest, face: faceJson(face) });
}

function deleteCommand(session: Session): Command {
  return new Command('delete')
    .description('delete one face with its crop and templates')
    .argument('<name>', 'as "symface faces list" prints it')
    .option('--json', 'print the receipt as one JSON object')
    .action(async (name: string, options: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const { receipt } = await enrollment.deleteEnrolledFace({ name });
        session.terminal.out(options.json ? receiptJson(receipt) : receiptLine(receipt));
        return EXIT_OK;
      });
    });
}
