import type { Weights } from '../../core/models/weights.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { type HeadShare, headShareOf, specOfShare, stateOfShare } from '../step/head-share.js';
import { squaresOf } from '../step/host-sgd.js';
import { placeOf, sampleClasses } from '../step/sampled-classes.js';
import {
  COLUMNS,
  EMBEDDING_GRADIENT,
  EMBEDDINGS,
  LOG_SUMS,
  OTHER_LOSS,
  OWN_MASK,
  SAMPLE_WEIGHTS,
  STATISTICS_MASK,
  TARGET_LOGITS,
} from '../step/split-head-steps.js';
import { arraysOfBatch, divergedValue, stepReport } from '../step/step-arrays.js';
import { figuresOf, gradientName, lossStateName } from '../step/step-definition.js';
import type { Accumulation, StepReport, TrainingState } from '../step/training-engine.js';
import { HEAD, lossStatistics, type TrainingSpec } from '../step/training-spec.js';
import type { StepResults } from './compiled-gradients.js';
import { divergence } from './divergence.js';
import type { EngineStep } from './engine-step.js';
import { gatherSamples, type GatheredSamples, softmaxOverShares } from './gathered-samples.js';
import { GatheredHead } from './gathered-head.js';
import { HostState } from './host-state.js';
import type { OrtEngineOptions } from './ort-engine-options.js';
import type { ProcessGroup } from './process-group.js';
import { compileSplitHead, releaseSplitHead, type SplitHeadGraphs } from './split-head-graphs.js';
import { figuresIn, StepFigures } from './step-figures.js';

/** What a batch of each process has come to. */
interface Round {
  /** Of this process's batch; undefined where it has none */
  readonly backbone: StepResults | undefined;
  readonly head: StepResults;
}

/**
 * Steps of several processes of which each has the weights of some classes (model parallelism, as in Deng et al., arXiv 1801.07698):
 * embeddings are gathered, each process computes its classes' logits for the samples of all, the softmax is over all classes,
 * and the gradients of the embeddings are added up. Gradients of class weights stay where they are.
 */
export class SplitHeadStep implements EngineStep {
  readonly savesBetweenSteps = true;
  readonly hasSplitState = true;
  private readonly figures: StepFigures;
  private readonly lossStatistics: ReadonlySet<string>;
  /** Rounds of the step that goes on, and whether this process had a batch in one. */
  private rounds = 0;
  private hadBatch = false;

  private constructor(
    private readonly processes: ProcessGroup,
    /** Of the share */
    private readonly spec: TrainingSpec,
    private readonly share: HeadShare,
    private readonly graphs: SplitHeadGraphs,
    private readonly hostState: HostState,
    private readonly wholeHead: GatheredHead,
  ) {
    this.figures = new StepFigures(figuresOf(spec).filter((name) => name !== 'gradientNorm'));
    this.lossStatistics = new Set(lossStatistics(spec).map(lossStateName));
  }

  /**
   * Takes over the state of process 0, of the class weights this process's share.
   * @throws RangeError where the head cannot be split among so many; as `CompiledGradients.compile`
   */
  static async begin(
    processes: ProcessGroup,
    spec: TrainingSpec,
    state: TrainingState,
    options: OrtEngineOptions,
  ): Promise<SplitHeadStep> {
    const shares = Array.from({ length: processes.size }, (_, rank) =>
      headShareOf(spec, { rank, size: processes.size }),
    );
    const share = shares[processes.rank] ?? headShareOf(spec, processes);
    const own = specOfShare(spec, share);
    const hostState = new HostState(own, stateOfShare(state, share));
    const wholeHead = new GatheredHead(processes, shares);
    const { head, others } = hostState.parts;
    await processes.share(others);
    for (const [name, values] of head) {
      const whole = name === HEAD ? state.weights : state.velocities;
      await wholeHead.spread(whole.get(HEAD)?.values ?? new Float32Array(), values);
    }
    const samples = processes.size * spec.batch.batchSize;
    const graphs = await compileSplitHead(own, samples, options);
    return new SplitHeadStep(processes, own, share, graphs, hostState, wholeHead);
  }

