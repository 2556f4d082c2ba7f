import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { floatsNamed, nodeOf, onnxFile } from '../../../test/support/onnx-files.js';
import { tinyBackbone } from '../../../test/support/tiny-models.js';
import { OnnxSession, type FloatTensor } from './onnx-session.js';

const sessionModule = new URL('../../../dist/inference/runtime/onnx-session.js', import.meta.url).href;

const squaring = onnxFile({
  inputs: [floatsNamed('x', [2])],
  outputs: [floatsNamed('y', [2])],
  constants: new Map(),
  nodes: [nodeOf('Mul', ['x', 'x'], ['y'])],
});

/** Squares in a process of its own: its first session decides for its thread. */
async function squares(values: readonly number[]): Promise<unknown> {
  const graph = Buffer.from(squaring).toString('base64');
  const script = `
    const { OnnxSession } = await import(${JSON.stringify(sessionModule)});
    const session = await OnnxSession.load(Buffer.from('${graph}', 'base64'), { intraOpThreads: 1 });
    const [y] = await session.run({ data: Float32Array.from(${JSON.stringify(values)}), dimensions: [2] });
    process.stdout.write(JSON.stringify([...y.data]));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  return JSON.parse(stdout);
}

/** Crops of one grey level each, [n, 3, 112, 112]. */
function crops(...levels: readonly number[]): FloatTensor {
  const length = 3 * 112 * 112;
  const data = new Float32Array(levels.length * length);
  levels.forEach((level, index) => data.fill(level, index * length, (index + 1) * length));
  return { data, dimensions: [levels.length, 3, 112, 112] };
}

describe('OnnxSession', () => {
  it('counts numbers below the least normal one, 1.2e-38, as zero', async () => {
    // 1e-40 is a denormal float; 1e-36 is none.
    const [denormal, normal] = (await squares([1e-20, 1e-18])) as number[];
    expect(denormal).toBe(0);
    expect(normal! / 1e-36).toBeCloseTo(1, 5);
  });

  it('gives concurrent runs that it joins what each gets alone', async () => {
    const graph = tinyBackbone();
    const alone = await OnnxSession.load(graph, { intraOpThreads: 1 });
    const joining = await OnnxSession.load(graph, { intraOpThreads: 1, joinedRuns: 8 });
    const inputs = [crops(1), crops(2, 3), crops(-4)];
    const wanted: unknown[] = [];
    for (const input of inputs) wanted.push(await alone.run(input));
    const outputs = await Promise.all(inputs.map(async (input) => joining.run(input)));
    expect(outputs.map(([output]) => output?.dimensions)).toEqual([
      [1, 4],
      [2, 4],
      [1, 4],
    ]);
    outputs.forEach(([output], index) => {
      const [expected] = wanted[index] as [FloatTensor];
      expect([...output!.data]).toEqual([...expected.data]);
    });
  });

  it('joins no runs of a graph that takes one image', async () => {
    const session = await OnnxSession.load(tinyBackbone({ batch: 1 }), { intraOpThreads: 1, joinedRuns: 8 });
    const outputs = await Promise.all([session.run(crops(1)), session.run(crops(2))]);
    expect(outputs.map(([output]) => output?.dimensions)).toEqual([
      [1, 4],
      [1, 4],
    ]);
  });
});
