import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { packPackage, type PackedPackage } from '../support/packed-package.js';

let packed: PackedPackage;

beforeAll(async () => {
  packed = await packPackage();
});

afterAll(() => packed.remove());

describe('the tarball', () => {
  it('holds what the command and the libraries need', () => {
    for (const needed of [
      'dist/cli/main.js',
      'dist/main.js',
      'dist/worker.js',
      'dist/training/enrolled-faces/trainer.js',
      'dist/types/learning/index.d.ts',
      'models/dlib-resnet-symface/weights.safetensors',
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
  learning: `
    declare const crops: readonly import('symface/learning').TrainingCrop[];
    declare const [labels, rho]: readonly number[][];`,
};

/** The programs that the page of a library shows, as one module each. */
async function shownBy(library: string): Promise<readonly (readonly [string, string])[]> {
  const page = await readFile(`docs/libraries/${library}.md`, 'utf8');
  const programs = [...page.matchAll(/```ts\n([\s\S]*?)```/gu)].map(([, program = '']) => program);
  return programs.map((program, index) => [`${library}-${index}`, `${program}${given[library] ?? ''}`]);
}

describe('the examples, by what the tarball holds', () => {
  it('are right by its types, and so is what the pages show', async () => {
    const examples = ['compile', 'train'].map(
      async (name) => [name, await readFile(`examples/${name}.ts`, 'utf8')] as const,
    );
    const shown = (await Promise.all(['compiler', 'learning'].map(shownBy))).flat();
    expect(shown.length).toBeGreaterThan(1);
    expect(await packed.compile(new Map([...(await Promise.all(examples)), ...shown]))).toEqual([]);
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

  it.each(['compiler', 'learning'])('symface/%s loads nothing of the service', async (library) => {
    const loaded = await loadedBy(library);
    expect(loaded).toContain(`dist/${library}/index.js`);
    expect(loaded).not.toMatch(
      /dist\/(?:service|cli|training|datasets|inference|client)\/|@nestjs|typeorm|sharp|@grpc/u,
    );
  });
});
