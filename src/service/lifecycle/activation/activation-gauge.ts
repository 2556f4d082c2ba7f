import { Gauge, type Registry } from 'prom-client';

/** An activation that runs, of whichever replica. */
export interface RunningActivation {
  readonly modelVersion: string;
  /** Enrolled faces that have no template under the version yet. */
  readonly facesLeft: number;
}

/** Shows how far activations are; nothing while the database does not answer. */
export function watchActivations(
  registry: Registry,
  read: () => Promise<readonly RunningActivation[]>,
): void {
  new Gauge({
    name: 'symface_activation_templates_left',
    help: 'Enrolled faces that a running activation has yet to embed, by model version',
    labelNames: ['model_version'],
    registers: [registry],
    async collect() {
      const running = await read().catch(() => []);
      this.reset();
      for (const { modelVersion, facesLeft } of running) this.set({ model_version: modelVersion }, facesLeft);
    },
  });
}
