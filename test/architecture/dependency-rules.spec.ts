import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface RuleFile {
  readonly forbidden: readonly (IForbiddenRuleType & { readonly name: string })[];
  readonly options: object;
}

const require = createRequire(import.meta.url);
const direction = require('../../.dependency-cruiser.cjs') as RuleFile;
const processes = require('../../.dependency-cruiser.processes.cjs') as RuleFile;

/** Files, by path, that break one rule; every other rule holds there. */
type Violation = Readonly<Record<string, string>>;

const reads = (specifier: string) => `import { thing } from '${specifier}';\nexport const own = thing;\n`;
const readsType = (specifier: string) =>
  `import type { Thing } from '${specifier}';\nexport type Own = Thing;\n`;
const thing = 'export const thing = 1;\nexport interface Thing { readonly it: number }\n';

/** An import against the direction, of a type: what is gone at run time still ties two boxes together. */
const upwards = (from: string, to: string): Violation => ({
  [`src/${from}/a.ts`]: readsType(`${'../'.repeat(from.split('/').length)}${to}/b.js`),
  [`src/${to}/b.ts`]: thing,
});

/** Something that a file must not reach, two files away. */
const through = (entry: string, middle: string, forbidden: string): Violation => ({
  [entry]: reads(`./${'../'.repeat(entry.split('/').length - 2)}${middle}`.replace('./..', '..')),
  [`src/${middle.replace(/\.js$/u, '.ts')}`]: `export { thing } from '${forbidden}';\n`,
});

const violations: Readonly<Record<string, Violation>> = {
  'no-cycles': {
    'src/core/a.ts': `import { b } from './b.js';\nexport const a = (): number => b();\n`,
    'src/core/b.ts': `import { a } from './a.js';\nexport const b = (): number => a();\n`,
  },
  'no-orphans': { 'src/core/alone.ts': thing },
  'core-imports-only-what-comes-before': upwards('core', 'storage'),
  'storage-imports-only-what-comes-before': upwards('storage', 'onnx'),
  'onnx-imports-only-what-comes-before': upwards('onnx', 'compiler'),
  'compiler-imports-only-what-comes-before': upwards('compiler', 'learning'),
  'learning-imports-only-what-comes-before': upwards('learning', 'inference'),
  'inference-imports-only-what-comes-before': upwards('inference', 'training'),
  'datasets-imports-only-what-comes-before': upwards('datasets', 'training'),
  'training-imports-only-what-comes-before': upwards('training', 'service/lifecycle'),
  'generated-imports-only-what-comes-before': upwards('generated', 'contract'),
  'contract-imports-only-what-comes-before': upwards('contract', 'client'),
  'service-platform-imports-only-what-comes-before': upwards('service/platform', 'service/access'),
  'service-access-imports-only-what-comes-before': upwards('service/access', 'service/jobs'),
  'service-jobs-imports-only-what-comes-before': upwards('service/jobs', 'service/lifecycle'),
  'service-encryption-imports-only-what-comes-before': upwards('service/encryption', 'service/lifecycle'),
  'service-models-imports-only-what-comes-before': upwards('service/models', 'service/verification'),
  'service-verification-imports-only-what-comes-before': upwards('service/verification', 'service/enrolment'),
  'service-enrolment-imports-only-what-comes-before': upwards('service/enrolment', 'service/evaluation'),
  'service-evaluation-imports-only-what-comes-before': upwards('service/evaluation', 'service/lifecycle'),
  'service-lifecycle-imports-only-what-comes-before': upwards('service/lifecycle', 'service/console'),
  'service-operations-imports-only-what-comes-before': upwards('service/operations', 'service/console'),
  'service-console-imports-only-what-comes-before': upwards('service/console', 'cli'),
  'client-imports-only-what-comes-before': upwards('client', 'cli'),
  'cli-imports-only-what-comes-before': upwards('cli', 'console'),
  'figures-imports-only-what-comes-before': upwards('figures', 'training'),
  'figures-know-core-alone': upwards('figures', 'datasets'),
  'client-imports-no-service': upwards('client', 'service/platform'),
  'nest-only-in-the-service': { 'src/inference/a.ts': reads('@nestjs/common') },
  'typeorm-and-postgres-only-in-the-service': { 'src/training/a.ts': reads('typeorm') },
  'one-onnx-codec': { 'src/client/a.ts': reads('protobufjs') },
  'one-door-to-onnx-runtime': { 'src/learning/a.ts': reads('onnxruntime-node') },
  'onnx-codec-knows-core-alone': upwards('onnx', 'storage'),
  'gateway-runs-no-network': through('src/main.ts', 'service/platform/b.js', '@tensorflow/tfjs'),
  'gateway-draws-nothing': through('src/main.ts', 'service/platform/b.js', 'linkedom'),
  'inference-loads-no-tfjs': through('src/inference/a.ts', 'core/b.js', '@tensorflow/tfjs'),
  'core-is-pure': through('src/core/a.ts', 'core/faces/b.js', 'sharp'),
  'compiler-knows-nothing-of-faces': through('src/compiler/a.ts', 'onnx/b.js', 'sharp'),
  'libraries-reach-no-service': through('src/datasets/a.ts', 'storage/b.js', 'pg'),
  'client-loads-no-server': through('src/client/a.ts', 'core/b.js', 'onnxruntime-node'),
};

const packages = [
  '@nestjs/common',
  '@tensorflow/tfjs',
  'linkedom',
  'onnxruntime-node',
  'pg',
  'protobufjs',
  'sharp',
  'typeorm',
];

describe.each([
  ['the direction of the tree', direction],
  ['what processes load', processes],
])('the rules of %s', (_title, { forbidden, options }) => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'symface-rules-'));
    for (const name of packages) {
      write(root, `node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
      write(root, `node_modules/${name}/index.js`, 'exports.thing = 1;\n');
    }
    write(
      root,
      'package.json',
      JSON.stringify({ dependencies: Object.fromEntries(packages.map((name) => [name, '1'])) }),
    );
    write(root, 'tsconfig.json', JSON.stringify({ compilerOptions: { module: 'NodeNext' } }));
  });

  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  it.each(forbidden.map(({ name }) => name))('%s finds what breaks it', async (name) => {
    const violation = violations[name];
    if (violation === undefined) throw new Error(`write a violation of the rule ${name} into this file`);
    rmSync(join(root, 'src'), { recursive: true, force: true });
    for (const [path, text] of Object.entries(violation)) write(root, path, text);
    const { output } = await cruise(['src'], {
      ...options,
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: [...forbidden] },
    });
    const { violations: found } = (output as ICruiseResult).summary;
    expect(found.map(({ rule }) => rule.name)).toContain(name);
  });
});

function write(root: string, path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
