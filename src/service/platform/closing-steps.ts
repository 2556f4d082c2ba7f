import type { Logger } from './telemetry/logger.js';

/** What a step of an end may take where it does not say otherwise: it waits for one answer of the database at most. */
const defaultLimitMs = 10_000;
/** What the steps may take after one was passed over: they would wait for what that one waited for. */
const shortLimitMs = 1_000;

/**
 * The steps in which a process ends. Each has a name and a bound: one that takes too long, or fails, is told in the log and
 * passed over, so that nothing holds the end for ever, and the steps after it still come.
 */
export class ClosingSteps {
  private readonly passedOver = new Set<string>();

  constructor(private readonly logger: Pick<Logger, 'debug' | 'warn' | 'error'>) {}

  /**
   * Resolves when the step is done, has failed, or has taken too long; it never rejects.
   * @param step as an operator knows it, such as "the database"
   */
  async run(step: string, work: () => Promise<unknown>, longestMs = defaultLimitMs): Promise<void> {
    // Whoever asks for it once more need not wait once more.
    if (this.passedOver.has(step)) return;
    const limitMs = this.passedOver.size === 0 ? longestMs : Math.min(longestMs, shortLimitMs);
    const startedAtMs = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<'too late'>((resolve) => {
      // Not unref'd: without it a process that waits for nothing else would end before the steps that follow.
      timer = setTimeout(resolve, limitMs, 'too late');
    });
    try {
      if ((await Promise.race([work(), tooLate])) === 'too late') {
        this.passedOver.add(step);
        this.logger.warn({ step, limitMs }, 'this step of the end takes too long: going on without it');
      } else this.logger.debug({ step, durationMs: Math.round(performance.now() - startedAtMs) }, 'ended');
    } catch (error) {
      this.logger.error({ step, err: error }, 'this step of the end failed: going on without it');
    } finally {
      clearTimeout(timer);
    }
  }
}
