import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/adapters/storage/safetensors.js';
import { arcFaceTemplate } from '../../src/domain/geometry/alignment-template.js';
import { pictureOf, type TaggedPicture, writePictures, writeTags } from '../support/training-images.js';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const identityCount = 6;
const facesOfEach = 4;

const pictures = Array.from({ length: identityCount * facesOfEach }, (_, index): TaggedPicture => ({
  name: `person-${index % identityCount}/${index}.png`,
  picture: pictureOf(index),
  rho: index % 2 === 0 ? 0.6 : 0.1,
  landmarks: arcFaceTemplate.landmarks,
}));

const configuration = `
name: small
data:
  format: identity-folder
  path: faces
  kind: aligned-crop
  identities: { holdOut: [person-4, person-5] }
backbone: { design: shufflefacenet-x0.5, embeddingSize: 16, input: 112x96 }
loss: { name: arcface, scale: 16, marginRadians: 0.3 }
symmetry: { compare: unit }
epochs: 5
batchSize: 6
learningRate: { initial: 0.02, dropEpochs: [1] }
evaluate: { heldOutPairs: 12 }
`;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** @param stopOn sends SIGTERM once this text is on stderr */
async function train(folder: string, options: readonly string[], stopOn?: string): Promise<Ended> {
  const child = spawn(process.execPath, [command, 'train', '--threads', '1', ...options], { cwd: folder });
  let [out, err] = ['', ''];
  let isStopped = false;
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString();
    // A second one would end it at once.
    if (stopOn !== undefined && !isStopped && err.includes(stopOn)) isStopped = child.kill('SIGTERM');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

async function weightsOf(folder: string, run: string): Promise<Uint8Array> {
  return readFile(join(folder, run, 'model', 'weights.safetensors'));
}

describe('symface train', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-train-'));
    const encoded = await writePictures(join(folder, 'faces'), pictures);
    await writeTags(join(folder, 'faces', 'tags.jsonl'), 'identity-folder', pictures, encoded);
    await writeFile(join(folder, 'small.yaml'), configuration);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('trains, measures identities held out, and leaves a model, a log and a page', async () => {
    const { code, out, err } = await train(folder, ['--config', 'small.yaml', '--out', 'whole']);
    expect(err).toContain('16 faces of 4 identities, 8 of them symmetric');
    expect(err).toContain('2 identities held out');
    expect(err).not.toContain('TensorFlow');
    // 16 faces, 2 of 8 symmetric ones split: 18 samples, 3 steps of 6.
    expect(err).toMatch(/step 3, held-out: accuracy .* halves \d\.\d{4}/u);
    expect(out).toContain('Trained: 15 steps.');
    expect(code).toBe(0);
    const manifest = JSON.parse(
      await readFile(join(folder, 'whole', 'model', 'manifest.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      kind: 'backbone',
      alignment: { width: 96, height: 112 },
      embedding: { dimension: 16 },
    });
    expect(await readFile(join(folder, 'whole', 'report.html'), 'utf8')).toContain('<svg');
    const log = (await readFile(join(folder, 'whole', 'log.jsonl'), 'utf8')).trim().split('\n');
    expect(log.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([3, 6, 9, 10, 12, 15]);
  });

  it('goes on where it was stopped, with the same result to the bit', async () => {
    const stopped = await train(folder, ['--config', 'small.yaml', '--out', 'stopped'], 'step 3, held-out');
    expect(stopped.code).toBe(130);
    const steps = Number(/Stopped after (\d+) steps/u.exec(stopped.err)?.[1]);
    expect(steps).toBeGreaterThanOrEqual(3);
    expect(steps).toBeLessThan(15);
    const { code, err } = await train(folder, ['--config', 'small.yaml', '--out', 'stopped']);
    expect(err).toContain(`goes on after step ${steps}`);
    expect(code).toBe(0);
    expect(await weightsOf(folder, 'stopped')).toEqual(await weightsOf(folder, 'whole'));
  });

  it('refuses what is wrong, by name', async () => {
    await writeFile(join(folder, 'other.yaml'), configuration.replace('scale: 16', 'scale: 24'));
    const other = await train(folder, ['--config', 'other.yaml', '--out', 'whole']);
    expect(other.code).toBe(2);
    expect(other.err).toContain('another configuration');
    await writeFile(join(folder, 'typo.yaml'), configuration.replace('marginRadians', 'margin'));
    const typo = await train(folder, ['--config', 'typo.yaml', '--out', 'typo']);
    expect(typo.code).toBe(2);
    expect(typo.err).toContain('arcface has no hyperparameter margin');
    const foreign = new Map([...readSafetensors(await weightsOf(folder, 'whole'))].slice(1));
    await writeFile(join(folder, 'foreign.safetensors'), writeSafetensors(foreign));
    const start = configuration.replace('input: 112x96', 'input: 112x96, weights: foreign.safetensors');
    await writeFile(join(folder, 'start.yaml'), start);
    const started = await train(folder, ['--config', 'start.yaml', '--out', 'start']);
    expect(started.code).toBe(2);
    expect(started.err).toContain('which the weights lack');
  });
});
