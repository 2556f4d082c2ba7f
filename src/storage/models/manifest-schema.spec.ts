import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import { Failure } from '../../core/failure.js';
import { contractOf } from '../../core/models/contract.js';
import { arcFacePreset, detectorPresets } from '../../core/models/presets.js';
import { parseManifest } from './manifest-schema.js';

const sha256 = 'ab'.repeat(32);
const described = { displayName: 'net-1.5', license: 'MIT', source: 'made up' };
const backbone = {
  ...arcFacePreset({ dimension: 128 }),
  ...described,
  graph: { fileName: 'net.onnx', sha256 },
};
const detector = {
  ...detectorPresets.yunet,
  ...described,
  graphs: { detector: { fileName: 'net.onnx', sha256 } },
};

function violationsOf(manifest: unknown): string[] {
  try {
    parseManifest(manifest);
  } catch (error) {
    if (error instanceof Failure) return error.fieldViolations.map(({ field }) => field);
    throw error;
  }
  return [];
}

describe('parseManifest', () => {
  it('takes the lineage of a fine-tuned model, which is no part of its contract and has no place for names', () => {
    const lineage = {
      parent: 'net-1.4-0123456789ab',
      trainingJob: '0b6e7f1c-8f0e-4d62-9d3c-0d1d3c8f6a10',
      identityCount: 48,
      heldOutIdentityCount: 12,
      heldOutBelow: 0.2,
      faceCount: 395,
      dataSha256: sha256,
    };
    const manifest = parseManifest({ ...backbone, lineage });
    expect(manifest).toEqual({ ...backbone, lineage });
    const replay = { identityCount: 200, faceCount: 4000, dataSha256: sha256 };
    const replayed = { ...backbone, lineage: { ...lineage, replay } };
    expect(parseManifest(replayed)).toEqual(replayed);
    expect(contractOf(manifest)).toEqual(contractOf(parseManifest(backbone)));
    expect(violationsOf({ ...backbone, lineage: { ...lineage, names: ['ada'] } })).toEqual([
      'manifest.lineage',
    ]);
  });

  it('takes how a model was trained, which is no part of its contract and has no place for names', () => {
    const data = { identityCount: 130, faceCount: 1800, dataSha256: sha256 };
    const training = { configuration: 'a', start: 'npm b', seeds: [1, 2], steps: 106, data, replay: data };
    const manifest = parseManifest({ ...backbone, training });
    expect(manifest).toEqual({ ...backbone, training });
    expect(contractOf(manifest)).toEqual(contractOf(parseManifest(backbone)));
    for (const wrong of [
      { ...training, seeds: [] },
      { ...training, data: { ...data, names: ['ada'] } },
    ])
      expect(violationsOf({ ...backbone, training: wrong })).toHaveLength(1);
  });

  it('takes a calibration, which is a part of its contract', () => {
    const bands = [
      { upTo: 0.3, similarityThreshold: 0.2, impostorPairCount: 3000 },
      { upTo: 1.25, similarityThreshold: 0.9, impostorPairCount: 3000 },
    ];
    const thresholds = [1e-1, 1e-2].map((falseMatchRate) => ({ falseMatchRate, similarityThreshold: 0.4, bands }));
    const logistic = { slope: 20, offset: -8 };
    const calibration = { description: 'of strangers', thresholds, logistic, impostorPairCount: 6000 };
    const manifest = parseManifest({ ...backbone, calibration });
    expect(manifest).toEqual({ ...backbone, calibration });
    expect(contractOf(manifest)).not.toEqual(contractOf(parseManifest(backbone)));
    const wrong = (member: string, value: unknown) =>
      violationsOf({ ...backbone, calibration: { ...calibration, [member]: value } });
    expect(wrong('thresholds', thresholds.toReversed())).toEqual(['manifest.calibration.thresholds']);
    expect(wrong('thresholds', [])).toEqual(['manifest.calibration.thresholds']);
    expect(wrong('thresholds', [{ ...thresholds[0], bands: bands.toReversed() }])).toEqual([
      'manifest.calibration.thresholds.0.bands',
    ]);
    expect(wrong('thresholds', [{ ...thresholds[0], bands: [] }])).toEqual([
      'manifest.calibration.thresholds.0.bands',
    ]);
    expect(wrong('modelVersion', 'net')).toEqual(['manifest.calibration']);
  });

  it('takes the presets once they are described', () => {
    expect(parseManifest(backbone)).toEqual(backbone);
    for (const preset of Object.values(detectorPresets)) {
      expect(violationsOf({ ...detector, ...preset })).toEqual([]);
    }
  });

  it('takes every example of docs/models/manifest.md', () => {
    const text = readFileSync(new URL('../../../docs/models/manifest.md', import.meta.url), 'utf8');
    const examples = [...text.matchAll(/```json\n(.*?)```/gsu)].map(
      ([, json]) => JSON.parse(json!) as object,
    );
    expect(examples).toHaveLength(3);
    const graph = { fileName: 'net.onnx', sha256 };
    for (const example of examples) {
      const isDetector = 'family' in example;
      expect(
        violationsOf({ ...example, ...(isDetector ? { graphs: { detector: graph } } : { graph }) }),
      ).toEqual([]);
    }
  });

  it('looks up a template that is given by name', () => {
    expect(parseManifest({ ...backbone, alignment: 'arcface-112' })).toMatchObject({
      alignment: arcFaceTemplate,
    });
    expect(() => parseManifest({ ...backbone, alignment: 'arcface-96' })).toThrow(/arcface-112, dlib-150/);
  });

  it.each<[string, unknown, string[]]>([
    ['no object', 'text', ['manifest']],
    ['an unknown kind', { ...backbone, kind: 'segmenter' }, ['manifest.kind']],
    ['no licence', { ...backbone, license: ' ' }, ['manifest.license']],
    [
      'a path as file name',
      { ...backbone, graph: { fileName: '../x.onnx', sha256 } },
      ['manifest.graph.fileName'],
    ],
    [
      'a short digest',
      { ...backbone, graph: { fileName: 'x.onnx', sha256: 'ab' } },
      ['manifest.graph.sha256'],
    ],
    [
      'a zero scale',
      { ...backbone, input: { ...backbone.input, scale: [1, 0, 1] } },
      ['manifest.input.scale.1'],
    ],
    [
      'an infinite mean',
      { ...backbone, input: { ...backbone.input, mean: [0, 0, Infinity] } },
      ['manifest.input.mean.2'],
    ],
    [
      'another crop than the template',
      { ...backbone, input: { ...backbone.input, width: 96 } },
      ['manifest.input.width'],
    ],
    ['a misspelt field', { ...backbone, licence: 'MIT' }, ['manifest']],
    ['an unknown template', { ...backbone, alignment: 'x' }, ['manifest.alignment']],
    ['an unknown family', { ...detector, family: 'mtcnn' }, ['manifest.family']],
    [
      'an input that strides do not tile',
      { ...detector, input: { ...detector.input, height: 500 } },
      ['manifest.input.height'],
    ],
    [
      'a second graph',
      { ...detector, graphs: { ...detector.graphs, landmarks: backbone.graph } },
      ['manifest.graphs'],
    ],
    ['a probability over 1', { ...detector, minimumProbability: 2 }, ['manifest.minimumProbability']],
  ])('refuses %s', (_case, manifest, fields) => {
    expect(violationsOf(manifest)).toEqual(fields);
  });
});
