import { describe, expect, it } from 'vitest';

import { initialWeights } from '../../learning/weights/initial-weights.js';
import { buildBackbone } from './build-backbone.js';
import { buildTeacher } from './build-teacher.js';
import { parseTrainingConfiguration } from './training-configuration.js';

const given = (teacher: string, backbone = '{ design: mobilefacenet }') => ({
  configuration: parseTrainingConfiguration(
    `
name: test
data: { format: identity-folder, path: faces, kind: photograph }
backbone: ${backbone}
distillation: { teacher: ${teacher} }
epochs: 2
batchSize: 32
learningRate: { initial: 0.1 }
`,
    'a.yaml',
  ),
  pathOf: (named: string) => `/nowhere/${named}`,
});
const pretrained = '{ pretrained: dlib-resnet }';

describe('a teacher', () => {
  it('is what npm ships, with its own alignment and its mirror image', async () => {
    const teacher = await buildTeacher(given(pretrained), { name: 'student', embeddingSize: 128 });
    expect(teacher?.manifest).toMatchObject({
      alignment: { name: 'dlib-150' },
      embedding: { dimension: 128, testTimeAugmentation: 'horizontal-flip' },
    });
    expect(teacher?.origin).toContain('@vladmandic/face-api');
    expect(teacher?.sha256).toMatch(/^[0-9a-f]{64}$/u);
  });

  it.each([
    ['{ design: mobilefacenet }', 'say backbone.embeddingSize: 128'],
    ['{ onnx: a.onnx }', 'name a teacher whose embeddings have as many'],
  ])('of another size is refused for %s', async (backbone, advice) => {
    const student = { name: 'student', embeddingSize: 64 };
    await expect(buildTeacher(given(pretrained, backbone), student)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: expect.stringMatching(
        new RegExp(`^distillation.teacher: .* 128 numbers, and those of student have 64: ${advice}$`, 'u'),
      ) as string,
    });
  });

  it('is the network that the run starts from, or refused where that has learnt nothing', async () => {
    const drawn = await buildBackbone(given('{ start: true }'));
    const { backbone } = drawn;
    await expect(buildTeacher(given('{ start: true }'), backbone, drawn)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: expect.stringContaining('takes a network that has learnt something') as string,
    });
    const start = { ...drawn, weights: initialWeights(backbone, 1) };
    const teacher = await buildTeacher(given('{ start: true }'), backbone, start);
    expect(teacher?.manifest.embedding.dimension).toBe(backbone.embeddingSize);
    expect(teacher?.sha256).toMatch(/^[0-9a-f]{64}$/u);
    const other = { ...drawn, weights: initialWeights(backbone, 2) };
    expect((await buildTeacher(given('{ start: true }'), backbone, other))?.sha256).not.toBe(teacher?.sha256);
  });

  it('that is not there is refused by name', async () => {
    const student = { name: 'student', embeddingSize: 64 };
    await expect(buildTeacher(given('{ model: gone }'), student)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: expect.stringContaining('distillation.teacher.model: gone is no folder') as string,
    });
  });
});
