import { counted } from '../../core/counted.js';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { contractFormat } from '../../contract/dataset-format.js';
import { VERIFICATION_FORMATS } from '../../datasets/verification/verification-formats.js';
import { paginate } from '../../client/paginate.js';
import { RemoteFailure } from '../../client/remote-failure.js';
import type { SymFaceServices } from '../../client/service-methods.js';
import type { VerificationReport } from '../../core/protocols/verification-report.js';
import type { BenchmarkRun__Output } from '../../generated/symface/v1/BenchmarkRun.js';
import { CommandFailure } from '../command-failure.js';
import { idIn } from '../enrolment-names.js';
import { EXIT_OK } from '../exit-code.js';
import { errorCode } from '../image-file.js';
import { exitCodeOf } from '../jobs/announce-job.js';
import { followJob } from '../jobs/follow-job.js';
import { modelVersionName } from '../model-name.js';
import type { WorstPairsShown } from '../report/benchmark-html.js';
import { benchmarkRunJson, benchmarkRunLines } from '../report/benchmark-report.js';
import { jobLines } from '../report/job-report.js';
import { shortTime, tableLines } from '../report/table.js';
import { present, type Session } from '../session.js';
import { localBenchmarkCommand } from './benchmark-local.js';
import { benchmarkRunName, compareCommand } from './benchmark-compare.js';

interface RegisterOptions {
  /** A short name of VERIFICATION_FORMATS. */
  readonly format: string;
  readonly images?: string;
  readonly aligned?: true;
}

interface RunOptions extends JsonOption {
  readonly model?: string;
  readonly faceless: 'different' | 'excluded';
}

interface ShowOptions extends JsonOption {
  readonly html?: string;
  readonly svg?: string;
  readonly png?: string;
}

interface JsonOption {
  readonly json?: true;
}

const EXAMPLES = `
A data set is registered once, by a path on the server's machine; then benchmarks of the models that serve, or of others
that the server has, are run on it. "symface benchmark local" asks no server.

Examples:
  symface benchmark register lfw /data/lfw/pairs.txt --format lfw --images /data/lfw/images
  symface benchmark register agedb /data/agedb_30.bin --format bin
  symface benchmark run lfw
  symface benchmark run lfw --model mobilefacenet-0123456789ab
  symface benchmark list
  symface benchmark show 0b6e7f1c-... --html lfw.html --png plots
  symface benchmark compare 0b6e7f1c-... 5c2a90d4-...   is the second model better?
  symface calibrate --benchmark 0b6e7f1c-...            the model's thresholds from now on`;

export function benchmarkCommand(session: Session): Command {
  return new Command('benchmark')
    .description("run the field's verification protocols on models")
    .addCommand(registerCommand(session))
    .addCommand(datasetsCommand(session))
    .addCommand(runCommand(session))
    .addCommand(localBenchmarkCommand(session))
    .addCommand(listCommand(session))
    .addCommand(showCommand(session))
    .addCommand(compareCommand(session))
    .addHelpText('after', EXAMPLES);
}

/** @param shortName a value of `--format` */
function nameOfFormat(shortName: string): string {
  const format = VERIFICATION_FORMATS.find((known) => known.shortName === shortName);
  if (format === undefined) throw new RangeError(`there is no format ${shortName}`);
  return format.name;
}

function registerCommand(session: Session): Command {
  return new Command('register')
    .description("register a data set on the server's machine")
    .argument('<id>', 'what it will be called')
    .argument('<path>', 'the .bin file, the list of pairs, or the folder')
    .addOption(
      new Option('--format <format>', 'how it is laid out')
        .choices(VERIFICATION_FORMATS.map(({ shortName }) => shortName))
        .makeOptionMandatory(),
    )
    .option('--images <folder>', "where the images are; else the list's own folder")
    .option('--aligned', 'the images are 112x112 ArcFace crops')
    .action(async (id: string, path: string, options: RegisterOptions, command: Command) => {
      await session.callServer(command, async ({ benchmark }) => {
        const { dataset, passedOver } = await benchmark.registerDataset({
          datasetId: id,
          format: contractFormat(nameOfFormat(options.format)),
          path: resolve(path),
          imageFolder: options.images === undefined ? '' : resolve(options.images),
          imageKind: options.aligned ? 'IMAGE_KIND_ALIGNED_CROP' : 'IMAGE_KIND_PHOTOGRAPH',
        });
        const { pairCount, imageCount } = present(dataset);
        session.terminal.out(
          `Registered ${id}: ${counted(pairCount, 'pair')} of ${counted(imageCount, 'image')}.`,
        );
        if (passedOver !== '') session.terminal.err(`${passedOver}.`);
        return EXIT_OK;
      });
    });
}

