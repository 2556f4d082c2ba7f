// npm run generate: what is made from the contract (proto/), in src/generated, and the catalogues of the libraries.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { generateCatalogues } from './generate-catalogues.mjs';
import { run } from './set-up.mjs';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const protoFolder = join(projectFolder, 'proto');
const generatedFolder = join(projectFolder, 'src/generated');
/** Imports every file of the contract, so that one module of types and one definition hold all of it. */
const rootFile = 'contract.proto';
/** What the contract's options extend; of the compiler's whole file run time needs no more. */
const optionsFile = 'google/protobuf/descriptor.proto';
const ownFiles = new Set([rootFile, optionsFile]);

const optionsText =
  'syntax = "proto2"; package google.protobuf; message MethodOptions { extensions 1000 to max; }';

const rootFolder = mkdtempSync(join(tmpdir(), 'symface-contract-'));
try {
  rmSync(generatedFolder, { recursive: true, force: true });
  mkdirSync(generatedFolder);
  writeFileSync(join(rootFolder, rootFile), rootText());
  mkdirSync(dirname(join(rootFolder, optionsFile)), { recursive: true });
  writeFileSync(join(rootFolder, optionsFile), optionsText);
  await generateTypes();
  await generateDefinition();
} finally {
  rmSync(rootFolder, { recursive: true });
}
await generateDescriptorSet();
await generateConsoleClients();
generateCatalogues();

function rootText() {
  const files = readdirSync(protoFolder, { recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.proto'))
    .sort();
  // What is extended comes before its extensions.
  return ['syntax = "proto3";', ...[optionsFile, ...files].map((file) => `import "${file}";`), ''].join('\n');
}

/** TypeScript types. The options agree with src/contract/contract.ts. */
async function generateTypes() {
  await requireNode([
    join(projectFolder, 'node_modules/@grpc/proto-loader/build/bin/proto-loader-gen-types.js'),
    '--longs=Number',
    '--enums=String',
    '--defaults',
    '--oneofs',
    '--includeComments',
    '--grpcLib=@grpc/grpc-js',
    '--importFileExtension=.js',
    `--includeDirs=${protoFolder}`,
    `--includeDirs=${rootFolder}`,
    `--outDir=${generatedFolder}`,
    rootFile,
  ]);
}

/** What run time loads, parsed already: a command would spend more time on parsing the files than on its call. */
async function generateDefinition() {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, file) =>
    protobuf.common.get(file) ? file : join(ownFiles.has(file) ? rootFolder : protoFolder, file);
  root.loadSync(rootFile);
  root.resolveAll();
  const content = JSON.stringify(JSON.stringify(root.toJSON()));
  writeModule('contract-definition.ts', [
    "import type { INamespace } from 'protobufjs';",
    '/** Every message and service of the contract, as protobufjs writes it. */',
    `export const contractDefinition: INamespace = JSON.parse(${content});`,
  ]);
}

/** The contract as the protobuf compiler describes it, for reflection, as a module: tsc copies no other files. */
async function generateDescriptorSet() {
  const binaryFile = join(generatedFolder, 'descriptor-set.binpb');
  await requireNode([
    join(projectFolder, 'node_modules/@bufbuild/buf/bin/buf'),
    'build',
    '--exclude-source-info',
    '--output',
    binaryFile,
  ]);
  writeModule('descriptor-set.ts', [
    '/** A serialised google.protobuf.FileDescriptorSet. */',
    `export const descriptorSetBase64 = '${readFileSync(binaryFile).toString('base64')}';`,
  ]);
}

/** What the console's Connect clients are typed by. */
async function generateConsoleClients() {
  const plugin = join(projectFolder, 'node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es');
  const template = {
    version: 'v2',
    clean: true,
    plugins: [
      {
        local: [process.execPath, plugin],
        out: 'src/console/generated',
        opt: ['target=ts', 'import_extension=js'],
        include_imports: true,
      },
    ],
  };
  await requireNode([
    join(projectFolder, 'node_modules/@bufbuild/buf/bin/buf'),
    'generate',
    '--template',
    JSON.stringify(template),
  ]);
}

function writeModule(name, lines) {
  writeFileSync(join(generatedFolder, name), `${lines.join('\n')}\n`);
}

/** Runs a program with Node; a failure of it is one of this process. */
async function requireNode(args) {
  const exitCode = await run(process.execPath, args);
  if (exitCode !== 0) process.exit(exitCode);
}
