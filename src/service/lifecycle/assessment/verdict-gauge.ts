import { Gauge, type Registry } from 'prom-client';

/** Assessments that came to a verdict. */
export interface Verdicts {
  readonly passed: number;
  readonly rejected: number;
}

/** Shows how many candidates have passed; nothing while the database does not answer. */
export function watchVerdicts(registry: Registry, read: () => Promise<Verdicts>): void {
  new Gauge({
    name: 'symface_assessments',
    help: 'Assessments of candidates by their verdict',
    labelNames: ['verdict'],
    registers: [registry],
    async collect() {
      const counts = await read().catch(() => undefined);
      this.reset();
      if (counts === undefined) return;
      this.set({ verdict: 'passed' }, counts.passed);
      this.set({ verdict: 'rejected' }, counts.rejected);
    },
  });
}
