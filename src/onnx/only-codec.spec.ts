import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The project's code but this file, by its path. */
const code: ReadonlyMap<string, string> = new Map(
  ['src', 'test', 'bench', 'scripts', 'examples']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(?:ts|mjs)$/u.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path !== fileURLToPath(import.meta.url))
    .map((path) => [relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8')]),
);

function filesWith(pattern: RegExp): string[] {
  return [...code].flatMap(([path, text]) => (pattern.test(text) ? [path] : []));
}

const outside = (path: string): boolean => !path.startsWith('src/onnx/');

describe('the only reader and writer of ONNX files', () => {
  it('is the only place that reads or writes protobuf messages, but for the contract of the service', () => {
    const users = filesWith(/from 'protobufjs[/']/u);
    expect(users).toContain('src/onnx/protobuf-messages.ts');
    const ofTheContract =
      /^(?:src\/generated\/|src\/service\/platform\/grpc\/reflected-contract|test\/support\/reflected-methods|test\/support\/otlp-collector|scripts\/generate-types)/u;
    expect(users.filter(outside).filter((path) => !ofTheContract.test(path))).toEqual([]);
  });

  it("is the only place that names ONNX's messages", () => {
    const names = /\b(?:Model|Graph|Node|Attribute|Tensor|ValueInfo)Proto\b/u;
    expect(filesWith(names)).toContain('src/onnx/tensor.ts');
    // Graphs that no writer would write are damaged by hand.
    const attacks = (path: string): boolean => path.startsWith('test/attack/');
    expect(filesWith(names).filter((path) => outside(path) && !attacks(path))).toEqual([]);
  });

  it.each([
    ['compiler', 'writeOnnx', 'src/compiler/compiled-model.ts'],
    ['quantisation', 'readOnnx', 'src/inference/quantise/quantise-graph.ts'],
    ['quantisation', 'writeOnnx', 'src/inference/quantise/quantise-graph.ts'],
    ['calibration of ranges', 'writeOnnx', 'src/inference/quantise/range-observer.ts'],
    ['training of imported networks', 'readOnnx', 'src/learning/gating/gated-graph.ts'],
    ['inspection of imports', 'requireSelfContained', 'src/inference/inspect/inspect-model.ts'],
    ['tests', 'writeOnnx', 'test/support/onnx-files.ts'],
  ])('is what the %s uses: %s', (_, name, path) => {
    const imported = new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '[^']*/onnx/[a-z-]+\\.js'`, 'u');
    expect(code.get(path)).toMatch(imported);
  });
});
