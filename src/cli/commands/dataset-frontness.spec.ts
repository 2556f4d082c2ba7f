import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RecordingTerminal } from '../../../test/support/recording-terminal.js';
import { sampleTag } from '../../../test/support/sample-tag.js';
import { TagFile } from '../../datasets/tags/tag-file.js';
import { runCommandLine } from '../program.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-frontness-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function frontness(...args: string[]) {
  const terminal = new RecordingTerminal();
  const exitCode = await runCommandLine(['dataset', 'frontness', ...args], terminal);
  return { exitCode, terminal };
}

it('prints the share of faces that are not split at each τ, without a server', async () => {
  const subject = { format: 'identity-folder', imageKind: 'photograph', detectorVersion: 'd-1' } as const;
  const file = await TagFile.restart(join(folder, 'tags.jsonl'), subject);
  for (const [index, rho] of [0.9, 0.06, 0.2, 0.35].entries()) {
    const tag = sampleTag(`${index}.jpg`);
    if (tag.face !== null) await file.append({ ...tag, face: { ...tag.face, rho } });
  }
  const { image, sha256 } = sampleTag('4.jpg');
  await file.append({ image, sha256, face: null, reason: 'FACE_NOT_FOUND' });
  // Of two tags of one image the later counts.
  const again = sampleTag('0.jpg');
  if (again.face !== null) await file.append({ ...again, face: { ...again.face, rho: 0.5 } });
  await file.close();
  const { exitCode, terminal } = await frontness(folder);
  expect(exitCode).toBe(0);
  const [headings, row] = terminal.outLines.map((line) => line.split(/ {2,}/u));
  expect(headings).toEqual([
    'TAGS',
    'IMAGES',
    'NO FACE',
    'τ = 0.05',
    'τ = 0.1',
    'τ = 0.2',
    'τ = 0.3',
    'τ = 0.4',
  ]);
  expect(row?.slice(1)).toEqual(['5', '1', '20.0 %', '40.0 %', '60.0 %', '60.0 %', '80.0 %']);
  const json = await frontness(join(folder, 'tags.jsonl'), '--json');
  expect(json.terminal.json).toEqual([expect.objectContaining({ imageCount: 5, faceCount: 4 })]);
});

it('names what cannot be read', async () => {
  const missing = await frontness(join(folder, 'nothing'));
  expect(missing.exitCode).toBe(2);
  expect(missing.terminal.errLines.join('\n')).toContain('nothing (ENOENT). Check the path.');
  await writeFile(join(folder, 'a.jsonl'), 'not tags\n');
  const other = await frontness(join(folder, 'a.jsonl'));
  expect(other.exitCode).toBe(2);
  expect(other.terminal.errLines.join('\n')).toContain('a.jsonl');
});