  get garbageBytes(): number {
    const { backbone, batch } = this.spec;
    const embeddings = this.processes.size * batch.batchSize * backbone.embeddingSize;
    return this.hostState.gradientBytes + 3 * embeddings * Float32Array.BYTES_PER_ELEMENT;
  }

  async step(batch: TrainingBatch, learningRate: number, accumulation: Accumulation): Promise<StepReport> {
    this.hostState.takeClasses(batch);
    const { round, figures } = await this.round(batch);
    if (accumulation.isLast) return this.together(round, learningRate, accumulation);
    this.keep(round);
    return stepReport(figuresOf(this.spec), figures);
  }

  async stepWithoutBatch(learningRate: number, accumulation: Accumulation): Promise<StepReport> {
    return this.together((await this.round(undefined)).round, learningRate, accumulation);
  }

  async state(): Promise<TrainingState> {
    const state = this.hostState.stateBetweenSteps();
    const weights = await this.wholeHead.whole(state.weights);
    return { ...state, weights, velocities: await this.wholeHead.whole(state.velocities) };
  }

  backboneWeights(): Promise<Weights> {
    return Promise.resolve(this.hostState.backboneWeights());
  }

  async close(): Promise<void> {
    await releaseSplitHead(this.graphs);
  }

  /** A batch of each process, or none of this one's, while another has one. */
  private async round(batch: TrainingBatch | undefined): Promise<{ round: Round; figures: number[] }> {
    const { graphs, processes, spec } = this;
    const { tensors } = this.hostState;
    const own = batch && arraysOfBatch(batch, 0);
    const embeddings = own && (await graphs.embedding.run(tensors, own))(EMBEDDINGS);
    const samples = await gatherSamples(processes, spec, embeddings ?? new Float32Array(), batch);
    const given = this.inputsOf(samples, batch !== undefined);
    const softmax = await graphs.softmax.run(tensors, given);
    const { logSums, targetLogits } = await softmaxOverShares(
      processes,
      softmax(LOG_SUMS),
      softmax(TARGET_LOGITS),
    );
    const summed = new Map([...given, [LOG_SUMS, logSums], [SAMPLE_WEIGHTS, samples.weights]]);
    const head = await graphs.head.run(tensors, summed);
    const gradient = head(EMBEDDING_GRADIENT);
    await processes.sum([gradient]);
    this.rounds++;
    const round = { backbone: own && (await this.backboneResults(own, gradient)), head };
    if (round.backbone === undefined) return { round, figures: [] };
    this.hadBatch = true;
    const losses = logSums.map((sum, sample) => sum - (targetLogits[sample] ?? Number.NaN));
    const faceLoss = meanOf(losses, samples) + (softmax(OTHER_LOSS)[0] ?? Number.NaN);
    const figures = this.withFaceLoss(round.backbone, faceLoss);
    this.figures.add(figures);
    return { round, figures };
  }

  /** The backbone's gradients of this process's batch. @param gradient [N, D] of all embeddings */
  private async backboneResults(
    batch: ReadonlyMap<string, Float32Array | Int32Array>,
    gradient: Float32Array,
  ): Promise<StepResults> {
    const { batchSize } = this.spec.batch;
    const length = batchSize * this.spec.backbone.embeddingSize;
    const own = gradient.slice(this.processes.rank * length, (this.processes.rank + 1) * length);
    return this.graphs.backbone.run(this.hostState.tensors, new Map([...batch, [EMBEDDING_GRADIENT, own]]));
  }

  private inputsOf({ embeddings, labels, ownMask, statisticsMask }: GatheredSamples, hasBatch: boolean) {
    return new Map<string, Float32Array | Int32Array>([
      [EMBEDDINGS, embeddings],
      [COLUMNS, this.columnsOf(labels, hasBatch)],
      [OWN_MASK, ownMask],
      [STATISTICS_MASK, statisticsMask],
    ]);
  }

