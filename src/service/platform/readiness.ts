/** Answers whether the process can do its work now, by asking all that it depends on. */
export class Readiness {
  private readonly checks = new Map<string, () => boolean | Promise<boolean>>();
  private closing = false;

  /** Whether the process takes leave: it does what it has accepted, and is to be given no more. */
  get isClosing(): boolean {
    return this.closing;
  }

  /** From now on the answer is no. */
  close(): void {
    this.closing = true;
  }

  /**
   * Adds a check that is asked from now on. One that throws counts as "not ready".
   * @param cause why it is not where the check says no: a few words for whoever may ask, without secrets
   */
  require(cause: string, check: () => boolean | Promise<boolean>): void {
    this.checks.set(cause, check);
  }

  async isReady(): Promise<boolean> {
    return (await this.hindrance()) === undefined;
  }

  /** @returns why it is not ready; undefined where it is */
  async hindrance(): Promise<string | undefined> {
    if (this.closing) return 'shutting down';
    for (const [cause, check] of this.checks) {
      const holds = await Promise.resolve()
        .then(check)
        .catch(() => false);
      if (!holds) return cause;
    }
    return undefined;
  }
}
