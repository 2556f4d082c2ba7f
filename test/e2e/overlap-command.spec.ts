import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { identityListText } from '../../src/training/overlap/identity-list-file.js';
import type { IdentityOverlap } from '../../src/training/overlap/identity-overlap.js';
import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import { arcFacePreset } from '../../src/core/models/presets.js';
import { imageNetBackbone, imageNetNetwork, imageNetPixels } from '../support/small-networks.js';
import { runInFolder, runTraining } from '../support/training-command.js';
import { pictureOf, type TaggedPicture, writePictures } from '../support/training-images.js';

/** Names of digits, as data sets have them: YAML must not make numbers of them. */
const trained = ['7201', '7202', '7203', '7204'];
const evaluatedCount = 10;
const facesOfEach = 2;
/** Whose faces are in the evaluation set too, as its last identity. */
const both = '7203';

function face(name: string, seed: number): TaggedPicture {
  return { name, picture: pictureOf(seed), rho: 0, landmarks: arcFaceTemplate.landmarks };
}

const trainingFaces = trained.flatMap((identity, person) =>
  Array.from({ length: facesOfEach }, (_, index) =>
    face(`${identity}/${index}.png`, person * facesOfEach + index),
  ),
);

const evaluationFaces = Array.from({ length: evaluatedCount * facesOfEach }, (_, index) => {
  const person = Math.floor(index / facesOfEach);
  const isBoth = person === evaluatedCount - 1;
  const seed = isBoth ? trained.indexOf(both) * facesOfEach + (index % facesOfEach) : 100 + index;
  return face(`${String.fromCodePoint(97 + person)}-${index % facesOfEach}.png`, seed);
});

const configuration = `
name: overlapping
data: { format: identity-folder, path: faces, kind: aligned-crop, identities: { holdOut: ['${both}'] } }
backbone: ${imageNetBackbone()}
loss: { name: arcface, scale: 16, marginRadians: 0.3 }
epochs: 1
batchSize: 6
learningRate: { initial: 1.0e-30 }
evaluate:
  benchmarks:
    - { name: known, format: pairs-csv, path: known.csv, images: evaluated, kind: aligned-crop }
    - { name: unknown, format: pairs-csv, path: unknown.csv, images: evaluated, kind: aligned-crop }
`;

/** Pairs that name all faces, those of one identity first. */
function pairsCsv(isKnown: boolean): string {
  const rows = evaluationFaces.map(({ name }, index) => {
    const other = evaluationFaces[(index + 1) % evaluationFaces.length]!.name;
    const same = name.startsWith(other.slice(0, 1)) ? 1 : 0;
    return isKnown ? [name, other, same, name.slice(0, 1), other.slice(0, 1)] : [name, other, same];
  });
  const heading = isKnown ? 'image_a,image_b,same,identity_a,identity_b' : 'image_a,image_b,same';
  return [heading, ...rows.map((row) => row.join())].join('\n');
}

describe('symface dataset overlap', () => {
  let folder: string;

  async function overlap(...options: readonly string[]) {
    return runInFolder(folder, [
      'dataset',
      'overlap',
      '--config',
      'train.yaml',
      '--threads',
      '1',
      ...options,
    ]);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-overlap-'));
    await writePictures(join(folder, 'faces'), trainingFaces);
    await writePictures(join(folder, 'evaluated'), evaluationFaces);
    await writeFile(join(folder, 'known.csv'), pairsCsv(true));
    await writeFile(join(folder, 'unknown.csv'), pairsCsv(false));
    await writeFile(join(folder, 'train.yaml'), configuration);
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('finds the identity that is in both, though it is held out, and says what chance would give', async () => {
    const options = ['--false-alarm-rate', '0.1', '--output', 'overlap.yaml', '--json'];
    const { code, out, err } = await overlap('--against', 'known', ...options);
    expect(code).toBe(0);
    expect(err).toContain('embedding 28/28 faces');
    const found = JSON.parse(out) as IdentityOverlap & { readonly expectedByChance: number };
    expect(found).toMatchObject({
      against: 'known',
      training: { identityCount: 4, faceCount: 8 },
      evaluation: { identityCount: 10, faceCount: 20 },
    });
    expect(found.resembling[0]?.identity).toBe(both);
    expect(found.resembling[0]?.similarity).toBeCloseTo(1, 5);
    expect(found.expectedByChance).toBeCloseTo(0.1 * 4, 9);
    const named = found.resembling.map(({ identity }) => identity);
    expect(named).not.toContain('7202');
    expect(parse(await readFile(join(folder, 'overlap.yaml'), 'utf8'))).toEqual(named);
  });

  it('embeds with a model of one’s own, and where persons are not known compares with each face', async () => {
    const { mean, scale } = imageNetPixels;
    const preset = arcFacePreset({ dimension: 8, testTimeAugmentation: 'none' });
    const input = { ...preset.input, ...imageNetPixels, mean: [...mean], scale: [...scale] };
    const manifest = { ...preset, input, displayName: 'small', license: 'MIT', source: 'test' };
    await writeFile(join(folder, 'small.json'), JSON.stringify(manifest));
    const model = ['--model', 'small.onnx', '--manifest', 'small.json'];
    const { code, out } = await overlap('--against', 'unknown', '--threshold', '0.9999999', ...model);
    expect(code).toBe(0);
    expect(out).toContain('unknown   20          20');
    expect(out).toContain('0 of 4 training identities (0.00 %) resemble someone in unknown');
    expect(out).toContain('it is not known who resembles another one');
  });

  it('refuses a set that cannot tell the rate before it embeds any face, and says what to do', async () => {
    const unknown = await overlap('--against', 'unknown');
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('--threshold');
    const small = await overlap('--against', 'known');
    expect(small.code).toBe(2);
    expect(small.err).toContain('a rate of 0.01 needs 100 identities or more, not 10');
    expect(unknown.err + small.err).not.toContain('embedding');
  });

  it('leaves a list that training takes', async () => {
    const excluding = configuration.replace(
      /identities: \{.*?\}/u,
      'identities: { exclude: { file: listed.yaml } }',
    );
    await writeFile(join(folder, 'excluding.yaml'), excluding);
    const list = identityListText([{ identity: both, remark: '1.0' }], ['made']);
    await writeFile(join(folder, 'listed.yaml'), list);
    const options = ['--config', 'excluding.yaml', '--output', 'run', '--set', 'evaluate.benchmarks=[]'];
    const { code, err } = await runTraining(folder, options);
    expect(err).toContain('6 faces of 3 identities');
    expect(code).toBe(0);
  });
});
