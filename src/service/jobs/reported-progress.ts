/** A job's progress, of which each report holds all that is known by then: the job's row keeps the last one only. */
export class ReportedProgress<Progress extends object> {
  /** Reports what is known at first. */
  constructor(
    private facts: Progress,
    private readonly report: (progress: Progress) => void,
  ) {
    this.report(facts);
  }

  get known(): Progress {
    return this.facts;
  }

  add(news: Partial<Progress>): void {
    this.facts = { ...this.facts, ...news };
    this.report(this.facts);
  }
}
