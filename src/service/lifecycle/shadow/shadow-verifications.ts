import type { Caller } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import { addCounts, countsOf, noShadowCounts, type Shadow, type ShadowCounts } from './shadow.js';
import type { CallControl } from '../../../inference/analyser/face-analysis.js';
import type { ShadowStore } from './shadow.store.js';
import type { AnsweredVerification, VerificationObserver } from '../../verification/verification-observer.js';
import type { VerificationOptions, VerificationPair } from '../../verification/verification-request.js';
import type { VerifySubjectCommand } from '../../verification/verify-subject-command.js';

/** Decides a verification with another model than the one that serves. */
export interface CandidateVerification {
  pair(pair: VerificationPair, options: VerificationOptions, control: CallControl): Promise<boolean>;
  subject(command: VerifySubjectCommand, caller: Caller, control: CallControl): Promise<boolean>;
}

interface ShadowVerificationsParts {
  readonly store: Pick<ShadowStore, 'running' | 'add'>;
  readonly verificationBy: (candidate: string) => CandidateVerification;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Is told of defects, and of a database that does not answer. */
  readonly onDefect: (error: unknown) => void;
  readonly lookEveryMs?: number;
}

const defaultLookEveryMs = 2_000;
/**
 * How many calls are in hand at once: the candidate's workers have the lowest priority, and more would wait in memory.
 */
const mostAtOnce = 2;

/** Has a candidate decide a share of the live verifications once more, after they were answered. */
export class ShadowVerifications implements VerificationObserver {
  private shadow: Shadow | undefined;
  private counts = noShadowCounts;
  private inHand = 0;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private readonly closing = new AbortController();

  constructor(private readonly parts: ShadowVerificationsParts) {}

  start(): void {
    this.timer ??= setInterval(() => {
      void this.look();
    }, this.parts.lookEveryMs ?? defaultLookEveryMs).unref();
    void this.look();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.closing.abort(new Failure('SHUTTING_DOWN', 'The service is shutting down.'));
    await this.look();
  }

  /** Keeps what was counted, and learns which candidate is in the shadow now. */
  async look(): Promise<void> {
    this.looking = this.looking.then(async () => {
      try {
        await this.flush();
        this.shadow = await this.parts.store.running();
      } catch (error) {
        this.parts.onDefect(error);
      }
    });
    await this.looking;
  }

  pairVerified(pair: VerificationPair, options: VerificationOptions, answer: AnsweredVerification): void {
    // A cosine of the caller's choice means nothing for another model.
    if (options.threshold.similarityThreshold !== undefined) return;
    this.decide(answer, async (candidate, control) => candidate.pair(pair, options, control));
  }

  subjectVerified(command: VerifySubjectCommand, caller: Caller, answer: AnsweredVerification): void {
    // Nor can it embed what was sent as an embedding.
    if (command.threshold.similarityThreshold !== undefined || 'values' in command.probe) return;
    this.decide(answer, async (candidate, control) => candidate.subject(command, caller, control));
  }

  private decide(
    answer: AnsweredVerification,
    decision: (candidate: CandidateVerification, control: CallControl) => Promise<boolean>,
  ): void {
    const { shadow } = this;
    if (shadow === undefined || this.closing.signal.aborted || this.parts.random() >= shadow.share) return;
    if (this.inHand >= mostAtOnce) {
      this.count(shadow, { ...noShadowCounts, dropped: 1 });
      return;
    }
    this.inHand++;
    const startedAtMs = performance.now();
    decision(this.parts.verificationBy(shadow.candidate), { signal: this.closing.signal })
      .then(
        (candidateMatches) => {
          const { matched: servingMatches, elapsedMs: servingMs } = answer;
          const candidateMs = performance.now() - startedAtMs;
          this.count(shadow, countsOf({ servingMatches, candidateMatches, servingMs, candidateMs }));
        },
        (error: unknown) => {
          this.count(shadow, { ...noShadowCounts, failed: 1 });
          if (!(error instanceof Failure)) this.parts.onDefect(error);
        },
      )
      .finally(() => {
        this.inHand--;
      });
  }

  /** Adds to the counts of a shadow, unless it is over. */
  private count({ candidate, startTime }: Shadow, counts: ShadowCounts): void {
    const { shadow } = this;
    if (shadow?.candidate !== candidate || shadow.startTime.getTime() !== startTime.getTime()) return;
    this.counts = addCounts(this.counts, counts);
  }

  private async flush(): Promise<void> {
    const { shadow, counts } = this;
    if (shadow === undefined || Object.values(counts).every((count) => count === 0)) return;
    this.counts = noShadowCounts;
    try {
      await this.parts.store.add(shadow, counts);
    } catch (error) {
      this.counts = addCounts(this.counts, counts);
      throw error;
    }
  }
}
