import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  environmentSchema,
  readConfiguration,
} from '../../src/service/platform/configuration/configuration.js';

const units = ['symface.service', 'symface-worker.service'];
const text = (unit: string): string =>
  readFileSync(new URL(`../../deploy/systemd/${unit}`, import.meta.url), 'utf8');
const properties =
  z.toJSONSchema(environmentSchema, { io: 'input', unrepresentable: 'any' }).properties ?? {};
/** 0 is shut, 10 is open; systemd calls less than 4 "OK". */
const mostExposed = 3;

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasSystemd) console.warn('Not asking systemd about its units: there is no systemd-analyze here.');

function valuesOf(unit: string, key: string): readonly string[] {
  return [...text(unit).matchAll(new RegExp(`^${key}=(.*)$`, 'gmu'))].map(([, value = '']) => value);
}

describe.each(units)('deploy/systemd/%s', (unit) => {
  it('sets what the service knows', () => {
    const names = text(unit).match(/SYMFACE_[A-Z_]+/gu) ?? [];
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !(name in properties))).toEqual([]);
  });

  it('loads the credentials that it names', () => {
    const loaded = valuesOf(unit, 'LoadCredential').map((value) => value.split(':')[0]);
    const named = [...text(unit).matchAll(/=%d\/(\S+)$/gmu)].map(([, name]) => name);
    expect(named.sort()).toEqual(loaded.sort());
  });

  it('has time to end, and only its first process is told to', () => {
    const jobsMs = 60_000;
    const drainMs = unit === 'symface.service' ? readConfiguration({}).drainTimeoutMs : 0;
    expect(Number(valuesOf(unit, 'TimeoutStopSec')[0]) * 1000).toBeGreaterThan(jobsMs + drainMs);
    expect(valuesOf(unit, 'KillMode')).toEqual(['mixed']);
  });

  it('keeps its data where it may write', () => {
    const [state] = valuesOf(unit, 'StateDirectory');
    expect(valuesOf(unit, 'Environment')).toContain(`SYMFACE_DATA_DIR=/var/lib/${state}`);
  });

  it.skipIf(!hasSystemd)('is what systemd takes, and leaves little open', () => {
    const folder = mkdtempSync(join(tmpdir(), 'symface-units-'));
    const file = join(folder, unit);
    // Node may be elsewhere on this machine.
    writeFileSync(file, text(unit).replaceAll('/usr/bin/node', process.execPath));
    try {
      const { status, stderr } = spawnSync(
        'systemd-analyze',
        ['verify', '--man=no', '--recursive-errors=no', file],
        {
          encoding: 'utf8',
        },
      );
      expect([status, stderr.trim()]).toEqual([0, '']);
      const report = execFileSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', file], {
        encoding: 'utf8',
      });
      const exposure = Number(/exposure level for \S+: (?<level>[\d.]+)/u.exec(report)?.groups?.['level']);
      expect(exposure).toBeLessThan(mostExposed);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
