import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import type { FacelessPolicy } from '../../core/protocols/faceless-policy.js';
import { verificationReport } from '../../core/protocols/verification-report.js';
import { readDataset, VERIFICATION_FORMATS } from '../../datasets/verification/verification-formats.js';
import type { VerificationReport__Output } from '../../generated/symface/v1/VerificationReport.js';
import { toReportMessage } from '../../service/evaluation/benchmark-messages.js';
import { measureDataset, type MeasuredDataset } from '../../service/evaluation/measure-dataset.js';
import { CommandFailure } from '../command-failure.js';
import { EXIT_INTERRUPTED, EXIT_OK } from '../exit-code.js';
import { errorCode } from '../image-file.js';
import { ImageProgress } from '../image-progress.js';
import { interruptible } from '../interruption.js';
import { benchmarkReportLines } from '../report/benchmark-report.js';
import type { Session } from '../session.js';
import { type LocalAnalysis, withLocalAnalysis } from './local-analysis.js';
import { type LocalModelOptions, withLocalModel } from './local-model.js';

/** The options of `benchmark local`. */
export interface LocalBenchmarkOptions extends LocalModelOptions {
  /** A short name of VERIFICATION_FORMATS. */
  readonly format: string;
  readonly images?: string;
  readonly aligned?: true;
  readonly faceless: FacelessPolicy;
  readonly output?: string;
  readonly json?: true;
}

/** A benchmark of a model on this machine, without a server. @returns the exit code @throws Failure, CommandFailure */
export async function runLocalBenchmark(
  session: Session,
  path: string,
  options: LocalBenchmarkOptions,
): Promise<number> {
  const dataset = await readDataset({
    format: formatNamed(options.format),
    path: resolve(path),
    imageFolder: options.images === undefined ? '' : resolve(options.images),
    imageKind: options.aligned ? 'aligned-crop' : 'photograph',
  });
  if (dataset.passedOver !== undefined) session.terminal.err(`${dataset.passedOver}.`);
  return interruptible((signal) =>
    withLocalModel(options, (backbone) =>
      withLocalAnalysis(
        session,
        (local) => measureAndReport(session, { path, dataset, local, options, signal }),
        backbone && { backbone },
      ),
    ),
  );
}

interface LocalBenchmark {
  readonly path: string;
  readonly dataset: VerificationDataset;
  readonly local: LocalAnalysis;
  readonly options: LocalBenchmarkOptions;
  readonly signal: AbortSignal;
}

async function measureAndReport(session: Session, benchmark: LocalBenchmark): Promise<number> {
  const { path, dataset, options, local } = benchmark;
  const measured = await measuredImages(session, benchmark);
  if (measured === undefined) {
    session.terminal.err('Interrupted: nothing is compared until all images are measured.');
    return EXIT_INTERRUPTED;
  }
  const { report: figures } = verificationReport({
    images: dataset.images,
    pairs: dataset.pairs,
    foldCount: dataset.foldCount,
    measured: measured.images,
    digests: measured.digests,
    facelessPolicy: options.faceless,
  });
  const report = { ...figures, ...(measured.halves && { halves: measured.halves }) };
  const { backbone, detector } = local.models;
  const about = {
    dataset: path,
    modelVersion: backbone.version.id,
    detectorVersion: detector.version.id,
    datasetDigest: measured.digest,
    facelessPolicy: options.faceless,
  };
  const json = JSON.stringify({ ...about, report });
  if (options.output !== undefined) await write(options.output, json);
  const policy = options.faceless === 'excluded' ? 'FACELESS_POLICY_EXCLUDED' : 'FACELESS_POLICY_DIFFERENT';
  const lines = options.json
    ? [json]
    : [
        `${path}: model ${about.modelVersion}, detector ${about.detectorVersion}`,
        ...benchmarkReportLines(
          toReportMessage(report, measured.digest) as VerificationReport__Output,
          policy,
        ),
      ];
  for (const line of lines) session.terminal.out(line);
  return EXIT_OK;
}

/** Nothing is kept between two commands. */
const noStore = {
  findMeasurements: (images: readonly unknown[]) =>
    Promise.resolve(new Array<undefined>(images.length).fill(undefined)),
  keepMeasurements: () => Promise.resolve(),
};

/** @returns undefined where it was interrupted */
async function measuredImages(
  { terminal }: Session,
  { dataset, local: { analysis, models, parallel }, signal }: LocalBenchmark,
): Promise<MeasuredDataset | undefined> {
  const progress = new ImageProgress(terminal.isInteractive, dataset.images.length);
  let finished = 0;
  const ids = { modelVersion: models.backbone.version.id, detectorVersion: models.detector.version.id };
  const parts = { analysis, store: noStore, parallel };
  try {
    return await measureDataset(dataset, ids, parts, { signal }, () => {
      progress.update(++finished);
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    progress.stop();
  }
}

function formatNamed(shortName: string): string {
  const format = VERIFICATION_FORMATS.find((known) => known.shortName === shortName);
  if (format === undefined) throw new RangeError(`there is no format ${shortName}`);
  return format.name;
}

async function write(file: string, json: string): Promise<void> {
  await writeFile(file, `${json}\n`).catch((cause: unknown) => {
    throw new CommandFailure(`Cannot write ${file} (${errorCode(cause)}).`, { cause });
  });
}
