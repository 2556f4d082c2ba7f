import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { filesBelow, text } from './markdown.js';

const script = fileURLToPath(new URL('../../scripts/generate-docs.mjs', import.meta.url));

describe('docs/api.md and docs/adr/README.md', () => {
  it('say what `npm run docs` makes of it', () => {
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('name every method', () => {
    const protos = filesBelow('proto/symface/v1', ['.proto']).map(text);
    const methods = protos.flatMap((proto) =>
      [...proto.matchAll(/^ {2}rpc (\w+)\(/gmu)].map(([, name]) => name),
    );
    expect(methods.length).toBeGreaterThan(0);
    const api = text('docs/api.md');
    const [atAGlance = ''] = api.split('\n## ');
    expect(methods.filter((name) => !new RegExp(`^### ${name}$`, 'mu').test(api))).toEqual([]);
    expect(methods.filter((name) => !new RegExp(`\\b${name}\\b`, 'u').test(atAGlance))).toEqual([]);
  });
});
