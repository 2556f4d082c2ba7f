import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { freePort } from './free-port.js';

export const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;
export const NO_PROMETHEUS_REASON = 'no prometheus is installed here (Debian: apt-get install prometheus)';

const folder = fileURLToPath(new URL('../../deploy/prometheus', import.meta.url));
const startTimeoutMs = 60_000;

/** The state of a rule, as Prometheus' HTTP API has it. */
export interface EvaluatedRule {
  readonly name: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly state: 'inactive' | 'pending' | 'firing';
  readonly lastError?: string;
}

/** A Prometheus on loopback that runs as deploy/prometheus says, but looks every second. */
export interface PrometheusServer {
  /** How many series an expression has now. @throws Error with what Prometheus says against it */
  seriesOf(expression: string): Promise<number>;
  rules(): Promise<readonly EvaluatedRule[]>;
  stop(): Promise<void>;
}

interface Config {
  readonly global: object;
  readonly scrape_configs: readonly { readonly job_name: string; readonly static_configs: unknown }[];
}

/** @param targets host and port of each job of deploy/prometheus/prometheus.yml */
export async function startPrometheusServer(
  targets: Readonly<Record<string, readonly string[]>>,
): Promise<PrometheusServer> {
  const own = mkdtempSync(join(tmpdir(), 'symface-prometheus-'));
  cpSync(folder, own, { recursive: true });
  const file = join(own, 'prometheus.yml');
  const config = parse(readFileSync(file, 'utf8')) as Config;
  const scraped = config.scrape_configs.map((job) => ({
    ...job,
    static_configs: [{ targets: targets[job.job_name] ?? [] }],
  }));
  const everySecond = { scrape_interval: '1s', evaluation_interval: '1s' };
  writeFileSync(file, stringify({ ...config, global: everySecond, scrape_configs: scraped }));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [`--config.file=${file}`, `--storage.tsdb.path=${join(own, 'data')}`, `--web.listen-address=${address}`],
    { stdio: 'ignore' },
  );
  const ask = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`http://${address}/api/v1/${path}`);
    const body = (await answer.json()) as { readonly data: T; readonly error?: string };
    if (body.error !== undefined) throw new Error(body.error);
    return body.data;
  };
  await becomesReady(address);
  return {
    seriesOf: async (expression) => {
      const path = `query?query=${encodeURIComponent(expression)}`;
      return (await ask<{ readonly result: readonly unknown[] }>(path)).result.length;
    },
    rules: async () => {
      const { groups } = await ask<{ groups: readonly { rules: readonly EvaluatedRule[] }[] }>('rules');
      return groups.flatMap(({ rules }) => rules);
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(own, { recursive: true });
    },
  };
}

async function becomesReady(address: string): Promise<void> {
  const giveUpAtMs = Date.now() + startTimeoutMs;
  for (;;) {
    const ready = await fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > giveUpAtMs) throw new Error('Prometheus did not get ready.');
    await sleep(100);
  }
}
