import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { RemoteFailure } from '../../client/remote-failure.js';
import type { SymFaceClient } from '../../client/symface-client.js';
import { CommandFailure } from '../command-failure.js';
import { collectionNameOf } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { exitCodeOf } from '../jobs/announce-job.js';
import { followJob } from '../jobs/follow-job.js';
import { modelVersionName } from '../model-name.js';
import { calibrationLines } from '../report/calibration-report.js';
import { enrolledCalibrationLines } from '../report/enrolled-calibration-report.js';
import { jobLines } from '../report/job-report.js';
import { present, type Session } from '../session.js';
import { benchmarkRunName } from './benchmark-compare.js';

interface CalibrateOptions {
  readonly folder?: string;
  readonly aligned?: true;
  readonly enrolled?: true;
  readonly collection?: string;
  readonly benchmark?: string;
  readonly model?: string;
  readonly allowUnsupportedRate?: true;
  readonly json?: true;
}

const NOTES = `
Thresholds are found at every false match rate that the pairs of strangers support: 3,000 pairs for 1e-2, 30,000 for 1e-3
(250 photographs of 40 persons have as many), 300,000 for 1e-4. The service decides at the rate in force (symface
operating-point). Photographs should be like those that are to be compared; docs/benchmarks.md.

Examples:
  symface calibrate --folder photographs/                 other people than those enrolled for training, one folder a person
  symface calibrate --folder photographs/ --model my-net-0123456789ab
  symface calibrate --enrolled                            the faces that are enrolled
  symface calibrate --enrolled --collection staff
  symface calibrate --benchmark 0b6e7f1c-...              a benchmark that was run before, of whichever model`;

export function calibrateCommand(session: Session): Command {
  return new Command('calibrate')
    .description(
      "a model's thresholds and match probabilities, from a folder, the enrolled faces or a benchmark",
    )
    .option('--folder <folder>', 'photographs, one folder a person')
    .option('--aligned', 'the images of the folder are 112x112 ArcFace crops')
    .option('--enrolled', 'the enrolled faces: pairs of two subjects of one collection')
    .option('--collection <id>', 'of this collection only')
    .option('--benchmark <id>', 'a benchmark of the model, as "symface benchmark list" prints it')
    .option('--model <id>', 'a backbone that the server has; the one that serves where it is left out')
    .option('--allow-unsupported-rate', 'also where the pairs do not support the false match rate in force')
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (options: CalibrateOptions, command: Command) => {
      requireOneSource(options);
      const { folder, benchmark } = options;
      await session.changeModels(command, async (client) => {
        if (folder !== undefined) return calibrateFolder(session, client, folder, options);
        if (benchmark !== undefined)
          return calibrateBy(session, client, benchmarkRunName(benchmark), options);
        return calibrateEnrolled(session, client, options);
      });
    });
}

/** @throws CommandFailure */
function requireOneSource(options: CalibrateOptions): void {
  const { folder, enrolled, benchmark, collection, aligned, model } = options;
  if ([folder, enrolled, benchmark].filter((source) => source !== undefined).length !== 1) {
    throw new CommandFailure('Say what to calibrate by: --folder <folder>, --enrolled, or --benchmark <id>.');
  }
  if (model !== undefined && benchmark !== undefined) {
    throw new CommandFailure(
      '--model goes with --folder and --enrolled: a benchmark is of one model already.',
    );
  }
  if (collection !== undefined && enrolled === undefined) {
    throw new CommandFailure('--collection goes with --enrolled.');
  }
  if (aligned && folder === undefined) throw new CommandFailure('--aligned goes with --folder.');
}

async function calibrateEnrolled(
  session: Session,
  { benchmark }: SymFaceClient,
  { model, collection, allowUnsupportedRate, json }: CalibrateOptions,
): Promise<number> {
  const found = await benchmark.calibrateFromEnrolledFaces({
    modelVersion: model === undefined ? '' : modelVersionName(model),
    collection: collection === undefined ? '' : collectionNameOf(collection),
    allowUnsupportedRate: allowUnsupportedRate === true,
  });
  if (json) {
    session.terminal.out(JSON.stringify(found));
    return EXIT_OK;
  }
  const { lines, warnings } = enrolledCalibrationLines(found);
  for (const line of lines) session.terminal.out(line);
  for (const warning of warnings) session.terminal.err(warning);
  return EXIT_OK;
}

/** Registers the folder where it is not yet, runs a benchmark on it, and calibrates by that. */
async function calibrateFolder(
  session: Session,
  client: SymFaceClient,
  folder: string,
  options: CalibrateOptions,
): Promise<number> {
  const { aligned, model, json } = options;
  const { benchmark, job: jobs } = client;
  const dataset = await registeredFolder(session, benchmark, resolve(folder), aligned === true);
  const { job } = await benchmark.createBenchmarkRun({
    dataset,
    facelessPolicy: 'FACELESS_POLICY_DIFFERENT',
    modelVersion: model === undefined ? '' : modelVersionName(model),
  });
  const ended = await followJob(session.terminal, jobs, present(job).name);
  if (ended.state !== 'JOB_STATE_SUCCEEDED') {
    for (const line of json ? [JSON.stringify(ended)] : jobLines(ended)) session.terminal.out(line);
    return exitCodeOf(ended);
  }
  return calibrateBy(session, client, present(ended.benchmarkRun ?? null).name, options);
}

/** @param benchmarkRun its resource name */
async function calibrateBy(
  session: Session,
  { benchmark }: SymFaceClient,
  benchmarkRun: string,
  { allowUnsupportedRate, json }: CalibrateOptions,
): Promise<number> {
  const { calibration } = await benchmark.calibrateModelVersion({
    benchmarkRun,
    allowUnsupportedRate: allowUnsupportedRate === true,
  });
  const shown = present(calibration);
  for (const line of json ? [JSON.stringify(shown)] : calibrationLines(shown)) session.terminal.out(line);
  return EXIT_OK;
}

/** The data set of a folder: its id follows from the path, so that the same folder is registered once. */
async function registeredFolder(
  { terminal }: Session,
  benchmark: SymFaceClient['benchmark'],
  path: string,
  isAligned: boolean,
): Promise<string> {
  const kind = isAligned ? 'aligned' : 'photographs';
  const digest = createHash('sha256').update(`${kind} ${path}`).digest('hex').slice(0, 8);
  const name = basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/gu, '-')
    .replace(/^[^a-z0-9]+/u, '');
  const datasetId = `${name.slice(0, 50) || 'folder'}-${digest}`;
  try {
    const { passedOver } = await benchmark.registerDataset({
      datasetId,
      format: 'DATASET_FORMAT_IDENTITY_FOLDER',
      path,
      imageKind: isAligned ? 'IMAGE_KIND_ALIGNED_CROP' : 'IMAGE_KIND_PHOTOGRAPH',
    });
    if (passedOver !== '') terminal.err(`${passedOver}.`);
  } catch (error) {
    if (!(error instanceof RemoteFailure) || error.reason !== 'DATASET_ALREADY_EXISTS') throw error;
  }
  return `datasets/${datasetId}`;
}
