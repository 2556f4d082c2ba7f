import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { residentMebibytes } from '../../support/process-measures.js';
import { bytesField, messageField, varintField } from '../../support/protobuf-fields.js';
import { tinyBackbone } from '../../support/tiny-models.js';
import { nodeOf, onnxFile, floatsNamed } from '../../support/onnx-files.js';
import { type Attack, hold } from '../attack.js';
import { mutated, Random } from '../random.js';
import { tinyManifest } from '../../support/tiny-backbone-import.js';

const answeredWithinMs = 30_000;

export default {
  title:
    'models to import: mutated graphs, files outside, endless loops, sizes of terabytes, manifests without end',
  isShort: true,
  limitSeconds: 180,
  run: async ({ target, isShort }) => {
    const { model } = target.client(target.keys.admin, answeredWithinMs);
    const before = residentMebibytes(target.server.process.pid ?? 0);
    const outcomes = new Map<string, number>();
    const send = async (what: string, manifestJson: string, graph: Uint8Array): Promise<void> => {
      const outcome = await model
        .importModelVersion([{ manifestJson }, { graphChunk: graph }])
        .then(() => 'imported', reasonOf);
      const isTold = /^(?:imported|MODEL_\w+|INVALID_ARGUMENT)$/u.test(outcome);
      hold(isTold, `${what} is ${outcome}`);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    };
    const manifest = JSON.stringify(tinyManifest());
    for (const [what, graph] of Object.entries(hostileGraphs())) await send(what, manifest, graph);
    for (const [what, text] of Object.entries(hostileManifests())) await send(what, text, tinyBackbone());
    const random = new Random(11);
    for (let count = isShort ? 10 : 150; count > 0; count--)
      await send('a mutated graph', manifest, mutated(tinyBackbone(), random));
    const grown = residentMebibytes(target.server.process.pid ?? 0) - before;
    hold(grown < 500, `it keeps ${Math.round(grown)} MiB of them`);
    return [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  },
} satisfies Attack;

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure
    ? (error.reason ?? `${error.codeName}: ${error.message}`)
    : String(error);
}

const input = floatsNamed('crops', ['n', 3, 112, 112]);

function hostileGraphs(): Readonly<Record<string, Uint8Array>> {
  const outputs = [floatsNamed('embeddings', ['n', 4])];
  const withNodes = (...nodes: ReturnType<typeof nodeOf>[]): Uint8Array =>
    onnxFile({ inputs: [input], outputs, constants: new Map(), nodes });
  return {
    'an empty file': new Uint8Array(1),
    text: Buffer.from('This is no graph.'),
    'a graph of nothing': onnxFile({ inputs: [], outputs: [], constants: new Map(), nodes: [] }),
    'a cycle': withNodes(
      nodeOf('Add', ['crops', 'b'], ['a']),
      nodeOf('Add', ['a', 'crops'], ['b']),
      nodeOf('Identity', ['a'], ['embeddings']),
    ),
    'an operator that is none': withNodes(nodeOf('Explode', ['crops'], ['embeddings'])),
    'an output that is none': withNodes(nodeOf('Identity', ['crops'], ['other'])),
    'a name of 1 MB': withNodes(nodeOf('Identity', ['crops'], ['x'.repeat(1_000_000)])),
    '50,000 nodes': withNodes(
      ...Array.from({ length: 50_000 }, (_, index) =>
        nodeOf('Identity', [index === 0 ? 'crops' : `v${index - 1}`], [`v${index}`]),
      ),
    ),
    'weights in /etc/passwd': externalWeights('/etc/passwd'),
    'weights up the tree': externalWeights('../../../../../../etc/passwd'),
    'a tensor of terabytes': terabytes(),
  };
}

/** A graph whose constant lies in another file, as ONNX allows. */
function externalWeights(location: string): Uint8Array {
  const entry = (key: string, value: string): Uint8Array =>
    messageField(13, bytesField(1, key), bytesField(2, value));
  return modelOf(
    messageField(
      5,
      varintField(1, 4),
      varintField(2, 1),
      bytesField(8, 'weights'),
      entry('location', location),
      varintField(14, 1),
    ),
  );
}

function terabytes(): Uint8Array {
  return modelOf(
    messageField(
      5,
      varintField(1, 2_000_000),
      varintField(1, 2_000_000),
      varintField(2, 1),
      bytesField(8, 'weights'),
      bytesField(9, Buffer.alloc(16)),
    ),
  );
}

/** ModelProto with one initialiser, byte by byte: nothing here writes such ones. */
function modelOf(initialiser: Uint8Array): Uint8Array {
  const node = messageField(
    1,
    bytesField(1, 'weights'),
    bytesField(2, 'embeddings'),
    bytesField(4, 'Identity'),
  );
  const graph = messageField(7, node, bytesField(2, 'graph'), initialiser);
  return Buffer.concat([varintField(1, 8), graph, messageField(8, bytesField(1, ''), varintField(2, 17))]);
}

function hostileManifests(): Readonly<Record<string, string>> {
  const manifest = tinyManifest();
  const changed = (change: object): string => JSON.stringify({ ...manifest, ...change });
  return {
    'no JSON': '{',
    'a list': '[]',
    '4,000 unknown keys': changed(
      Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`k${index}`, 1])),
    ),
    'nested 20,000 deep': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    'sides of a billion': changed({ input: { ...manifest.input, width: 1e9, height: 1e9 } }),
    'no numbers': changed({
      input: { ...manifest.input, mean: [Number.MAX_VALUE, -1, 0], scale: [0, 0, 0] },
    }),
    'a million dimensions': changed({ embedding: { dimension: 1_000_000, testTimeAugmentation: 'none' } }),
    'a name that is a path': changed({ displayName: '../../../../tmp/evil' }),
    'no licence': changed({ license: '' }),
  };
}
