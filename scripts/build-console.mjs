// The console, from src/console to dist/console, and beside it what describes the calls that it and others make. No network:
// everything comes from node_modules.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { readContract } from './contract.mjs';
import { openApiOf } from './openapi.mjs';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));

await build({
  configFile: false,
  root: join(projectFolder, 'src/console'),
  // Wherever the service puts the console, its files lie beside its page.
  base: './',
  logLevel: 'warn',
  build: {
    outDir: join(projectFolder, 'dist/console'),
    emptyOutDir: true,
    // The browsers that have light-dark(), the newest thing that the console needs.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // The content security policy forbids data: and inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'));
writeFileSync(
  join(projectFolder, 'dist/console/openapi.json'),
  JSON.stringify(openApiOf(readContract(), version)),
);
