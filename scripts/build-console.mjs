// The console, from src/console to dist/console. No network: everything comes from node_modules.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

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
