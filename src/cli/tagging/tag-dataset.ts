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
import type { Session } from '../session.js';
import { type DatasetOptions, type DatasetToTag, readDatasetToTag } from './dataset-to-tag.js';
import { openTagFile, writeFailure } from './open-tag-file.js';
import { tagImages } from './tag-images.js';

/** The options of `dataset tag`. */
export interface TagOptions extends DatasetOptions {
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

/** Tags the images of a data set that have no tag yet. @returns the exit code */
export async function tagDataset(
  session: Session,
  client: SymFaceClient,
  path: string,
  options: TagOptions,
): Promise<number> {
  const dataset = await readDatasetToTag(path, options);
  const detectorVersion = await activeDetector(client);
  const out = options.out ?? (await defaultTagFile(path));
  const file = await openTagFile(out, { ...dataset, detectorVersion }, options.restart === true);
  return interruptible((signal) =>
    runJob(session, client, { dataset, file, path: out, detectorVersion }, options, signal),
  );
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
    passedOver: dataset.passedOver,
    remarks: dataset.remarks,
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
