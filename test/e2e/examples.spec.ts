import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packPackage, type PackedPackage } from '../support/packed-package.js';
import { NO_PYTHON_REASON, pythonWithGrpc } from '../support/python.js';
import { type SharedService, sharedService } from '../support/shared-servers.js';
import { writeSamplePhotographs, type SamplePhotographs } from '../support/sample-photographs.js';

let server: SharedService;
let folder: string;
let photographs: SamplePhotographs;
let packed: PackedPackage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-examples-'));
  [photographs, server, packed] = await Promise.all([
    writeSamplePhotographs(folder),
    sharedService(),
    packPackage(),
  ]);
});

afterAll(async () => {
  await Promise.all([rm(folder, { recursive: true }), packed.remove()]);
});

/** Runs a program from the repository's root, as the examples say. */
function output(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' });
}

describe.each([
  ['examples/verify.ts', 12],
  ['examples/verify.py', 30],
])('%s', (file, fewer) => {
  it(`is shorter than ${fewer} lines`, () => {
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').length).toBeLessThan(fewer);
  });
});

describe('the tarball', () => {
  it('holds what the command and the libraries need', () => {
    for (const needed of [
      'dist/cli/main.js',
      'dist/main.js',
      'dist/worker.js',
      'dist/training/enrolled-faces/trainer.js',
      'dist/types/learning/index.d.ts',
      'models/mobilefacenet-symface/weights.safetensors',
      'proto/symface/v1/face_verification_service.proto',
      'README.md',
      'docs/errors.md',
      'docs/training.md',
      'LICENSE',
    ]) {
      expect(packed.files).toContain(needed);
    }
    expect(packed.files.filter((path) => path.startsWith('dist/migrations/')).length).toBeGreaterThan(0);
    expect(packed.files.filter((path) => /^recipes\/.*\.yaml$/u.test(path)).length).toBeGreaterThan(0);
  });

  it('holds no test, no source and nothing of the build', () => {
    const unwanted =
      /\.spec\.|tsbuildinfo|\.map$|^(?:src|test|bench|scripts|examples|docker|dist\/examples)\//u;
    expect(packed.files.filter((path) => unwanted.test(path))).toEqual([]);
    expect(packed.files.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
  });

  it('is a command where it is installed', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(await packed.run('node_modules/symface/dist/cli/main', '--version')).toContain(version);
    const backbones = await packed.run('node_modules/symface/dist/cli/main', 'backbones', '--json');
    expect(JSON.parse(backbones)).toContainEqual(expect.objectContaining({ name: 'mobilefacenet' }));
  });
});

/** What a program of the page takes as given. */
const given: Readonly<Record<string, string>> = {
  client: `
    declare const pairs: () => AsyncIterable<import('symface/client').MessageInput<'StreamVerifyRequest'>>;`,
  learning: `
    declare const crops: readonly import('symface/learning').TrainingCrop[];
    declare const labels: readonly number[];
    declare const rho: readonly number[];`,
};

/** The program that the page of a library shows, piece by piece. */
async function shownBy(library: string): Promise<readonly [string, string]> {
  const page = await readFile(`docs/libraries/${library}.md`, 'utf8');
  const pieces = [...page.matchAll(/```ts\n([\s\S]*?)```/gu)].map(([, piece = '']) => piece);
  expect(pieces.length).toBeGreaterThan(0);
  return [`${library}-page`, `${pieces.join('')}${given[library] ?? ''}`];
}

describe('the examples, by what the tarball holds', () => {
  it('are right by its types, and so is what the pages show', async () => {
    const examples = ['compile', 'train', 'verify'].map(
      async (name) => [name, await readFile(`examples/${name}.ts`, 'utf8')] as const,
    );
    const shown = await Promise.all(['client', 'compiler', 'learning'].map(shownBy));
    expect(await packed.compile(new Map([...(await Promise.all(examples)), ...shown]))).toEqual([]);
  });

  it('tell the same person from another', async () => {
    const { one, other } = photographs;
    const verify = (a: string, b: string) => packed.run('verify', a, b, server.address);
    expect(await verify(one, one)).toMatch(/^match 1\.0000 threshold /u);
    expect(await verify(one, other)).toMatch(/^no match /u);
  });

  it('compile a function to an ONNX file that computes what tfjs computes', async () => {
    const printed = await packed.run('compile');
    const [, difference] = /largest difference from tfjs (\S+)/u.exec(printed) ?? [];
    expect(Number(difference)).toBeLessThan(1e-6);
  });

  it('train with ArcFace and the SymFace term, and export the network', async () => {
    const printed = await packed.run('train');
    const losses = [...printed.matchAll(/L_f (\S+), L_rho (\S+)/gu)].map(([, faceLoss]) =>
      Number.parseFloat(faceLoss!),
    );
    expect(losses).toHaveLength(8);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    const session = await InferenceSession.create(join(packed.folder, 'backbone.onnx'));
    const image = new Tensor('float32', new Float32Array(2 * 3 * 32 * 32), [2, 3, 32, 32]);
    const { embedding } = await session.run({ image });
    expect(embedding?.dims).toEqual([2, 16]);
  });
});

describe('a library', () => {
  const LOADED = `
    import { register, createRequire } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(
      'export const load = (url, context, next) => (console.log(url), next(url, context));'));
    await import(process.argv[2]);
    for (const path of Object.keys(createRequire(import.meta.url).cache)) console.log(path);`;
  const loadedBy = async (library: string): Promise<string> => {
    await writeFile(join(packed.folder, 'loaded.js'), LOADED);
    return packed.run('loaded', `symface/${library}`);
  };

  it('symface/client loads nothing but gRPC', async () => {
    const loaded = await loadedBy('client');
    expect(loaded).toContain('dist/client/index.js');
    const ours = [...loaded.matchAll(/symface\/dist\/(\w+)\//gu)].map(([, folder]) => folder);
    expect([...new Set(ours)].sort()).toEqual(['client', 'contract', 'generated']);
    expect(loaded).not.toMatch(/@nestjs|@tensorflow|typeorm|sharp|onnxruntime|commander|zod/u);
  });

  it.each(['compiler', 'learning'])('symface/%s loads nothing of the service', async (library) => {
    const loaded = await loadedBy(library);
    expect(loaded).toContain(`dist/${library}/index.js`);
    expect(loaded).not.toMatch(
      /dist\/(?:service|cli|training|datasets|inference|client)\/|@nestjs|typeorm|sharp|@grpc/u,
    );
  });
});

const python = pythonWithGrpc();
if (python === undefined) console.warn(`Skipping the Python example: ${NO_PYTHON_REASON}.`);

describe.skipIf(python === undefined)('the Python example', () => {
  it('tells the same person from another', () => {
    const contract = join(folder, 'symface.binpb');
    output('node_modules/.bin/buf', 'build', '--as-file-descriptor-set', '-o', contract);
    const verify = (a: string, b: string) =>
      output(python ?? '', 'examples/verify.py', contract, a, b, server.address);
    const { one, other } = photographs;
    expect(verify(one, one)).toMatch(/^match 1\.0000 threshold /u);
    expect(verify(one, other)).toMatch(/^no match /u);
  });
});
