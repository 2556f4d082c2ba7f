import { expect, it } from 'vitest';
import type { ModelVersion } from '../../../core/models/manifest.js';
import { arcFacePreset } from '../../../core/models/presets.js';
import { outdatedVersions } from './retention.js';

const lineage = {
  parent: 'net-000000000000',
  trainingJob: 'job',
  identityCount: 1,
  heldOutIdentityCount: 1,
  heldOutBelow: 0.2,
  faceCount: 2,
  dataSha256: '',
};

function version(id: string, minute: number, isFineTuned = true): ModelVersion {
  const stated = { displayName: 'net', license: 'MIT', source: 'made up' };
  const manifest = {
    ...arcFacePreset({ dimension: 4 }),
    ...stated,
    graph: { fileName: 'net.onnx', sha256: '' },
    ...(isFineTuned && { lineage }),
  };
  return { id, contractDigest: id, createTime: new Date(minute * 60_000).toISOString(), manifest };
}

const versions = [version('old', 1), version('imported', 0, false), version('new', 3), version('middle', 2)];
const outdated = (inUse: readonly string[], keptCount: number) =>
  outdatedVersions(versions, new Set(inUse), keptCount).map(({ id }) => id);

it('outdated are fine-tuned versions that have enough newer ones', () => {
  expect(outdated([], 3)).toEqual([]);
  expect(outdated([], 2)).toEqual(['old']);
  expect(outdated([], 0)).toEqual(['new', 'middle', 'old']);
});

it('what serves or served before is never outdated, and is not counted either', () => {
  expect(outdated(['new'], 1)).toEqual(['old']);
  expect(outdated(['old', 'middle'], 0)).toEqual(['new']);
});
