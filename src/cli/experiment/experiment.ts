import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { replaceFile } from '../../storage/files/durable-files.js';
import {
  type ExperimentPlan,
  type PlannedRun,
  readExperiment,
} from '../../training/experiments/experiment-file.js';
import { CrossedBootstrap, experimentDraws } from '../../training/experiments/crossed-bootstrap.js';
import { ExperimentFolder } from '../../training/experiments/experiment-folder.js';
import {
  type CellAverage,
  experimentResults,
  type ExperimentResults,
  type ExperimentRun,
} from '../../training/experiments/experiment-results.js';
import { averageRuns, requireAveragedBackbone } from '../../training/experiments/average-runs.js';
import { CommandFailure } from '../command-failure.js';
import { EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK } from '../exit-code.js';
import { errorCode } from '../image-file.js';
import { interruptible } from '../interruption.js';
import { experimentMarkdown } from '../report/experiment-markdown.js';
import { experimentTables, stateLine } from '../report/experiment-tables.js';
import { tableLines } from '../report/table.js';
import type { Session } from '../session.js';
import { duration, ExperimentProgress } from './experiment-progress.js';
import { trainRuns } from './experiment-runs.js';

/** The options of `experiment`. */
export interface ExperimentOptions {
  readonly config: string;
  readonly output: string;
  readonly jobs: number;
  readonly threads: number;
  readonly dryRun?: true;
  readonly restart?: true;
  readonly engine: 'ort' | 'tfjs';
  readonly provider: 'cpu' | 'cuda' | 'webgpu';
  readonly set: readonly string[];
}

/** One call of the command. */
export class Experiment {
  private readonly running = new Set<PlannedRun>();
  private states: readonly ExperimentRun[] = [];
  private means: readonly CellAverage[] = [];
  /** The bootstrap of all runs, once there are no more to come. */
  private bootstrap: CrossedBootstrap | undefined;

  private constructor(
    private readonly session: Session,
    private readonly plan: ExperimentPlan,
    private readonly output: string,
    private readonly folder: ExperimentFolder,
    private readonly options: ExperimentOptions,
  ) {}

  /** @throws Failure where the experiment file is not one */
  static async read(session: Session, options: ExperimentOptions): Promise<Experiment> {
    const plan = await readExperiment(options.config, options.set);
    const output = resolve(options.output);
    return new Experiment(session, plan, output, new ExperimentFolder(output), options);
  }

  /** Prints what would be run. */
  async show(): Promise<number> {
    const { plan, folder, session } = this;
    await this.readStates();
    const rows = await Promise.all(
      plan.runs.map(async (run, index) => {
        const { state = 'unfinished' } = this.states[index] ?? {};
        const share = `${((await folder.progressOf(run)) * 100).toFixed(0)} % of ${run.configuration.epochs} epochs`;
        return [run.cell, String(run.seed), state === 'unfinished' ? share : state, run.folder];
      }),
    );
    session.terminal.out(stateLine(plan, this.results()));
    for (const line of tableLines(['CELL', 'SEED', 'STATE', 'FOLDER'], rows)) session.terminal.out(line);
    return EXIT_OK;
  }

  async run(): Promise<number> {
    const { plan, folder, options } = this;
    for (const mean of plan.means) await requireAveragedBackbone(mean);
    if (options.restart) await folder.restart(plan.runs);
    await folder.requireSame(plan.runs);
    await this.readStates();
    await this.writeResults();
    const isStopped = await interruptible(async (signal) => {
      await this.train(signal);
      await this.average(signal);
      return signal.aborted;
    });
    if (!isStopped) await this.compare();
    await this.writeResults();
    return this.announce(isStopped);
  }

  private async readStates(): Promise<void> {
    this.states = await Promise.all(this.plan.runs.map(async (run) => this.folder.stateOf(run)));
  }

  private results(): ExperimentResults {
    return experimentResults(this.plan.cells, this.states, this.plan.comparison, this.means, this.bootstrap);
  }