  /** [N] the columns of samples' classes among this process's; -1 where another has them. */
  private columnsOf(labels: Int32Array, hasBatch: boolean): Int32Array {
    const { first, classCount, sampledClasses: count } = this.share;
    const own = labels.map((label) => (label >= first && label < first + classCount ? label - first : -1));
    if (count === undefined) return own;
    // Without a batch in this step nobody has said which classes; those of its samples are known now.
    if (!hasBatch && this.rounds === 0) {
      const present = own.filter((label) => label >= 0);
      const place = { epoch: 0, batch: 0 };
      this.hostState.takeClasses({ classes: sampleClasses(present, { count, classCount }, 0, place) });
    }
    const { classes = new Int32Array() } = this.hostState;
    return own.map((label) => (label < 0 ? -1 : placeOf(label, classes)));
  }

  private withFaceLoss(results: StepResults, faceLoss: number): number[] {
    const names = figuresOf(this.spec).filter((name) => name !== 'gradientNorm');
    return figuresIn(results, names).map((value, index) =>
      names[index] === 'loss' || names[index] === 'faceLoss' ? value + faceLoss : value,
    );
  }

  private gradientsOf({ backbone, head }: Round): readonly Float32Array[] {
    return this.hostState.parameters.map((name) =>
      name === HEAD
        ? head(gradientName(name))
        : (backbone?.(gradientName(name)) ?? this.hostState.noGradient(name)),
    );
  }

  private statisticsAfter({ backbone, head }: Round): readonly Float32Array[] {
    return this.hostState.statistics.map((name) =>
      this.lossStatistics.has(name) ? head(name) : (backbone?.(name) ?? this.hostState.copyOf(name)),
    );
  }

  /** Sums up what a round came to that is not the step's last. */
  private keep(round: Round): void {
    this.hostState.sgd.accumulate(this.gradientsOf(round));
    this.hostState.takeStatistics(this.statisticsAfter(round));
  }

  /** Takes the step, once the rounds of those are over that have more batches of it. */
  private async together(
    lastOfOwn: Round,
    learningRate: number,
    { batchCount }: Accumulation,
  ): Promise<StepReport> {
    const { hostState, processes } = this;
    let round = lastOfOwn;
    while (this.rounds < Math.ceil(batchCount / processes.size)) {
      this.keep(round);
      ({ round } = await this.round(undefined));
    }
    const gradients = this.gradientsOf(round);
    hostState.sgd.takeSums(gradients);
    const statistics = this.statisticsToSum(round);
    const figures = this.figures.take();
    const shared = gradients.filter((_, index) => hostState.parameters[index] !== HEAD);
    const squares = Float32Array.of(squaresOf(gradients[hostState.parameters.indexOf(HEAD)] ?? figures));
    await processes.sum([...shared, ...statistics, figures, squares]);
    this.rounds = 0;
    this.hadBatch = false;
    const all = shared.reduce((sum, gradient) => sum + squaresOf(gradient), squares[0] ?? Number.NaN);
    const norm = Math.sqrt(all) / batchCount;
    const { report, contributors } = this.figures.report(figures, batchCount, norm);
    // Every process comes to the same sums, so all of them throw.
    const diverged = divergedValue(report);
    if (diverged !== undefined) throw divergence(diverged, report);
    hostState.descend(gradients, { batchCount, norm }, learningRate);
    hostState.takeStatistics(this.meanStatistics(statistics, contributors));
    return report;
  }

  /** Statistics of norms where this process had a batch, those of the face loss always. */
  private statisticsToSum(round: Round): readonly Float32Array[] {
    const { statistics } = this.hostState;
    return this.statisticsAfter(round).map((values, index) =>
      this.hadBatch || this.lossStatistics.has(statistics[index] ?? '') ? values : values.map(() => 0),
    );
  }

  private meanStatistics(sums: readonly Float32Array[], contributors: number): readonly Float32Array[] {
    const { statistics } = this.hostState;
    return sums.map((values, index) => {
      const isOfLoss = this.lossStatistics.has(statistics[index] ?? '');
      return values.map((sum) => sum / (isOfLoss ? this.processes.size : contributors));
    });
  }
}

/** The mean over this process's samples. */
function meanOf(losses: Float32Array, { weights, ownMask }: GatheredSamples): number {
  return losses.reduce(
    (sum, loss, sample) => (ownMask[sample] === 1 ? sum + loss * (weights[sample] ?? 0) : sum),
    0,
  );
}
