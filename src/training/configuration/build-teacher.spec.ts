import { describe, expect, it } from 'vitest';

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

  it('that is not there is refused by name', async () => {
    const student = { name: 'student', embeddingSize: 64 };
    await expect(buildTeacher(given('{ model: gone }'), student)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: expect.stringContaining('distillation.teacher.model: gone is no folder') as string,
    });
  });
});
