// The licences that dependencies may have, and whether those of a lock file do.

/** SPDX ids that ask for no more than that notices are kept. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

/** Packages with another licence, or with none in their package.json: which, of what they are, and why they may be used. */
export const exceptions = [
  {
    name: /^busboy$/u,
    license: undefined,
    reason:
      'MIT by its LICENSE; its package.json says so in the former field "licenses". Nest brings it; nothing uses it.',
  },
  { name: /^streamsearch$/u, license: undefined, reason: 'MIT by its LICENSE; as busboy, which needs it.' },
  {
    name: /^@img\/sharp-libvips-/u,
    license: 'LGPL-3.0-or-later',
    reason:
      'A shared library that sharp loads and anyone can replace, unchanged, with its source at github.com/lovell/sharp-libvips.',
  },
  {
    name: /^@img\/sharp-(?:win32-|wasm32)/u,
    license: /LGPL-3\.0-or-later/u,
    reason: 'sharp with the same library in it; other platforms install these.',
  },
  {
    name: /^(?:axe-core|lightningcss(?:-.*)?)$/u,
    license: 'MPL-2.0',
    isDevelopment: true,
    reason: 'Tools of tests and of the build: none of it is shipped.',
  },
];

/**
 * Whether an SPDX expression is satisfied by allowed licences: one side of each OR, both of each AND. Expressions with parentheses may be
 * nested; WITH is none that is allowed.
 */
export function isAllowed(expression) {
  const tokens = expression.replaceAll(/[()]/gu, ' $& ').trim().split(/\s+/u);
  const either = () => {
    let value = both();
    while (tokens[0] === 'OR') {
      tokens.shift();
      const right = both();
      value ||= right;
    }
    return value;
  };
  const both = () => {
    let value = one();
    while (tokens[0] === 'AND') {
      tokens.shift();
      const right = one();
      value &&= right;
    }
    return value;
  };
  const one = () => {
    const token = tokens.shift() ?? '';
    if (token !== '(') return allowed.has(token);
    const value = either();
    if (tokens.shift() !== ')') return false;
    return value;
  };
  return either() && tokens.length === 0;
}

/**
 * What is wrong with the licences of a lock file's packages, a sentence each.
 * @param packages of package-lock.json, by their folders
 */
export function licenseProblems(packages) {
  return Object.entries(packages).flatMap(([folder, { license, dev = false }]) => {
    const name = folder.split('node_modules/').at(-1);
    if (folder === '' || (license !== undefined && isAllowed(license))) return [];
    const excepted = exceptions.some(
      (one) =>
        one.name.test(name) &&
        (one.license instanceof RegExp ? one.license.test(license ?? '') : one.license === license) &&
        (dev || one.isDevelopment !== true),
    );
    return excepted
      ? []
      : [`${name} (${folder}) is under ${license ?? 'a licence that its package.json does not name'}.`];
  });
}
