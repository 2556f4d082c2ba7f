import { Command } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { Collection__Output } from '../../generated/symface/v1/Collection.js';
import type { QualityGate } from '../../generated/symface/v1/QualityGate.js';
import { collectionNameOf, idIn } from '../enrolment-names.js';
import { memoryWarning } from '../enrolment/memory-warning.js';
import { EXIT_OK } from '../exit-code.js';
import { announceEnd, announceFollowed, announceQueued } from '../jobs/announce-job.js';
import { followJob } from '../jobs/follow-job.js';
import { receiptJson, receiptLine } from '../report/receipt-report.js';
import { shortTime, tableLines } from '../report/table.js';
import { numberAtLeastZero, present, type Session } from '../session.js';
import { parseYesNo, yesNo } from '../yes-or-no.js';

interface GateOptions {
  readonly minUtility?: number;
  readonly minDetail?: number;
  readonly maxOcclusion?: number;
  readonly minSize?: number;
  readonly minSharpness?: number;
  readonly minProbability?: number;
  readonly minRho?: number;
  readonly maxYaw?: number;
  readonly maxPitch?: number;
  readonly maxOtherSimilarity?: number;
}

interface CreateOptions extends GateOptions {
  readonly json?: true;
  readonly displayName?: string;
  readonly searchable?: true;
  readonly consentByDefault?: boolean;
}

const consentDescription = 'whether faces of subjects created from now on may train models';

const EXAMPLES = `
Examples:
  symface collections create staff --min-rho 0.05 --max-other-similarity 0.95
  symface collections list
  symface collections index staff             an index for approximate search; Ctrl-C leaves the job running
  symface collections delete staff`;

export function collectionsCommand(session: Session): Command {
  return new Command('collections')
    .description('collections of enrolled subjects, each with its quality gate')
    .addCommand(createCommand(session))
    .addCommand(listCommand(session))
    .addCommand(showCommand(session))
    .addCommand(updateCommand(session))
    .addCommand(indexCommand(session))
    .addCommand(deleteCommand(session))
    .addHelpText('after', EXAMPLES);
}

function createCommand(session: Session): Command {
  return withGate(
    new Command('create').description("create a collection; limits not given are the service's own"),
  )
    .argument('<id>', 'a-z, 0-9, dots, dashes and underscores')
    .option('--display-name <name>', 'the name that people are shown')
    .option('--consent-by-default <yes-or-no>', consentDescription, parseYesNo)
    .option('--searchable', 'also keep an unencrypted index for approximate search (administrators)')
    .option('--json', 'print one JSON object')
    .action(async (collectionId: string, options: CreateOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const gate = gateOf(options);
        const { collection } = await enrollment.createCollection({
          collectionId,
          displayName: options.displayName ?? '',
          searchable: options.searchable ?? false,
          defaultConsentToTrain: options.consentByDefault ?? false,
          ...(gate !== undefined && { qualityGate: gate }),
        });
        print(session, options, present(collection));
        return EXIT_OK;
      });
    });
}

function updateCommand(session: Session): Command {
  return withGate(new Command('update').description('change the name, or replace the whole quality gate'))
    .argument('<id>', 'the collection')
    .option('--display-name <name>', 'the name that people are shown')
    .option('--consent-by-default <yes-or-no>', consentDescription, parseYesNo)
    .option('--json', 'print one JSON object')
    .action(async (id: string, options: CreateOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const gate = gateOf(options);
        const { collection } = await enrollment.updateCollection({
          name: collectionNameOf(id),
          ...(options.displayName !== undefined && { displayName: options.displayName }),
          ...(options.consentByDefault !== undefined && {
            defaultConsentToTrain: options.consentByDefault,
          }),
          ...(gate !== undefined && { qualityGate: gate }),
        });
        print(session, options, present(collection));
        return EXIT_OK;
      });
    });
}

