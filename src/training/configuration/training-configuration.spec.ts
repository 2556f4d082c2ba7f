import { describe, expect, it } from 'vitest';

import { runDigestOf } from '../runs/run-digest.js';
import { headInitialisation, parseTrainingConfiguration } from './training-configuration.js';

const least = `
name: test
data: { format: identity-folder, path: faces, kind: photograph }
backbone: { design: mobilefacenet }
loss: { name: arcface, scale: 32, marginRadians: 0.45 }
epochs: 2
batchSize: 32
learningRate: { initial: 0.1, dropEpochs: [1] }
`;

const distilled = `${least.replace(/^loss.*\n/mu, '')}distillation: { teacher: { pretrained: dlib-resnet } }
`;

describe('a training configuration', () => {
  it('is told from an experiment, and what it lacks by its name', () => {
    expect(() => parseTrainingConfiguration('base: a.yaml\nmatrix: {}\n', 'table.yaml')).toThrow(
      /table\.yaml: is an experiment: .*--cell/u,
    );
    expect(() => parseTrainingConfiguration(least.replace(/^data.*$/mu, ''), 'a.yaml')).toThrow(
      'a.yaml: data: is missing',
    );
  });

  it('has defaults for all that it does not say', () => {
    const { symmetry, momentum, weightDecay, evaluate } = parseTrainingConfiguration(least, 'a.yaml');
    expect({ symmetry, momentum, weightDecay, evaluate }).toEqual({
      symmetry: undefined,
      momentum: 0.9,
      weightDecay: { weights: 5e-4, slopes: 0 },
      evaluate: { heldOutPairs: 2000, start: false, halves: 'padded', benchmarks: [] },
    });
    expect(parseTrainingConfiguration(`${least}symmetry: {}`, 'a.yaml').symmetry).toEqual({
      splitFraction: 0.3,
      tau: 0.2,
      weight: 1,
      compare: 'raw',
      halves: 'padded',
      landmarkNoisePixels: 0,
      statistics: 'all',
    });
  });

  it.each([
    [least.replace('epochs: 2', 'epochs: 0'), 'a.yaml: epochs: '],
    [least.replace('initial: 0.1', 'initial: fast'), 'a.yaml: learningRate.initial: '],
    [least.replace('mobilefacenet', 'mobilenet'), 'a.yaml: backbone.design: '],
    [least.replace('mobilefacenet', 'ir-18, dropout: 1'), 'a.yaml: backbone.dropout: '],
    [least.replace('{ design: mobilefacenet }', '{}'), 'a.yaml: backbone: give one of design'],
    [least.replace('mobilefacenet', 'mobilefacenet, onnx: a.onnx'), 'a.yaml: backbone: give one of design'],
    [least.replace('{ design: mobilefacenet }', 'mobilefacenet'), 'a.yaml: backbone: give one of design'],
    [
      least.replace('design: mobilefacenet', 'onnx: a.onnx, embeddingSize: 8'),
      'a.yaml: backbone: Unrecognized key: "embeddingSize"',
    ],
    [
      least.replace('design: mobilefacenet', 'onnx: a.onnx, preprocessing: { scale: [1, 0, 1] }'),
      'a.yaml: backbone.preprocessing.scale.1: must not be 0',
    ],
    [
      least.replace(
        'photograph',
        'photograph, replay: { format: enrolled-faces, path: a, kind: photograph }',
      ),
      'a.yaml: data.replay.format: ',
    ],
    [least.replace('design: mobilefacenet', 'pretrained: resnet'), 'a.yaml: backbone.pretrained: '],
    [`${least}weightInterpolation: { trainedShare: 0.5 }`, 'a.yaml: weightInterpolation: needs weights'],
    ...['{}', '{ trainedShare: 0.5, choose: {} }'].map((both) => [
      least.replace('design: mobilefacenet', 'onnx: a.onnx') + `weightInterpolation: ${both}`,
      'a.yaml: weightInterpolation: give one of trainedShare and choose',
    ]),
    [
      least.replace(/^loss.*\n/mu, ''),
      'a.yaml: loss: there is none: say loss: { name: arcface }, or distillation',
    ],
    [`${distilled}head: { initialise: random }`, 'a.yaml: head: needs a loss'],
    [`${least}distillation: { weight: 2 }`, 'a.yaml: distillation.teacher: give one of pretrained'],
    [
      `${least}distillation: { teacher: dlib-resnet }`,
      'a.yaml: distillation.teacher: give one of pretrained',
    ],
    [
      `${least}distillation: { teacher: { pretrained: dlib-resnet, model: a } }`,
      'a.yaml: distillation.teacher: give one of pretrained',
    ],
    [distilled.replace('dlib-resnet }', 'dlib-resnet }, weight: 0'), 'a.yaml: distillation.weight: '],
    [`${least}augmentation: { crop: 2 }`, 'a.yaml: augmentation.crop: '],
    [`${least}epoch: 3`, 'a.yaml: Unrecognized key: "epoch"'],
    [`${least}symmetry: { tau: 2 }`, 'a.yaml: symmetry.tau: '],
    [`${least}symmetry: { compare: cosine }`, 'a.yaml: symmetry.compare: '],
    [`${least}symmetry: { halves: white }`, 'a.yaml: symmetry.halves: '],
    [`${least}symmetry: { statistics: halves }`, 'a.yaml: symmetry.statistics: '],
    [`${least}samplesPerEpoch: 0`, 'a.yaml: samplesPerEpoch: '],
    [least.replace('{ design', '{ design: x, design'), 'a.yaml: Map keys must be unique'],
    ['', 'a.yaml: '],
  ])('names the setting that is wrong', (text, message) => {
    expect(() => parseTrainingConfiguration(text, 'a.yaml')).toThrow(
      expect.objectContaining({
        reason: 'INVALID_ARGUMENT',
        message: expect.stringContaining(message) as string,
      }),
    );
  });

  it('can go on for more epochs, with other evaluations, but not with another loss', () => {
    const digest = (text: string) => runDigestOf(parseTrainingConfiguration(text, 'a.yaml'));
    expect(digest(least.replace('epochs: 2', 'epochs: 9'))).toBe(digest(least));
    expect(digest(`${least}evaluate: { heldOutPairs: 10 }`)).toBe(digest(least));
    expect(digest(least.replace('scale: 32', 'scale: 64'))).not.toBe(digest(least));
  });

  it('begins another run with another head, and with another share of the way', () => {
    const imported = least.replace('design: mobilefacenet', 'onnx: a.onnx');
    const digest = (more: string) => runDigestOf(parseTrainingConfiguration(`${imported}${more}`, 'a.yaml'));
    expect(digest('head: { initialise: class-means }')).not.toBe(digest('head: { initialise: random }'));
    expect(digest('weightInterpolation: { choose: {} }')).not.toBe(digest(''));
  });

  it('begins another run with other replay data, wherever it is', () => {
    const digest = (path: string, sha256: string) => {
      const data = `photograph, replay: { format: identity-folder, path: ${path}, kind: photograph }`;
      const configuration = parseTrainingConfiguration(least.replace('photograph', data), 'a.yaml');
      return runDigestOf(configuration, { replaySha256: sha256 });
    };
    expect(digest('here', '00')).toBe(digest('there', '00'));
    expect(digest('here', '00')).not.toBe(digest('here', '01'));
  });

  it('distils with a weight of 1 and centred targets, and needs no loss', () => {
    const { loss, distillation } = parseTrainingConfiguration(distilled, 'a.yaml');
    expect(loss).toBeUndefined();
    expect(distillation).toEqual({ teacher: { pretrained: 'dlib-resnet' }, weight: 1, centre: true });
  });

  it('begins another run with another teacher, wherever it is, another weight or other centring', () => {
    const digest = (settings: string, teacherSha256 = '00') => {
      const text = `${least}distillation: { ${settings} }`;
      return runDigestOf(parseTrainingConfiguration(text, 'a.yaml'), { teacherSha256 });
    };
    const here = digest('teacher: { model: here }');
    expect(digest('teacher: { model: there }')).toBe(here);
    expect(digest('teacher: { model: here }', '01')).not.toBe(here);
    expect(digest('teacher: { model: here }, weight: 2')).not.toBe(here);
    expect(digest('teacher: { model: here }, centre: false')).not.toBe(here);
    expect(runDigestOf(parseTrainingConfiguration(least, 'a.yaml'))).not.toBe(here);
  });

  it('begins the head at class means where the network is trained already, unless told', () => {
    const initialisation = (text: string) => headInitialisation(parseTrainingConfiguration(text, 'a.yaml'));
    expect(initialisation(least)).toBe('random');
    expect(initialisation(least.replace('design: mobilefacenet', 'onnx: a.onnx'))).toBe('class-means');
    const weighted = least.replace('mobilefacenet', 'mobilefacenet, weights: a.safetensors');
    expect(initialisation(weighted)).toBe('class-means');
    expect(initialisation(distilled)).toBe('none');
    expect(initialisation(`${weighted}head: { initialise: random }`)).toBe('random');
  });

  it('begins another run with another ONNX file of the same name', () => {
    const imported = least.replace('design: mobilefacenet', 'onnx: a.onnx');
    const digest = (graphSha256: string) =>
      runDigestOf(parseTrainingConfiguration(imported, 'a.yaml'), { graphSha256 });
    expect(digest('00')).toBe(digest('00'));
    expect(digest('00')).not.toBe(digest('01'));
  });
});
