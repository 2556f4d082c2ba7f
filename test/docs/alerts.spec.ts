import { describe, expect, it } from 'vitest';
import { alerts, dashboardExpressions, documentedMetrics, scrapeJobs } from '../support/operations-files.js';
import { askedFor } from '../support/promql.js';
import { text } from './markdown.js';

const runbook = text('docs/runbook.md');
const sections = [...runbook.matchAll(/^### (Symface\w+)$/gmu)].map(([, name = '']) => name);

describe('the alerts', () => {
  it('have a section each in the runbook, which has no others', () => {
    expect(
      alerts()
        .map(({ alert }) => alert)
        .sort(),
    ).toEqual([...sections].sort());
    for (const { alert, annotations } of alerts())
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
  });

  it('say what is the matter and how bad it is', () => {
    for (const { alert, labels, annotations } of alerts()) {
      expect(['warning', 'critical'], alert).toContain(labels['severity']);
      expect(annotations.summary.length, alert).toBeGreaterThan(20);
      expect(annotations.description.length, alert).toBeGreaterThan(20);
    }
  });

  it('go by the jobs that Prometheus is told to scrape', () => {
    const named = alerts().flatMap(({ expr }) => [...expr.matchAll(/job="([^"]+)"/gu)].map(([, job]) => job));
    expect([...new Set(named)].sort()).toEqual([...scrapeJobs()].sort());
  });
});

describe('the sections of the runbook', () => {
  it.each(sections)('%s says what to type or where to look', (name) => {
    const [, section = ''] = runbook.split(`### ${name}\n`);
    const [body = ''] = section.split(/^##/mu);
    expect(body).toMatch(/```sh|`[a-z]+ [^`]+`|\]\(/u);
  });
});

describe('the dashboard', () => {
  it('shows every metric of the service', () => {
    const shown = new Set(
      dashboardExpressions().flatMap(([, expression]) =>
        [...askedFor(expression).selected.keys()].map((name) => name.replace(/_(?:bucket|sum|count)$/u, '')),
      ),
    );
    expect([...documentedMetrics().keys()].filter((name) => !shown.has(name))).toEqual([]);
  });
});
