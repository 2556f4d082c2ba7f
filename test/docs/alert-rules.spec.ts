import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import {
  type AlertState,
  alertStates,
  type Series,
  serviceThatIsWell,
  wellAtMinutes,
} from '../support/alert-states.js';
import { type Alert, alerts } from '../support/operations-files.js';
import { hasPromtool, NO_PROMTOOL_REASON, promtool } from '../support/promtool.js';

const folder = fileURLToPath(new URL('../../deploy/prometheus', import.meta.url));
if (!hasPromtool) console.warn(`Not evaluating the alerts: ${NO_PROMTOOL_REASON}.`);

let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'symface-rules-'));
});

afterAll(() => {
  rmSync(scratch, { recursive: true });
});

interface RuleTest {
  /** Between two samples, and between two evaluations. */
  readonly interval: string;
  readonly input_series: readonly object[];
  readonly alert_rule_test: readonly object[];
}

const inputOf = (series: Series) =>
  Object.entries(series).map(([name, values]) => ({ series: name, values }));

/** One group of `promtool test rules`: silent at first, and there when the state has lasted. */
function testOf({ alert, series, silentAt, firesAt, stepMinutes = 1, labels = {}, summary }: AlertState) {
  const rule: Alert = alerts().find((one) => one.alert === alert)!;
  const expected = {
    exp_labels: { ...rule.labels, ...labels },
    exp_annotations: { ...rule.annotations, summary },
  };
  return {
    interval: `${stepMinutes}m`,
    input_series: inputOf(series),
    alert_rule_test: [
      ...(silentAt === undefined ? [] : [{ alertname: alert, eval_time: `${silentAt}m` }]),
      { alertname: alert, eval_time: `${firesAt}m`, exp_alerts: [expected] },
    ],
  };
}

/** @returns what `promtool test rules` says of a test */
function evaluated(test: RuleTest): string {
  const file = join(scratch, 'rules.test.yml');
  const rules = { rule_files: [join(folder, 'rules.yml')], evaluation_interval: test.interval };
  writeFileSync(file, stringify({ ...rules, tests: [test] }, { aliasDuplicateObjects: false }));
  return promtool('test', 'rules', file);
}

describe('the states that alerts are for', () => {
  it('are there for every alert', () => {
    expect([...new Set(alertStates.map(({ alert }) => alert))].sort()).toEqual(
      alerts()
        .map(({ alert }) => alert)
        .sort(),
    );
  });
});

describe.skipIf(!hasPromtool)('deploy/prometheus', () => {
  it('is what Prometheus takes', () => {
    expect(promtool('check', 'config', join(folder, 'prometheus.yml'))).not.toMatch(/FAILED|lint/u);
  });

  it('says nothing of a service that is well', () => {
    const silent = alerts().map(({ alert }) => ({ alertname: alert, eval_time: `${wellAtMinutes}m` }));
    expect(
      evaluated({ interval: '1m', input_series: inputOf(serviceThatIsWell), alert_rule_test: silent }),
    ).toContain('SUCCESS');
  });

  it.each(alertStates)('$alert says: $summary', (state) => {
    expect(evaluated(testOf(state))).toContain('SUCCESS');
  });
});
