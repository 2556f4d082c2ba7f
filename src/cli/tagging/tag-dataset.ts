import { defaultTagFile } from '../../datasets/tags/default-tag-file.js';
import { frontnessReport } from '../../datasets/tags/frontness-report.js';
import type { TagFile } from '../../datasets/tags/tag-file.js';
import { EXIT_ERROR, EXIT_OK } from '../exit-code.js';
import { ImageProgress } from '../image-progress.js';
import { interruptible } from '../interruption.js';
import { tagReportJson, tagReportLines } from '../report/tag-report.js';
import type { Session } from '../session.js';
import { type DatasetOptions, type DatasetToTag, readDatasetToTag } from './dataset-to-tag.js';
import { openTagFile, writeFailure } from './open-tag-file.js';
import { tagImages } from './tag-images.js';
import type { TaggingDetector } from './tagging-detectors.js';

/** The options of `dataset tag`. */
export interface TagOptions extends DatasetOptions {
  readonly output?: string;
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
  detector: TaggingDetector,
  path: string,
  options: TagOptions,
): Promise<number> {
  const dataset = await readDatasetToTag(path, options);
  const { detectorVersion } = detector;
  const out = options.output ?? (await defaultTagFile(path));
  const file = await openTagFile(out, { ...dataset, detectorVersion }, options.restart === true);
  return interruptible((signal) =>
    runJob(session, detector, { dataset, file, path: out, detectorVersion }, options, signal),
  );
}

async function runJob(
  session: Session,
  detector: TaggingDetector,
  job: TagJob,
  options: TagOptions,
  signal: AbortSignal,
): Promise<number> {
  const { dataset, file, path, detectorVersion } = job;
  const { images } = dataset.images;
  const startedAtMs = performance.now();
  const { counts, isDone } = await tagAll(session, detector, job, options.parallel, signal);
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
  detector: TaggingDetector,
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
    detect: (content: Buffer) => detector.detect(content, signal),
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
