import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/sbom.mjs', import.meta.url));

interface Bill {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string } };
  readonly components: readonly {
    readonly name: string;
    readonly type: string;
    readonly hashes?: readonly unknown[];
  }[];
}

it('the bill of materials has what is shipped, the networks among it, and is the same each time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'symface-sbom-'));
  const write = async (name: string): Promise<string> => {
    const file = join(folder, name);
    // No registry is asked: there is none at this address.
    const env = { ...process.env, npm_config_registry: 'http://127.0.0.1:1/' };
    await promisify(execFile)(process.execPath, [script, file], { env });
    return readFile(file, 'utf8');
  };
  try {
    const [first, second] = [await write('a.json'), await write('b.json')];
    expect(second).toBe(first);
    const { bomFormat, metadata, components } = JSON.parse(first) as Bill;
    expect([bomFormat, metadata.component.name]).toEqual(['CycloneDX', 'symface']);
    const names = components.map(({ name }) => name);
    for (const shipped of ['@grpc/grpc-js', 'onnxruntime-node', 'sharp']) expect(names).toContain(shipped);
    expect(names).not.toContain('vitest');
    expect(components.filter(({ type }) => type === 'machine-learning-model').length).toBeGreaterThan(0);
    expect(components.filter(({ hashes }) => hashes === undefined)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
