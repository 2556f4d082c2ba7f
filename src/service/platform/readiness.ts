/** Answers whether the process can do its work now, by asking all that it depends on. */
export class Readiness {
  private readonly checks: (() => boolean | Promise<boolean>)[] = [];

  /** Adds a check that is asked from now on. One that throws counts as "not ready". */
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
