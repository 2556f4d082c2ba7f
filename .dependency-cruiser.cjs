/** The tree's dependency direction (docs/architecture.md). Anchored on the folders. */
const outside = (...folders) => `^src/(?!(${folders.join('|')})/)`;

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src', pathNot: ['\\.d\\.ts$', '\\.spec\\.ts$', '^src/generated/'] },
      to: {},
    },
    {
      name: 'domain-depends-on-nothing',
      severity: 'error',
      from: { path: '^src/domain', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^src/domain' },
    },
    {
      name: 'learning-depends-on-domain',
      severity: 'error',
      from: { path: '^src/learning', pathNot: '\\.spec\\.ts$' },
      to: { path: outside('learning', 'domain') },
    },
    {
      name: 'compiler-knows-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/compiler', pathNot: '\\.spec\\.ts$' },
      to: { path: outside('compiler') },
    },
    {
      name: 'application-depends-on-domain',
      severity: 'error',
      from: { path: '^src/application', pathNot: '\\.spec\\.ts$' },
      to: { path: outside('application', 'domain') },
    },
    {
      name: 'no-nest-in-the-middle',
      severity: 'error',
      from: { path: '^src/(domain|learning|compiler|application)' },
      to: {
        path: 'node_modules/(@nestjs|@grpc|onnxruntime-node|typeorm|sharp)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'adapters-do-not-import-upwards',
      severity: 'error',
      from: { path: '^src/adapters', pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/(cli|main|app\\.module)' },
    },
    {
      name: 'only-set-up-and-training-use-tfjs',
      comment:
        'tfjs is slow to load and never serves: only the model preparation and the training worker reach it.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/(learning|compiler|adapters/(pretrained|training|training-data))/', '\\.spec\\.ts$'],
      },
      to: { path: '^src/(learning|compiler)/' },
    },
    {
      name: 'process-boundaries',
      comment:
        'The gateway never runs a network: only the inference worker reaches the ONNX Runtime and the decoder.',
      severity: 'error',
      from: { path: '^src/(adapters/(grpc|http|telemetry)|application|main|app\\.module)' },
      to: { path: '^src/adapters/(onnx|image)/' },
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
