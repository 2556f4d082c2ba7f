/** Answers whether the process can do its work now, by asking all that it depends on. */
export class Readiness {
  private readonly checks: (() => boolean | Promise<boolean>)[] = [];

  /** Asks this too from now on. A check that throws counts as "not ready". */
  require(check: () => boolean | Promise<boolean>): void {
    this.checks.push(check);
  }

  async isReady(): Promise<boolean> {
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
