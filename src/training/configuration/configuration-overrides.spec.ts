import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { overridden, overridesOf, settingsOf, withAbsolutePaths } from './configuration-overrides.js';

describe('overrides of a configuration', () => {
  it('are paths of names with YAML values', () => {
    expect(
      overridesOf(['symmetry.tau=0.3', 'symmetry.weight=0', 'evaluate.benchmarks=[]', 'license=a = b']),
    ).toEqual({
      symmetry: { tau: 0.3, weight: 0 },
      evaluate: { benchmarks: [] },
      license: 'a = b',
    });
  });

  it('have paths relative to the working folder', () => {
    expect(overridesOf(['data.path=faces'])).toEqual({ data: { path: resolve('faces') } });
  });

  it('change, add and remove settings', () => {
    const text = 'epochs: 2\nsymmetry: { tau: 0.2 }\ndata: { path: a, kind: photograph }\n';
    const changed = overridden(text, ['symmetry=null', 'data.path=/b', 'seed=7'], 'a.yaml');
    expect(settingsOf(changed, 'x')).toEqual({
      epochs: 2,
      data: { path: '/b', kind: 'photograph' },
      seed: 7,
    });
    expect(overridden(text, [], 'a.yaml')).toBe(text);
  });

  it.each(['epochs', '=3', 'a..b=1', 'epochs=[1'])('refuse %s', (override) => {
    expect(() => overridesOf([override])).toThrow(
      expect.objectContaining({
        reason: 'INVALID_ARGUMENT',
        message: expect.stringContaining(`--set ${override}`) as string,
      }),
    );
  });
});

it('makes the paths of a configuration absolute, and nothing else', () => {
  const settings = {
    name: 'data',
    data: { path: 'faces', format: 'identity-folder' },
    evaluate: { benchmarks: [{ name: 'lfw', path: 'lfw/pairs.txt', images: '' }] },
  };
  expect(withAbsolutePaths(settings, (named) => `/x/${named}`)).toEqual({
    name: 'data',
    data: { path: '/x/faces', format: 'identity-folder' },
    evaluate: { benchmarks: [{ name: 'lfw', path: '/x/lfw/pairs.txt', images: '' }] },
  });
});
