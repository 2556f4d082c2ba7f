import { Command, Option } from 'commander';
import { paginate } from '../../client/paginate.js';
import type { SymFaceClient } from '../../client/symface-client.js';
import { defaultTagFile } from '../../datasets/tags/default-tag-file.js';
import { frontnessReport } from '../../datasets/tags/frontness-report.js';
import type { TagFile } from '../../datasets/tags/tag-file.js';
import { CommandFailure } from '../command-failure.js';
import { EXIT_ERROR, EXIT_OK } from '../exit-code.js';
import { ImageProgress } from '../image-progress.js';
import { interruptible } from '../interruption.js';
import { modelVersionId } from '../model-name.js';
import { tagReportJson, tagReportLines } from '../report/tag-report.js';
import { positiveInteger, type Session } from '../session.js';
import {
  type DatasetOptions,
  type DatasetToTag,
  readDatasetToTag,
  TAG_FORMATS,
} from '../tagging/dataset-to-tag.js';
import { openTagFile, writeFailure } from '../tagging/open-tag-file.js';
import { tagImages } from '../tagging/tag-images.js';
import { frontnessCommand } from './dataset-frontness.js';
import { overlapCommand } from './dataset-overlap.js';

interface TagOptions extends DatasetOptions {
  readonly out?: string;
  readonly restart?: true;
  readonly parallel: number;
  readonly json?: true;
}

/** What a run is made of. */
interface TagJob {
  readonly dataset: DatasetToTag;
  readonly file: TagFile;
  readonly path: string;
  readonly detectorVersion: string;
}

const EXAMPLES = `
The images are read here and sent to the server, whose detector finds the face nearest each image's middle. Its box,
landmarks, ρ, D and quality go to a file of JSON Lines, by default beside the data (docs/datasets.md). Images that have a
tag of the same bytes are not sent again, so that a run that was interrupted goes on where it was.
At the end: the share of cross-posed faces at each τ, as in Table 5 of the SymFace paper.

Examples:
  symface dataset tag /data/faces --format identities                      (faces/IDENTITY/image.jpg)
  symface dataset tag /data/cfp --format identities --subfolder frontal --out cfp-frontal.jsonl
  symface dataset tag /data/lfw/pairs.txt --format lfw --images /data/lfw/images
  symface dataset tag /data/agedb_30.bin --format bin --json
  symface dataset tag /data/celeba/identities.tsv --format list --images /data/celeba/images
  symface dataset tag /data/ms1mv2/train.rec --format recordio              (train.idx beside it)`;

export function datasetCommand(session: Session): Command {
  return new Command('dataset')
    .description('prepare data sets for training')
    .addCommand(tagCommand(session))
    .addCommand(frontnessCommand(session))
    .addCommand(overlapCommand(session));
}

function tagCommand(session: Session): Command {
  return new Command('tag')
    .description("record the landmarks, frontness ρ and quality of a data set's faces beside it")
    .argument('<path>', "the folder of identities, the .bin or .rec file, the list, or CFP's folder")
    .addOption(
      new Option('--format <format>', 'how it is laid out').choices(TAG_FORMATS).makeOptionMandatory(),
    )
    .option('--images <folder>', "where the images of a list are; else the list's own folder")
    .option('--subfolder <name>', 'of each identity, only the images in this folder')
    .option('--aligned', 'the images are aligned crops; faces are detected in them all the same')
    .option('--out <file>', 'where the tags go; else <path>.tags.jsonl, or tags.jsonl in the folder')
    .option('--restart', 'tag everything anew, in place of the tags that are there')
    .option('--parallel <count>', 'images at a time', positiveInteger, 4)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: TagOptions, command: Command) => {
      await session.callServer(command, async (client) => {
        const dataset = await readDatasetToTag(path, options);
        const detectorVersion = await activeDetector(client);
        const out = options.out ?? (await defaultTagFile(path));
        const file = await openTagFile(out, { ...dataset, detectorVersion }, options.restart === true);
        return interruptible((signal) =>
          runJob(session, client, { dataset, file, path: out, detectorVersion }, options, signal),
        );
      });
    });
}

/** @returns its id */
async function activeDetector(client: SymFaceClient): Promise<string> {
  const versions = paginate(client.model.listModelVersions, { kind: 'MODEL_KIND_DETECTOR' });
  for await (const { active, name } of versions) if (active) return modelVersionId(name);
  throw new CommandFailure('The server has no active detector: symface models list.');
}

async function runJob(
  session: Session,
  client: SymFaceClient,
  job: TagJob,
  options: TagOptions,
  signal: AbortSignal,
): Promise<number> {
  const { dataset, file, path, detectorVersion } = job;
  const { images } = dataset.images;
  const startedAtMs = performance.now();
  const { counts, isDone } = await tagAll(session, client, job, options.parallel, signal);
  if (!isDone) return EXIT_ERROR;
  const tags = images.flatMap(({ name }) => file.summary(name) ?? []);
  const run = {
    format: dataset.format,
    imageKind: dataset.imageKind,
    detectorVersion,
    file: path,
    taggedCount: counts.tagged,
    knownCount: counts.known,
    seconds: (performance.now() - startedAtMs) / 1000,
  };
  const report = frontnessReport(tags);
  const lines = options.json ? [tagReportJson(run, report)] : tagReportLines(run, report);
  for (const line of lines) session.terminal.out(line);
  return EXIT_OK;
}

interface TagCounts {
  readonly counts: { readonly tagged: number; readonly known: number };
  readonly isDone: boolean;
}

/** Tags what is left, drawing progress. However it ends, the file is closed and what is in it stays. */
async function tagAll(
  { terminal }: Session,
  client: SymFaceClient,
  { dataset, file, path, detectorVersion }: TagJob,
  parallel: number,
  signal: AbortSignal,
): Promise<TagCounts> {
  const total = dataset.images.images.length;
  const counts = { tagged: 0, known: 0 };
  const finished = (): number => counts.tagged + counts.known;
  const written = <T>(writing: Promise<T>): Promise<T> =>
    writing.catch((cause: unknown) => {
      throw writeFailure(path, cause);
    });
  const parts = {
    detect: (content: Buffer) => client.faceVerification.detectFaces({ image: { content } }),
    knownDigest: (image: string) => file.summary(image)?.sha256,
    keep: (tag: Parameters<TagFile['append']>[0]) => written(file.append(tag)),
    detectorVersion,
    parallel,
  };
  const progress = new ImageProgress(terminal.isInteractive, total);
  try {
    await tagImages(dataset.images, parts, signal, (outcome) => {
      counts[outcome]++;
      progress.update(finished(), counts.known);
    });
  } finally {
    progress.stop();
    if (finished() < total) {
      terminal.err(
        `Ended after ${finished()} of ${total} images. Their tags are kept in ${path}; the same command goes on from there.`,
      );
    }
    await written(file.close());
  }
  return { counts, isDone: finished() === total };
}
