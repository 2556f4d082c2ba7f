import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  environmentSchema,
  readConfiguration,
} from '../../src/service/platform/configuration/configuration.js';
import { text } from './markdown.js';

interface Setting {
  readonly default?: string | number;
  readonly enum?: readonly string[];
}

const page = text('docs/configuration.md');
const { properties } = z.toJSONSchema(environmentSchema, { io: 'input', unrepresentable: 'any' });
const settings = Object.entries((properties ?? {}) as Record<string, Setting>);

/** Cells of the row of each setting: default and meaning. */
const rows = new Map(
  [...page.matchAll(/^\| `([A-Z_]+)` +\|([^|]*)\|([^|]*)\|$/gmu)].map(
    ([, name = '', shown = '', meaning = '']) => [name, { shown: shown.trim(), meaning: meaning.trim() }],
  ),
);

/** Of commands, not of the service: of clients, and of trainings in several processes. */
const commandSettings = ['SYMFACE_API_KEY', 'SYMFACE_SERVER', 'SYMFACE_MPI_LIBRARY', 'SYMFACE_MPI_TIMEOUT_S'];
/** They differ from machine to machine. */
const withoutFixedDefault = ['SYMFACE_DATA_DIR'];

describe('docs/configuration.md', () => {
  it('documents every setting of the environment, and no other', () => {
    expect([...rows.keys()].sort()).toEqual([...settings.map(([name]) => name), ...commandSettings].sort());
    for (const { meaning } of rows.values()) expect(meaning).not.toBe('');
  });

  it('says the default of each', () => {
    const fixed = settings.filter(([name]) => !withoutFixedDefault.includes(name));
    const wrong = fixed.filter(([name, { default: value }]) => {
      const shown = rows.get(name)?.shown ?? '';
      return value === undefined ? false : shown !== `\`${String(value)}\``;
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
    expect(rows.get('SYMFACE_QUEUES')?.shown).toBe(`\`${readConfiguration({}).queues.join(',')}\``);
  });

  it('names every value that a setting may have', () => {
    const unnamed = settings.flatMap(([name, { enum: values = [] }]) => {
      const { shown = '', meaning = '' } = rows.get(name) ?? {};
      return values
        .filter((value) => !`${shown} ${meaning}`.includes(`\`${value}\``))
        .map((value) => `${name}=${value}`);
    });
    expect(unnamed).toEqual([]);
  });
});

describe('README.md', () => {
  it('names no setting that there is not', () => {
    const named = text('README.md').match(/SYMFACE_[A-Z_]+/gu) ?? [];
    expect(named.filter((name) => !rows.has(name))).toEqual([]);
  });
});