function datasetsCommand(session: Session): Command {
  return new Command('datasets')
    .description('the data sets that are registered')
    .action(async (_options: unknown, command: Command) => {
      await session.callServer(command, async ({ benchmark }) => {
        const rows: string[][] = [];
        for await (const { name, pairCount, imageCount, createTime } of paginate(
          benchmark.listDatasets,
          {},
        )) {
          rows.push([idIn(name), String(pairCount), String(imageCount), shortTime(createTime)]);
        }
        for (const line of tableLines(['ID', 'PAIRS', 'IMAGES', 'REGISTERED'], rows))
          session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function runCommand(session: Session): Command {
  return new Command('run')
    .description('run a benchmark and wait for it; Ctrl-C leaves it running')
    .argument('<dataset>', 'as "symface benchmark datasets" prints it')
    .addOption(
      new Option('--faceless <policy>', 'pairs with an image in which no face is found')
        .choices(['different', 'excluded'])
        .default('different'),
    )
    .option('--model <id>', 'a backbone that the server has; it need not serve')
    .option('--json', 'print one JSON object')
    .action(async (id: string, options: RunOptions, command: Command) => {
      await session.callServer(command, async ({ benchmark, job: jobs }) => {
        const { job } = await benchmark.createBenchmarkRun({
          dataset: `datasets/${id}`,
          facelessPolicy:
            options.faceless === 'excluded' ? 'FACELESS_POLICY_EXCLUDED' : 'FACELESS_POLICY_DIFFERENT',
          modelVersion: options.model === undefined ? '' : modelVersionName(options.model),
        });
        const ended = await followJob(session.terminal, jobs, present(job).name);
        if (ended.state === 'JOB_STATE_SUCCEEDED') {
          const { name } = present(ended.benchmarkRun ?? null);
          print(session, options, present((await benchmark.getBenchmarkRun({ name })).benchmarkRun));
        } else {
          for (const line of options.json ? [JSON.stringify(ended)] : jobLines(ended))
            session.terminal.out(line);
        }
        return exitCodeOf(ended);
      });
    });
}

function listCommand(session: Session): Command {
  return new Command('list')
    .description('the benchmarks that have succeeded, newest first; "symface jobs list" has the others')
    .action(async (_options: unknown, command: Command) => {
      await session.callServer(command, async ({ benchmark }) => {
        const rows: string[][] = [];
        for await (const item of paginate(benchmark.listBenchmarkRuns, {})) {
          const { name, dataset, modelVersion, createTime } = item;
          rows.push([idIn(name), idIn(dataset), idIn(modelVersion), shortTime(createTime)]);
        }
        for (const line of tableLines(['ID', 'DATASET', 'MODEL', 'MEASURED'], rows))
          session.terminal.out(line);
        return EXIT_OK;
      });
    });
}

function showCommand(session: Session): Command {
  return new Command('show')
    .description('one benchmark with its figures')
    .argument('<id>', 'as "symface benchmark list" prints it')
    .option('--json', 'print one JSON object')
    .option('--html <file>', 'write a page with curves, folds and the worst pairs')
    .option('--svg <folder>', 'write the plots as SVG')
    .option('--png <folder>', 'write the plots as PNG')
    .action(async (id: string, options: ShowOptions, command: Command) => {
      await session.callServer(command, async ({ benchmark }) => {
        const name = benchmarkRunName(id);
        const shown = present((await benchmark.getBenchmarkRun({ name })).benchmarkRun);
        if (options.html !== undefined) await writePage(options.html, shown, benchmark);
        for (const format of ['svg', 'png'] as const) {
          const folder = options[format];
          if (folder === undefined) continue;
          const { writePlots } = await import('../report/plot-files.js');
          await writePlots(reportOf(shown), idIn(shown.modelVersion), folder, format);
        }
        print(session, options, shown);
        return EXIT_OK;
      });
    });
}

/** @throws CommandFailure where the file cannot be written */
async function writePage(
  file: string,
  run: BenchmarkRun__Output,
  client: SymFaceServices['benchmark'],
): Promise<void> {
  const { benchmarkHtml } = await import('../report/benchmark-html.js');
  const page = benchmarkHtml(run, reportOf(run), await worstPairsOf(run, client));
  await writeFile(file, page).catch((cause: unknown) => {
    throw new CommandFailure(`Cannot write ${file} (${errorCode(cause)}).`, { cause });
  });
}

function reportOf({ report }: BenchmarkRun__Output): VerificationReport {
  return JSON.parse(present(report).reportJson) as VerificationReport;
}

/** The page is worth having without them: images may have changed since. */
async function worstPairsOf(
  { name: benchmarkRun }: BenchmarkRun__Output,
  client: SymFaceServices['benchmark'],
): Promise<WorstPairsShown> {
  try {
    return await client.listWorstPairs({ benchmarkRun });
  } catch (error) {
    if (error instanceof RemoteFailure) return error.message;
    throw error;
  }
}

function print(session: Session, { json }: JsonOption, run: BenchmarkRun__Output): void {
  const lines = json ? [JSON.stringify(benchmarkRunJson(run))] : benchmarkRunLines(run);
  for (const line of lines) session.terminal.out(line);
}
