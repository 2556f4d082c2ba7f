import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { photographOfAnotherPerson, photographOfOnePerson } from '../support/npm-photographs.js';
import { dashboardExpressions } from '../support/operations-files.js';
import {
  hasPrometheus,
  NO_PROMETHEUS_REASON,
  type PrometheusServer,
  startPrometheusServer,
} from '../support/prometheus-server.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';

if (!hasPrometheus) console.warn(`Not scraping a service: ${NO_PROMETHEUS_REASON}.`);

/** What the service of this test has nothing of: a certificate, a backup, an activation or a training on its way. */
const withoutSamples = /_tls_|last_backup|activation_templates_left|symface_training_/u;
/** What a person chooses in Grafana, or Grafana by the width of a panel. */
const variables = new Map([
  ['$instance', '.*'],
  ['$__rate_interval', '10s'],
  ['$__range', '1h'],
]);

function asGrafanaAsks(expression: string): string {
  let asked = expression;
  for (const [name, value] of variables) asked = asked.replaceAll(name, value);
  return asked;
}

/** Titles of panels and what they ask for. */
const expressions = dashboardExpressions().map(([title, one]) => [title, asGrafanaAsks(one)] as const);

describe.skipIf(!hasPrometheus)('a Prometheus that runs as deploy/prometheus says', () => {
  let server: RunningServer;
  let prometheus: PrometheusServer;
  let client: SymFaceClient;

  beforeAll(async () => {
    server = await startRunningServer();
    prometheus = await startPrometheusServer({ symface: [new URL(server.httpUrl).host] });
    client = new SymFaceClient({ server: server.address, timeoutMs: 60_000 });
    await makeCalls();
  });

  afterAll(async () => {
    client.close();
    await prometheus.stop();
    await server.stop();
  });

  /** Of everything that the dashboard shows; twice, since Prometheus tells rates from two scrapes. */
  async function makeCalls(): Promise<void> {
    const [face, other] = await Promise.all([photographOfOnePerson(), photographOfAnotherPerson()]);
    await client.enrollment.createCollection({ collectionId: 'staff' });
    const [parent, images] = ['collections/staff/subjects/ada', [{ content: face }]];
    await client.enrollment.enrollFaces({ parent, createSubject: true, images });
    const [imageA, imageB] = [{ content: face }, { content: other }];
    for (const calls of [1, 2]) {
      await client.faceVerification.verify({ imageA, imageB });
      await client.faceVerification.identify({ collection: 'collections/staff', image: imageA });
      const noImage = { content: Buffer.from('no image') };
      await client.faceVerification.batchVerify({ pairs: [{ imageA, imageB: noImage }] });
      await expect(client.faceVerification.verify({ imageA, imageB: noImage })).rejects.toThrow();
      const counted = `sum(symface_identifications_total) >= ${calls}`;
      await vi.waitFor(
        async () => {
          expect(await prometheus.seriesOf(counted)).toBe(1);
        },
        { timeout: 20_000, interval: 200 },
      );
    }
  }

  it.each(expressions)('answers the dashboard: %s', async (_, expression) => {
    const count = await prometheus.seriesOf(expression);
    if (!withoutSamples.test(expression)) expect(count).toBeGreaterThan(0);
  });

  it('evaluates every rule, and finds nothing wrong with a service that was just started', async () => {
    const rules = await vi.waitFor(
      async () => {
        const all = await prometheus.rules();
        expect(all.filter(({ health }) => health === 'unknown')).toEqual([]);
        return all;
      },
      { timeout: 20_000 },
    );
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(rules.filter(({ state }) => state === 'firing').map(({ name }) => name)).toEqual([]);
  });
});