function listCommand(session: Session): Command {
  return new Command('list')
    .description('list the collections')
    .option('--json', 'print one JSON object a collection')
    .action(async (options: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const rows: string[][] = [];
        for await (const collection of paginate(enrollment.listCollections, {})) {
          if (options.json) session.terminal.out(JSON.stringify(collectionJson(collection)));
          const { subjectCount, faceCount, createTime, displayName } = collection;
          const counts = [String(subjectCount), String(faceCount)];
          rows.push([idIn(collection.name), ...counts, shortTime(createTime), displayName]);
        }
        const lines = tableLines(['ID', 'SUBJECTS', 'FACES', 'CREATED', 'NAME'], rows);
        if (!options.json) for (const line of lines) session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function showCommand(session: Session): Command {
  return new Command('show')
    .description('show one collection with its quality gate')
    .argument('<id>', 'the collection')
    .option('--json', 'print one JSON object')
    .action(async (id: string, options: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        print(
          session,
          options,
          present((await enrollment.getCollection({ name: collectionNameOf(id) })).collection),
        );
        return EXIT_OK;
      });
    });
}

interface IndexOptions {
  readonly remove?: true;
  readonly detach?: true;
  readonly json?: true;
}

function indexCommand(session: Session): Command {
  return new Command('index')
    .description('give a collection an index for approximate search, which keeps its templates unencrypted')
    .argument('<id>', 'the collection')
    .option('--remove', 'remove the index and what was kept unencrypted')
    .option('--detach', 'do not wait for the end')
    .option('--json', 'print the job as one JSON object')
    .action(async (id: string, { remove, detach, json }: IndexOptions, command: Command) => {
      await session.callServer(command, async ({ enrollment, job: jobs }) => {
        const name = collectionNameOf(id);
        const job = present((await enrollment.indexCollection({ name, remove: remove === true })).job);
        if (detach) {
          announceQueued(session.terminal, job, json === true);
          return EXIT_OK;
        }
        announceFollowed(session.terminal, job);
        const ended = await followJob(session.terminal, jobs, job.name);
        return announceEnd(session.terminal, jobs, ended, json ? 'json' : 'lines');
      });
    });
}

function deleteCommand(session: Session): Command {
  return new Command('delete')
    .description('delete a collection with every subject, face, crop and template in it')
    .argument('<id>', 'the collection')
    .option('--json', 'print the receipt as one JSON object')
    .action(async (id: string, options: { readonly json?: true }, command: Command) => {
      await session.callServer(command, async ({ enrollment }) => {
        const { receipt } = await enrollment.deleteCollection({ name: collectionNameOf(id) });
        session.terminal.out(options.json ? receiptJson(receipt) : receiptLine(receipt));
        return EXIT_OK;
      });
    });
}

function withGate(command: Command): Command {
  return command
    .option('--min-utility <utility>', 'expected success of comparisons, 0 to 100', numberAtLeastZero)
    .option('--min-detail <pixels>', 'detail that a face shows, as its width', numberAtLeastZero)
    .option('--max-occlusion <p>', 'how likely mouth, nose or eyes are hidden, 0 to 1', numberAtLeastZero)
    .option('--min-size <pixels>', "shortest side of a face's box", numberAtLeastZero)
    .option('--min-sharpness <variance>', 'variance of the Laplacian', numberAtLeastZero)
    .option('--min-probability <p>', "the detector's, 0 to 1", numberAtLeastZero)
    .option('--min-rho <rho>', 'frontness ρ, 0 to 1', numberAtLeastZero)
    .option('--max-yaw <degrees>', 'the most that a face is turned to a side', numberAtLeastZero)
    .option('--max-pitch <degrees>', 'the most that a face looks up or down', numberAtLeastZero)
    .option(
      '--max-other-similarity <cosine>',
      "similarity to another subject's face from which on a face is refused",
      numberAtLeastZero,
    );
}

/** The gate of the options; undefined where no limit is given. */
function gateOf(options: GateOptions): QualityGate | undefined {
  const { minSize, minSharpness, minProbability, minRho, maxYaw, maxPitch, maxOtherSimilarity } = options;
  const { minUtility, minDetail, maxOcclusion } = options;
  const gate = {
    ...(minUtility !== undefined && { minimumUtility: minUtility }),
    ...(minDetail !== undefined && { minimumDetailPixels: minDetail }),
    ...(maxOcclusion !== undefined && { maximumOcclusion: maxOcclusion }),
    ...(minSize !== undefined && { minimumFaceSizePixels: minSize }),
    ...(minSharpness !== undefined && { minimumSharpness: minSharpness }),
    ...(minProbability !== undefined && { minimumDetectionProbability: minProbability }),
    ...(minRho !== undefined && { minimumRho: minRho }),
    ...(maxYaw !== undefined && { maximumYawDegrees: maxYaw }),
    ...(maxPitch !== undefined && { maximumPitchDegrees: maxPitch }),
    ...(maxOtherSimilarity !== undefined && { maximumOtherSubjectSimilarity: maxOtherSimilarity }),
  };
  return Object.keys(gate).length === 0 ? undefined : gate;
}

function print(session: Session, options: { readonly json?: true }, collection: Collection__Output): void {
  const lines = options.json ? [JSON.stringify(collectionJson(collection))] : collectionLines(collection);
  for (const line of lines) session.terminal.out(line);
}

function collectionLines(collection: Collection__Output): string[] {
  const { displayName, subjectCount, faceCount, searchable, defaultConsentToTrain } = collection;
  const warning = memoryWarning(collection);
  const limits = Object.entries(gateLimits(collection)).map(([name, value]) => `  ${name} ${String(value)}`);
  return [
    `${idIn(collection.name)}${displayName === '' ? '' : ` (${displayName})`}`,
    `  subjects ${subjectCount}, faces ${faceCount}${searchable ? ', searchable' : ''}`,
    ...(warning === undefined ? [] : [`  ${warning}`]),
    `  consent to train where nobody says: ${yesNo(defaultConsentToTrain)}`,
    ...limits,
  ];
}

function collectionJson(collection: Collection__Output): Record<string, unknown> {
  return { id: idIn(collection.name), ...collection, qualityGate: gateLimits(collection) };
}

/** The limits of a collection's gate, without the fields that proto-loader adds for optional ones. */
function gateLimits({ qualityGate }: Collection__Output): Record<string, unknown> {
  return Object.fromEntries(Object.entries(qualityGate ?? {}).filter(([name]) => !name.startsWith('_')));
}
