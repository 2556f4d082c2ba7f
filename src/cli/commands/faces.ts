import { Command } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { EnrolledFace__Output } from '../../generated/symface/v1/EnrolledFace.js';
import { type CollectionOption, collectionOption, subjectNameOf } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { faceJson, faceLine } from '../report/face-report.js';
import { receiptJson, receiptLine } from '../report/receipt-report.js';
import type { Session } from '../session.js';

interface FacesOptions extends CollectionOption {
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  symface faces list ada
  symface faces delete collections/faces/subjects/ada/faces/0b6e7f1c-...`;

export function facesCommand(session: Session): Command {
  return new Command('faces')
    .description('the enrolled faces of a subject')
    .addCommand(listCommand(session))
    .addCommand(deleteCommand(session))
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