  private async train(signal: AbortSignal): Promise<void> {
    const { plan, folder, options, session } = this;
    const isFinished = (index: number): boolean => this.states[index]?.state === 'finished';
    const missing = plan.runs.filter((_, index) => !isFinished(index));
    let ended = plan.runs.length - missing.length;
    session.terminal.err(
      `${plan.name}: ${plan.runs.length} runs, ${ended} of them finished before; in ${this.output}`,
    );
    const progress = new ExperimentProgress(session.terminal, plan.runs.length, async () => ({
      ended,
      running: await Promise.all([...this.running].map(async (run) => folder.progressOf(run))),
    }));
    const startedAtMs = new Map<PlannedRun, number>();
    progress.start();
    try {
      await trainRuns(
        missing,
        folder,
        { jobs: options.jobs, trainArguments: trainArguments(options) },
        {
          onBegin: (run) => {
            this.running.add(run);
            startedAtMs.set(run, performance.now());
          },
          onEnd: async (run, result) => {
            this.running.delete(run);
            this.states = this.states.map((state, index) => (plan.runs[index] === run ? result : state));
            if (result.state !== 'unfinished') ended++;
            const took = duration(performance.now() - (startedAtMs.get(run) ?? 0));
            progress.line(`[${ended}/${plan.runs.length}] ${endLine(result)} (${took})`);
            await this.writeResults();
          },
        },
        signal,
      );
    } finally {
      progress.stop();
    }
  }

  /** Averages the weights of the cells that are finished. */
  private async average(signal: AbortSignal): Promise<void> {
    const { plan, output, options, session } = this;
    const isUnfinished = (cell: string): boolean =>
      this.states.some((run) => run.cell === cell && run.state !== 'finished');
    for (const mean of plan.means) {
      if (signal.aborted) return;
      if (isUnfinished(mean.cell)) continue;
      session.terminal.err(`${mean.cell}: mean of the weights of ${mean.runs.length} runs`);
      this.means = [...this.means, await averageRuns(mean, output, options.threads)];
    }
  }

  /** Draws persons and seeds anew: some seconds for each run, and so only once all have ended. */
  private async compare(): Promise<void> {
    const { plan, folder, session } = this;
    if (plan.comparison === undefined) return;
    session.terminal.err(`${plan.name}: intervals by ${experimentDraws.count} draws of persons and seeds`);
    const scores = await Promise.all(plan.runs.map(async (run) => folder.scoresOf(run)));
    this.bootstrap = new CrossedBootstrap(scores.filter((run) => run !== undefined));
  }

  private async writeResults(): Promise<void> {
    const { plan, output } = this;
    const { name, seeds, plotAxis } = plan;
    const axes = plan.axes.map((axis) => ({
      name: axis.name,
      values: axis.values.map((value) => value.name),
    }));
    const results = this.results();
    const { experimentHtml } = await import('../report/experiment-html.js');
    const files = {
      'results.json': `${JSON.stringify({ name, seeds, axes, plotAxis, ...results }, null, 2)}\n`,
      'results.md': experimentMarkdown(plan, results),
      'report.html': experimentHtml(plan, results),
    };
    try {
      await mkdir(output, { recursive: true });
      for (const [file, content] of Object.entries(files)) await replaceFile(join(output, file), content);
    } catch (cause) {
      throw new CommandFailure(`Cannot write results to ${output} (${errorCode(cause)}).`, { cause });
    }
  }

  private announce(isStopped: boolean): number {
    const { terminal } = this.session;
    const results = this.results();
    for (const { title, headings, rows } of experimentTables(this.plan, results)) {
      terminal.out(title);
      for (const line of tableLines(headings, rows)) terminal.out(`  ${line}`);
    }
    terminal.out(`${stateLine(this.plan, results)} Results: ${join(this.output, 'report.html')}`);
    if (results.runs.every(({ state }) => state === 'finished')) return EXIT_OK;
    if (!isStopped) return EXIT_ERROR;
    terminal.err('Stopped. The same command goes on there.');
    return EXIT_INTERRUPTED;
  }
}

function trainArguments({ jobs, threads, engine, provider }: ExperimentOptions): readonly string[] {
  const share = threads === 0 && jobs > 1 ? Math.max(1, Math.floor(availableParallelism() / jobs)) : threads;
  return ['--engine', engine, '--provider', provider, '--threads', String(share)];
}

function endLine({ cell, seed, state, failure, figures }: ExperimentRun): string {
  if (failure !== undefined) {
    const reason = failure.reason === undefined ? '' : `${failure.reason}: `;
    return `${cell}, seed ${seed}: failed: ${reason}${failure.message}`;
  }
  if (state === 'unfinished') return `${cell}, seed ${seed}: stopped`;
  const accuracies = Object.entries(figures?.sets ?? {}).flatMap(([set, { accuracy }]) =>
    accuracy === undefined ? [] : [`${set} ${(accuracy * 100).toFixed(2)} %`],
  );
  return `${cell}, seed ${seed}: ${['finished', ...accuracies].join(', ')}`;
}
