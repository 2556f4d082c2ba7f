import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { overridesOf } from '../configuration/configuration-overrides.js';
import { identityListText, withListedIdentities } from './identity-list-file.js';
import { runDigestOf } from '../runs/run-digest.js';
import { parseTrainingConfiguration } from '../configuration/training-configuration.js';

const least = (identities: string): string => `
name: test
data: { format: identity-folder, path: faces, kind: photograph, identities: ${identities} }
backbone: { design: mobilefacenet }
loss: { name: arcface, scale: 32, marginRadians: 0.45 }
epochs: 2
batchSize: 32
learningRate: { initial: 0.1 }
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-identity-list-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function listed(identities: string) {
  const configuration = parseTrainingConfiguration(least(identities), 'a.yaml');
  const located = { configuration, pathOf: (named: string) => join(folder, named) };
  return (await withListedIdentities(located)).configuration;
}

async function write(text: string): Promise<void> {
  await writeFile(join(folder, 'list.yaml'), text);
}

describe('a file of identities', () => {
  it('is read as it was written, whatever the names are made of', async () => {
    const names = ['7201', '0x1f', 'null', 'a # b', '- c: "d"', 'é\n'];
    const text = identityListText(
      names.map((identity) => ({ identity, remark: '0.5' })),
      ['one', 'two'],
    );
    expect(parse(text)).toEqual(names);
    await write(text);
    const { data } = await listed('{ exclude: { file: list.yaml }, holdOut: [x] }');
    expect(data.identities).toEqual({ exclude: names, holdOut: ['x'] });
    expect(parse(identityListText([], ['none']))).toEqual([]);
  });

  it('makes the run that its names make where they are written out, and another one with other names', async () => {
    await write("['1', '2']");
    const digest = async (identities: string) => runDigestOf(await listed(identities));
    const first = await digest('{ exclude: { file: list.yaml } }');
    expect(first).toBe(await digest("{ exclude: ['1', '2'] }"));
    expect(first).not.toBe(await digest("{ include: ['1', '2'] }"));
    await write("['1', '3']");
    expect(await digest('{ exclude: { file: list.yaml } }')).not.toBe(first);
  });

  it('chooses among those of the second data set too', async () => {
    await write("['1', '2']");
    const replay = `{ format: identity-folder, path: others, kind: photograph, identities: { exclude: { file: list.yaml } } }`;
    const text = least('{}').replace('identities: {}', `replay: ${replay}`);
    const pathOf = (named: string) => join(folder, named);
    const read = await withListedIdentities({
      configuration: parseTrainingConfiguration(text, 'a.yaml'),
      pathOf,
    });
    expect(read.configuration.data.replay?.identities).toEqual({ exclude: ['1', '2'] });
    const missing = {
      configuration: parseTrainingConfiguration(text.replace('list', 'none'), 'a.yaml'),
      pathOf,
    };
    await expect(withListedIdentities(missing)).rejects.toThrow('data.replay.identities.exclude: none.yaml');
  });

  it('leaves the digests of configurations that name no file as they were', async () => {
    const identities = '{ holdOut: { seed: 1, fraction: 0.1 }, include: [a], exclude: [b] }';
    const before = runDigestOf(parseTrainingConfiguration(least(identities), 'a.yaml'));
    expect(runDigestOf(await listed(identities))).toBe(before);
  });

  it.each([
    ['[7201]', 'list.yaml: entry 1: '],
    ['{ a: b }', 'must be a YAML list of names'],
    ['[a', 'list.yaml: '],
    ['', 'put those of digits in quotes'],
  ])('is refused where it is no list of names', async (text, message) => {
    await write(text);
    await expect(listed('{ include: { file: list.yaml } }')).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^data\.identities\.include: list\.yaml/u) as string,
    });
    await expect(listed('{ include: { file: list.yaml } }')).rejects.toThrow(message);
  });

  it('is refused where it is not there, and relative to the working folder where an option names it', async () => {
    await expect(listed('{ exclude: { file: none.yaml } }')).rejects.toThrow('none.yaml cannot be read');
    expect(overridesOf(['data.identities.exclude.file=a.yaml'])).toEqual({
      data: { identities: { exclude: { file: join(process.cwd(), 'a.yaml') } } },
    });
  });
});
