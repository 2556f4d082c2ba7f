import { counted } from '../../core/counted.js';
import { Command } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { Subject__Output } from '../../generated/symface/v1/Subject.js';
import {
  type CollectionOption,
  collectionNameOf,
  collectionOption,
  idIn,
  namedSubject,
  subjectNameOf,
} from '../enrolment-names.js';
import { setConsentOfAll } from '../enrolment/consent-of-all.js';
import { EXIT_OK } from '../exit-code.js';
import { receiptJson, receiptLine } from '../report/receipt-report.js';
import { shortTime, tableLines } from '../report/table.js';
import { present, type Session } from '../session.js';
import { parseYesNo, yesNo } from '../yes-or-no.js';

interface SubjectsOptions extends CollectionOption {
  readonly json?: true;
}

interface ConsentOptions extends CollectionOption {
  readonly all?: boolean;
}

const EXAMPLES = `
Examples:
  symface subjects list --collection staff
  symface subjects show ada
  symface subjects rename ada "Ada Lovelace"
  symface subjects merge ada ada-2                the faces of ada-2 become ada's, and ada-2 is gone
  symface subjects consent ada yes
  symface subjects consent --all yes --collection staff
  symface subjects delete ada`;

export function subjectsCommand(session: Session): Command {
  return new Command('subjects')
    .description('the persons of a collection')
    .addCommand(listCommand(session))
    .addCommand(showCommand(session))
    .addCommand(renameCommand(session))
    .addCommand(mergeCommand(session))
    .addCommand(consentCommand(session))
    .addCommand(deleteCommand(session))
    .addHelpText('after', EXAMPLES);
}

function listCommand(session: Session): Command {
  return new Command('list')
    .description('list the subjects')
    .addOption(collectionOption())
    .option('--json', 'print one JSON object a subject')
    .action(async (options: SubjectsOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const rows: string[][] = [];
        for await (const subject of paginate(enrollment.listSubjects, {
          parent: collectionNameOf(options.collection),
          pageSize: 1000,
        })) {
          const id = idIn(subject.name);
          if (options.json) session.terminal.out(JSON.stringify({ id, ...subject }));
          const { faceCount, consentToTrain, createTime, displayName } = subject;
          rows.push([id, String(faceCount), yesNo(consentToTrain), shortTime(createTime), displayName]);
        }
        const lines = tableLines(['ID', 'FACES', 'CONSENT', 'CREATED', 'NAME'], rows);
        if (!options.json) for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function showCommand(session: Session): Command {
  return new Command('show')
    .description('show one subject')
    .argument('<subject>', 'the subject')
    .addOption(collectionOption())
    .option('--json', 'print one JSON object')
    .action(async (id: string, options: SubjectsOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const subject = present(
          (await enrollment.getSubject({ name: subjectNameOf(options.collection, id) })).subject,
        );
        const lines = options.json ? [JSON.stringify({ id, ...subject })] : subjectLines(id, subject);
        for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function subjectLines(id: string, subject: Subject__Output): string[] {
  const { displayName, faceCount, consentToTrain, createTime, updateTime } = subject;
  return [
    namedSubject(id, displayName),
    `  faces ${faceCount}, consent to train ${yesNo(consentToTrain)}`,
    `  created ${shortTime(createTime)}, changed ${shortTime(updateTime)}`,
  ];
}

function renameCommand(session: Session): Command {
  return new Command('rename')
    .description("change a subject's display name; its id stays")
    .argument('<subject>', 'the subject')
    .argument('<name>', 'the name, in any script; "" for none')
    .addOption(collectionOption())
    .option('--json', 'print the subject as one JSON object')
    .action(async (id: string, displayName: string, options: SubjectsOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const name = subjectNameOf(options.collection, id);
        const subject = present((await enrollment.updateSubject({ name, displayName })).subject);
        session.terminal.out(
          options.json
            ? JSON.stringify({ id, ...subject })
            : `Renamed ${namedSubject(id, subject.displayName)}.`,
        );
        return EXIT_OK;
      });
    });
}

function mergeCommand(session: Session): Command {
  return new Command('merge')
    .description('make one subject of two that are the same person')
    .argument('<target>', 'the subject that stays, with its id and name')
    .argument('<source>', 'the subject whose faces move to it; its id is gone then')
    .addOption(collectionOption())
    .option('--json', 'print one JSON object')
    .action(async (targetId: string, sourceId: string, options: SubjectsOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const { subject, movedFaceCount } = await enrollment.mergeSubjects({
          target: subjectNameOf(options.collection, targetId),
          source: subjectNameOf(options.collection, sourceId),
        });
        const { faceCount, consentToTrain } = present(subject);
        session.terminal.out(
          options.json
            ? JSON.stringify({ id: targetId, ...present(subject), movedFaceCount })
            : `Merged ${sourceId} into ${targetId}: ${counted(movedFaceCount, 'face')} moved, ${faceCount} in all, ` +
                `consent to train ${yesNo(consentToTrain)}.`,
        );
        return EXIT_OK;
      });
    });
}

function consentCommand(session: Session): Command {
  return new Command('consent')
    .description("whether a subject's faces may be used to train models")
    .argument('[subject]', 'the subject; none with --all')
    .argument('[yes-or-no]', 'yes or no', parseYesNo)
    .option('--all <yes-or-no>', 'of every subject of the collection: yes or no', parseYesNo)
    .addOption(collectionOption())
    .action(
      async (
        id: string | undefined,
        answer: boolean | undefined,
        options: ConsentOptions,
        command: Command,
      ) => {
        const { all, collection } = options;
        if (all === undefined ? id === undefined || answer === undefined : id !== undefined)
          command.error('error: give a subject and yes or no, or --all yes or --all no');
        await session.callServer(command, async ({ enrollment }) => {
          if (all === undefined) {
            const name = subjectNameOf(collection, id ?? '');
            const { subject } = await enrollment.updateSubject({ name, consentToTrain: answer ?? false });
            session.terminal.out(`${id}: ${consentText(present(subject).consentToTrain)}`);
            return EXIT_OK;
          }
          const { changed, count } = await setConsentOfAll(enrollment, collectionNameOf(collection), all);
          session.terminal.out(
            `${counted(count, 'subject')}, ${changed} of them changed: ${consentText(all)}`,
          );
          return EXIT_OK;
        });
      },
    );
}

function consentText(consentToTrain: boolean): string {
  return `${consentToTrain ? 'may' : 'must not'} be used to train models.`;
}

function deleteCommand(session: Session): Command {
  return new Command('delete')
    .description('delete a subject with every face, crop and template')
    .argument('<subject>', 'the subject')
    .addOption(collectionOption())
    .option('--json', 'print the receipt as one JSON object')
    .action(async (id: string, options: SubjectsOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const { receipt } = await enrollment.deleteSubject({ name: subjectNameOf(options.collection, id) });
        session.terminal.out(options.json ? receiptJson(receipt) : receiptLine(receipt));
        return EXIT_OK;
      });
    });
}
