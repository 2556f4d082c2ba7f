import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook', string>>;
}

/** The alerts of deploy/prometheus/rules.yml. */
export function alerts(): readonly Alert[] {
  const { groups } = parse(read('deploy/prometheus/rules.yml')) as {
    readonly groups: readonly { readonly rules: readonly Alert[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

/** The jobs of deploy/prometheus/prometheus.yml. */
export function scrapeJobs(): readonly string[] {
  const { scrape_configs: jobs } = parse(read('deploy/prometheus/prometheus.yml')) as {
    readonly scrape_configs: readonly { readonly job_name: string }[];
  };
  return jobs.map(({ job_name: name }) => name);
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** The expressions of deploy/grafana/symface.json, by the titles of their panels. */
export function dashboardExpressions(): readonly (readonly [title: string, expression: string])[] {
  const { panels, templating } = JSON.parse(read('deploy/grafana/symface.json')) as {
    readonly panels: readonly Panel[];
    readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
  };
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [title, expr] as const),
  );
  const ofVariables = templating.list.flatMap(({ name, query }) => {
    const text = typeof query === 'string' ? query : (query as { readonly query: string }).query;
    const metric = /^label_values\((\w+), \w+\)$/u.exec(text)?.[1];
    return metric === undefined ? [] : [[`variable ${name}`, metric] as const];
  });
  return [...ofPanels, ...ofVariables];
}

/** The metrics that docs/metrics.md has, with their labels. */
export function documentedMetrics(): ReadonlyMap<string, ReadonlySet<string>> {
  const rows = read('docs/metrics.md').matchAll(/^\| `(symface_\w+)` +\| ([^|]*)\|/gmu);
  return new Map(
    [...rows].map(([, name = '', labels = '']) => [
      name,
      new Set(labels.split(',').flatMap((label) => (label.trim() === '' ? [] : [label.trim()]))),
    ]),
  );
}
