import { Gauge, type Registry } from 'prom-client';

/** An activation that runs, of whichever replica. */
export interface RunningActivation {
  readonly modelVersion: string;
  /** Enrolled faces that have no template under the version yet. */
  readonly facesLeft: number;
}

/** Assessments that came to a verdict. */
export interface Verdicts {
  readonly passed: number;
  readonly rejected: number;
}

interface ModelChangeSource {
  readonly activations: () => Promise<readonly RunningActivation[]>;
  readonly verdicts: () => Promise<Verdicts>;
}

/** Shows what is known of candidates and of changes of the backbone; nothing while the database does not answer. */
export function watchModelChanges(registry: Registry, { activations, verdicts }: ModelChangeSource): void {
  const registers = [registry];
  new Gauge({
    name: 'symface_activation_templates_left',
    help: 'Enrolled faces that a running activation has yet to embed, by model version',
    labelNames: ['model_version'],
    registers,
    async collect() {
      const running = await activations().catch(() => []);
      this.reset();
      for (const { modelVersion, facesLeft } of running) this.set({ model_version: modelVersion }, facesLeft);
    },
  });
  new Gauge({
    name: 'symface_assessments',
    help: 'Assessments of candidates by their verdict',
    labelNames: ['verdict'],
    registers,
    async collect() {
      const counts = await verdicts().catch(() => undefined);
      this.reset();
      if (counts === undefined) return;
      this.set({ verdict: 'passed' }, counts.passed);
      this.set({ verdict: 'rejected' }, counts.rejected);
    },
  });
}
