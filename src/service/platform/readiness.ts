/** Answers whether the process can do its work now, by asking all that it depends on. */
export class Readiness {
  private readonly checks: (() => boolean | Promise<boolean>)[] = [];
  private closing = false;

  /** Whether the process takes leave: it does what it has accepted, and is to be given no more. */
  get isClosing(): boolean {
    return this.closing;
  }

  /** From now on the answer is no. */
  close(): void {
    this.closing = true;
  }

  /** Adds a check that is asked from now on. One that throws counts as "not ready". */
  require(check: () => boolean | Promise<boolean>): void {
    this.checks.push(check);
  }

  async isReady(): Promise<boolean> {
    if (this.closing) return false;
    for (const check of this.checks) {
      if (
        !(await Promise.resolve()
          .then(check)
          .catch(() => false))
      )
        return false;
    }
    return true;
  }
}
