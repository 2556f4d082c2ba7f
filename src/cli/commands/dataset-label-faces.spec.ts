import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RecordingTerminal } from '../../../test/support/recording-terminal.js';
import { runCommandLine } from '../program.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-label-faces-'));
  await writeFile(join(folder, 'd.onnx'), 'no graph');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function label(...args: string[]) {
  const terminal = new RecordingTerminal();
  const out = join(folder, 'labels.jsonl');
  const exitCode = await runCommandLine(['dataset', 'label-faces', '--output', out, ...args], terminal);
  return { exitCode, errors: terminal.errLines.join('\n'), lines: terminal.outLines };
}

it('says what is wrong with its options', async () => {
  const detector = ['--detector', `retinaface=${join(folder, 'd.onnx')}`];
  const cases = [
    { args: [folder, '--detector', 'mtcnn=d.onnx'], says: 'mtcnn is no family' },
    { args: [folder, '--detector', 'scrfd=gone.onnx'], says: 'gone.onnx (ENOENT)' },
    { args: [join(folder, 'gone'), ...detector], says: 'gone (ENOENT). Check the path.' },
    { args: [folder, ...detector, '--match', '('], says: '--match ( is no regular expression' },
    { args: [folder, folder, ...detector, '--set', 'both'], says: '--set names one folder' },
  ];
  for (const { args, says } of cases) {
    const { exitCode, errors } = await label(...args);
    expect(errors).toContain(says);
    expect(exitCode).toBe(2);
  }
});

it('is done with a folder of no photographs', async () => {
  const { exitCode, lines } = await label(
    folder,
    '--detector',
    `yunet=${join(folder, 'd.onnx')}`,
    '--processes',
    '1',
  );
  expect(exitCode).toBe(0);
  expect(lines[0]).toContain('0 photographs labelled');
});
