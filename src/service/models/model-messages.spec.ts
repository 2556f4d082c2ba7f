import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { RegisteredModel } from '../../storage/models/model-registry.js';
import { toModelVersionMessage } from './model-messages.js';

const anyFile = fileURLToPath(import.meta.url);
const lineage = { parent: 'net-1', trainingJob: 'j', identityCount: 31, faceCount: 471, dataSha256: 'ab' };
const manifest = {
  kind: 'backbone',
  displayName: 'Net',
  license: 'MIT',
  source: 'fine-tuned from net-1 on 471 enrolled faces',
  graph: { fileName: basename(anyFile), sha256: 'ef' },
  lineage,
};
const stored = {
  folder: dirname(anyFile),
  version: { id: 'net-2', contractDigest: 'cd', createTime: '2026-01-01T00:00:00Z', manifest },
} as unknown as RegisteredModel;
const standings = { activeSince: new Map<string, Date>(), servedBefore: new Set<string>() };

it('does not tell clients how many faces of all tenants a version was fine-tuned on', async () => {
  expect(JSON.stringify(await toModelVersionMessage(stored, standings, false))).toContain('on 471 enrolled');
  const { manifestJson, source } = await toModelVersionMessage(stored, standings, true);
  expect(`${manifestJson} ${source}`).not.toMatch(/471|identityCount|dataSha256/u);
  expect(source).toBe('fine-tuned from net-1 on enrolled faces');
});
