/**
 * Without tsconfig.json: with its `jsx`, the compiler takes generic arrow functions for JSX and adds an import of Preact.
 *
 * What each process and library loads at run time, however many files lie between; imports of types are left out, since
 * they are gone when the code runs. Workers and trainers are started by the path of their entry point, not imported.
 */
const { options } = require('./.dependency-cruiser.cjs');

const notSpec = '\\.spec\\.tsx?$';
const networks = 'node_modules/(?:@tensorflow|onnxruntime-node|onnxruntime-common)/';
const images = 'node_modules/(?:sharp|@img)/';
const server = 'node_modules/(?:@nestjs|typeorm|pg|@electric-sql|prom-client|pino)/';
const drawing = 'node_modules/(?:linkedom|@observablehq|preact|preact-render-to-string)/';
const libraries = 'core|storage|onnx|compiler|learning|inference|datasets|figures|training';

module.exports = {
  forbidden: [
    {
      name: 'gateway-runs-no-network',
      severity: 'error',
      from: { path: '^src/main\\.ts$' },
      to: { path: `${networks}|${images}`, reachable: true },
    },
    {
      name: 'gateway-draws-nothing',
      comment: 'The console draws in the browser; reports are drawn by the command line.',
      severity: 'error',
      from: { path: '^src/main\\.ts$' },
      to: { path: drawing, reachable: true },
    },
    {
      name: 'inference-loads-no-tfjs',
      severity: 'error',
      from: { path: '^src/inference/', pathNot: notSpec },
      to: { path: 'node_modules/@tensorflow/', reachable: true },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^src/core/', pathNot: notSpec },
      to: { path: 'node_modules/|^src/(?!core/)', reachable: true },
    },
    {
      name: 'compiler-knows-nothing-of-faces',
      severity: 'error',
      from: { path: '^src/compiler/', pathNot: notSpec },
      to: { path: `^src/(?!compiler/|onnx/|core/)|${server}|${images}`, reachable: true },
    },
    {
      name: 'libraries-reach-no-service',
      severity: 'error',
      from: { path: `^src/(?:${libraries})/`, pathNot: notSpec },
      to: { path: `^src/(?:service|client|cli)/|^src/(?:main|worker)\\.ts$|${server}`, reachable: true },
    },
    {
      name: 'client-loads-no-server',
      severity: 'error',
      from: { path: '^src/client/', pathNot: notSpec },
      to: { path: `${server}|${networks}|${images}|^src/(?:service|cli)/`, reachable: true },
    },
  ],
  options: { ...options, tsPreCompilationDeps: false, tsConfig: undefined },
};
