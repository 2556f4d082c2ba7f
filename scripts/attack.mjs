// npm run attack: installs, builds and prepares what is missing, then attacks services of its own (test/attack).
import { fileURLToPath } from 'node:url';
import { build, installDependencies, prepareModels, requireSupportedNode } from './set-up.mjs';

const args = process.argv.slice(2);
const isAsked = args.includes('--help') || args.includes('--list');

requireSupportedNode();
if (!isAsked) {
  // What `--json` prints is read by programs: the steps before go where people look.
  console.log = console.error;
  await installDependencies();
  await build();
  await prepareModels();
}
const { createServer } = await import('vite');
// The attacks are TypeScript and share much with the tests: vite runs the sources as they are, without listening anywhere.
const vite = await createServer({
  configFile: false,
  root: fileURLToPath(new URL('..', import.meta.url)),
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
const main = fileURLToPath(new URL('../test/attack/main.ts', import.meta.url));
const sources = /** @type {import('vite').RunnableDevEnvironment} */ (vite.environments.ssr);
const { attackFromCommandLine } = await sources.runner.import(main);
const exitCode = await attackFromCommandLine(args);
await vite.close();
process.exit(exitCode);
