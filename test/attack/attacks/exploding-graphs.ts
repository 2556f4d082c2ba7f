import { RemoteFailure } from '../../../src/client/remote-failure.js';
import type { Graph, GraphNode } from '../../../src/onnx/graph.js';
import type { Tensor } from '../../../src/onnx/tensor.js';
import { residentMebibytes } from '../../support/process-measures.js';
import { floatsNamed, nodeOf, onnxFile } from '../../support/onnx-files.js';
import { tinyManifest } from '../../support/tiny-backbone-import.js';
import { tinyBackbone } from '../../support/tiny-models.js';
import { type Attack, hold } from '../attack.js';

/** What a graph may take that is tried: a minute or two is its own limit. */
const answeredWithinMs = 150_000;
const dimension = 4;

export default {
  title:
    'models to import whose shapes explode when they run, that never end, that lie of their sizes or have names that are commands',
  isShort: false,
  limitSeconds: 600,
  bystander: { slowestMs: 20_000, mayBeRefused: true },
  run: async ({ target, logs }) => {
    const { model } = target.client(target.keys.admin, answeredWithinMs);
    const before = residentMebibytes(target.server.process.pid ?? 0);
    const tryOne = async (what: string, graph: Uint8Array): Promise<string> => {
      const beginMs = performance.now();
      const outcome = await model
        .importModelVersion([{ manifestJson: JSON.stringify(tinyManifest()) }, { graphChunk: graph }])
        .then(
          ({ modelVersion }) => `imported as ${modelVersion?.name ?? ''}`,
          (error: unknown) => (error instanceof RemoteFailure ? error : String(error)),
        );
      const seconds = ((performance.now() - beginMs) / 1000).toFixed(1);
      hold(outcome instanceof RemoteFailure, `${what} is ${String(outcome)} after ${seconds} s`);
      const told = `${outcome.reason ?? outcome.codeName}: ${outcome.message}`;
      hold(outcome.reason === 'MODEL_INVALID', `${what} is ${told} after ${seconds} s`);
      hold(!/\p{Cc}/u.test(outcome.message.replaceAll('\n', ' ')), `${what} is told with control characters`);
      hold(outcome.message.length < 4_000, `${what} is told in ${outcome.message.length} characters`);
      return `${what} ${seconds} s`;
    };
    // It is given the whole time that an import may take, beside which the others are tried.
    const endless = tryOne('a Loop without end', endlessGraph());
    endless.catch(() => undefined);
    const seen: string[] = [];
    for (const [what, graph] of Object.entries(explodingGraphs())) seen.push(await tryOne(what, graph));
    seen.push(await endless);
    hold(!logs().some((log) => log.includes('\u001B[31mowned')), 'the log has a name with its escapes');
    const many = await Promise.all(
      Array.from({ length: 12 }, async () =>
        model
          .importModelVersion([
            { manifestJson: JSON.stringify(tinyManifest('horizontal-flip')) },
            { graphChunk: tinyBackbone() },
          ])
          .then(
            () => 'OK',
            (error: unknown) => (error instanceof RemoteFailure ? (error.reason ?? '') : String(error)),
          ),
      ),
    );
    const wrong = many.filter((outcome) => !/^(?:OK|OVERLOADED)$/u.test(outcome));
    hold(wrong.length === 0 && many.includes('OK'), `twelve imports at once are ${wrong.join(', ')}`);
    const grown = residentMebibytes(target.server.process.pid ?? 0) - before;
    hold(grown < 500, `it keeps ${Math.round(grown)} MiB of them`);
    return seen.join(', ');
  },
} satisfies Attack;

const input = floatsNamed('crops', ['n', 3, 112, 112]);
const outputs = [floatsNamed('embeddings', ['n', dimension])];

function withNodes(nodes: readonly GraphNode[], constants: Graph['constants'] = new Map()): Uint8Array {
  return onnxFile({ inputs: [input], outputs, constants, nodes });
}

function integers(...values: readonly number[]) {
  return {
    elementType: 'int64' as const,
    dims: [values.length],
    elements: BigInt64Array.from(values, BigInt),
  };
}

/** From anything of the crops' batch to embeddings: so that nothing but the explosion is wrong. */
function toEmbeddings(from: string): readonly GraphNode[] {
  return [
    nodeOf('ReduceMean', [from], ['mean'], { axes: [1, 2, 3], keepdims: 0 }),
    nodeOf('Unsqueeze', ['mean', 'one'], ['column']),
    nodeOf('Expand', ['column', 'dims'], ['embeddings']),
  ];
}

