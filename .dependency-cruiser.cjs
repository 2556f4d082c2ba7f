/**
 * The direction of the tree (docs/architecture.md), edge by edge, types included: each box may import itself and the
 * boxes before it. What a process loads is ruled by reachability in .dependency-cruiser.processes.cjs.
 */
const boxes = [
  'core',
  'storage',
  'onnx',
  'compiler',
  'learning',
  'inference',
  'datasets',
  'figures',
  'training',
  'generated',
  'contract',
  'service/platform',
  'service/access',
  'service/jobs',
  'service/encryption',
  'service/models',
  'service/verification',
  'service/enrolment',
  'service/evaluation',
  'service/lifecycle',
  'service/operations',
  'service/console',
  'client',
  'cli',
  'console',
];
const entries = 'main\\.ts|worker\\.ts';
const notSpec = '\\.spec\\.tsx?$';

/** Boxes from here on may start the processes. */
const firstAboveEntries = boxes.indexOf('cli');
const directionRules = boxes.slice(0, -1).map((box, index) => ({
  name: `${box.replace('/', '-')}-imports-only-what-comes-before`,
  severity: 'error',
  from: { path: `^src/${box}/`, pathNot: notSpec },
  to: {
    path: [
      `^src/(?:${boxes.slice(index + 1).join('|')})/`,
      ...(index < firstAboveEntries ? [`^src/(?:${entries})$`] : []),
    ],
  },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      // Generated types of a message that holds messages of its kind import themselves.
      from: { pathNot: '^src/generated/' },
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src', pathNot: ['\\.d\\.ts$', notSpec, '^src/generated/'] },
      to: {},
    },
    ...directionRules,
    {
      name: 'client-imports-no-service',
      comment: 'Whoever installs the client must not install the server with it.',
      severity: 'error',
      from: { path: '^src/client/', pathNot: notSpec },
      to: { path: '^src/service/' },
    },
    {
      name: 'nest-only-in-the-service',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/service/', `^src/(?:${entries})$`] },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'typeorm-and-postgres-only-in-the-service',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/service/', notSpec] },
      to: { path: 'node_modules/(?:typeorm|pg|@electric-sql)/' },
    },
    {
      name: 'figures-know-core-alone',
      comment: 'Charts and report parts run in the browser, too.',
      severity: 'error',
      from: { path: '^src/figures/', pathNot: notSpec },
      to: { path: '^src/(?!figures/|core/)' },
    },
    {
      name: 'one-onnx-codec',
      comment:
        'Only src/onnx knows how an ONNX file is laid out; the contract of the service is protobuf, too.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(?:onnx|generated|service/platform/grpc)/', notSpec] },
      to: { path: 'node_modules/protobufjs/' },
    },
    {
      name: 'one-door-to-onnx-runtime',
      comment: 'ONNX Runtime sends telemetry unless that is switched off before it is loaded.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/onnx/onnx-runtime\\.ts$', notSpec] },
      to: { path: 'node_modules/onnxruntime-node/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'onnx-codec-knows-core-alone',
      comment: 'Reading and writing a file format needs neither folders nor weights of ours.',
      severity: 'error',
      from: { path: '^src/onnx/', pathNot: notSpec },
      to: { path: '^src/(?!onnx/|core/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
