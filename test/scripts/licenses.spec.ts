import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Licenses {
  readonly isAllowed: (expression: string) => boolean;
  readonly licenseProblems: (packages: object) => readonly string[];
}
const script: string = new URL('../../scripts/licenses.mjs', import.meta.url).href;
const { isAllowed, licenseProblems } = (await import(script)) as Licenses;

describe('licences of dependencies', () => {
  it('are read as SPDX expressions', () => {
    for (const allowed of [
      'MIT',
      '(MIT OR GPL-3.0-only)',
      'Apache-2.0 AND MIT',
      '(MIT AND (GPL-2.0-only OR ISC))',
    ])
      expect(isAllowed(allowed), allowed).toBe(true);
    for (const refused of [
      'GPL-3.0-only',
      'MIT AND GPL-3.0-only',
      '',
      'UNLICENSED',
      'SEE LICENSE IN x',
      '(MIT',
      'MIT GPL-3.0-only',
    ])
      expect(isAllowed(refused), refused).toBe(false);
  });

  it('are told where they are not allowed, and exceptions hold for what they name alone', () => {
    const packages = {
      '': { license: 'GPL-3.0-only' },
      'node_modules/fine': { license: 'ISC' },
      'node_modules/a/node_modules/copyleft': { license: 'AGPL-3.0-only' },
      'node_modules/nameless': {},
      'node_modules/busboy': {},
      'node_modules/axe-core': { license: 'MPL-2.0' },
      'node_modules/lightningcss': { license: 'MPL-2.0', dev: true },
    };
    expect(licenseProblems(packages).map((text) => text.split(' ')[0])).toEqual([
      'copyleft',
      'nameless',
      'axe-core',
    ]);
  });

  it('are all allowed here', () => {
    const lock = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
    expect(licenseProblems((JSON.parse(lock) as { readonly packages: object }).packages)).toEqual([]);
  });
});