const tail = new Map([
  ['one', integers(1)],
  ['dims', integers(1, dimension)],
]);

function explodingGraphs(): Readonly<Record<string, Uint8Array>> {
  const exploding = (
    nodes: readonly GraphNode[],
    constants: readonly (readonly [string, ReturnType<typeof integers>])[],
  ) => withNodes([...nodes, ...toEmbeddings('large')], new Map([...tail, ...constants]));
  return {
    'an Expand to 10^12': exploding(
      [nodeOf('Reshape', ['crops', 'shape'], ['r']), nodeOf('Expand', ['r', 'huge'], ['large'])],
      [
        ['shape', integers(1, 1, 1, 37_632)],
        ['huge', integers(1, 30_000, 1000, 37_632)],
      ],
    ),
    'a Tile of 16 GiB': exploding(
      [nodeOf('Tile', ['crops', 'huge'], ['large'])],
      [['huge', integers(1, 1, 340, 340)]],
    ),
    'a Resize by 2^20': exploding(
      [
        nodeOf('Cast', ['sides'], ['scales'], { to: 1 }),
        nodeOf('Resize', ['crops', '', 'scales'], ['large'], { mode: 'nearest' }),
      ],
      [['sides', integers(1, 1, 1_048_576, 1_048_576)]],
    ),
    'a ConstantOfShape of 2^40': exploding(
      [nodeOf('ConstantOfShape', ['huge'], ['large'])],
      [['huge', integers(1024, 1024, 1024, 1024)]],
    ),
    'a chain of doublings': exploding(
      [
        ...Array.from({ length: 40 }, (_, index) =>
          nodeOf('Concat', Array<string>(2).fill(index === 0 ? 'crops' : `d${index - 1}`), [`d${index}`], {
            axis: 2,
          }),
        ),
        nodeOf('Identity', ['d39'], ['large']),
      ],
      [],
    ),
    'a Pad of 10^9': exploding(
      [nodeOf('Pad', ['crops', 'huge'], ['large'])],
      [['huge', integers(0, 0, 0, 0, 0, 0, 1_000_000, 1_000_000)]],
    ),
    'a name of escapes': withNodes([
      nodeOf('Explode', ['crops'], ['embeddings'], {}, '\u001B[31mowned\u0007\r\n{"level":60}'),
      nodeOf('\u001B[31mowned\u0007', ['embeddings'], ['x']),
    ]),
    'an output of escapes': onnxFile({
      inputs: [input],
      outputs: [floatsNamed('\u001B[31mowned\n', ['n', dimension])],
      constants: new Map(),
      nodes: [nodeOf('Flatten', ['crops'], ['\u001B[31mowned\n'])],
    }),
    'not a number': withNodes(
      [
        nodeOf('Sub', ['crops', 'crops'], ['zero']),
        nodeOf('Log', ['zero'], ['minus']),
        nodeOf('Mul', ['minus', 'zero'], ['large']),
        ...toEmbeddings('large'),
      ],
      tail,
    ),
    'attributes of 2^62': withNodes(
      [
        nodeOf('MaxPool', ['crops'], ['large'], {
          kernel_shape: [4_000_000_000_000_000, 4_000_000_000_000_000],
          pads: [1_000_000_000_000, 1_000_000_000_000, 1_000_000_000_000, 1_000_000_000_000],
        }),
        ...toEmbeddings('large'),
      ],
      tail,
    ),
  };
}

function endlessGraph(): Uint8Array {
  return withNodes(
    [
      nodeOf('Loop', ['trips', 'yes', 'crops'], ['large'], { body: { graph: endlessBody() } }),
      ...toEmbeddings('large'),
    ],
    new Map<string, Tensor>([
      ...tail,
      ['trips', { elementType: 'int64', dims: [], elements: BigInt64Array.of(2n ** 62n) }],
      ['yes', { elementType: 'bool', dims: [], elements: Uint8Array.of(1) }],
    ]),
  );
}

function endlessBody(): Graph {
  return {
    name: 'body',
    inputs: [
      { name: 'trip', elementType: 'int64', dims: [] },
      { name: 'before', elementType: 'bool', dims: [] },
      floatsNamed('value'),
    ],
    outputs: [{ name: 'after', elementType: 'bool', dims: [] }, floatsNamed('next')],
    constants: new Map(),
    nodes: [nodeOf('Identity', ['before'], ['after']), nodeOf('Neg', ['value'], ['next'])],
  };
}
