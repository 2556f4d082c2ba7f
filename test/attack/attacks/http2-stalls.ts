import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs, openFileCount, residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';
import { endHeaders, endStream, frameType, headerBlock, Http2Frames } from '../http2-frames.js';
import { framed } from '../raw-http2.js';

const caller = '/symface.v1.AdminService/GetCaller';
const models = '/symface.v1.ModelService/ListModelVersions';
const noWindow = Buffer.of(0, 4, 0, 0, 0, 0);
const [priority, pushPromise] = [2, 5];
const grownMebibytes = 300;
const answeredWithinMs = 15_000;

interface Abuse {
  readonly act: (connection: Http2Frames, key: string) => Promise<void> | void;
  readonly forMs?: number;
}

const empty = framed(Buffer.alloc(0));
const auth = (key: string): readonly (readonly [string, string])[] => [['authorization', `Bearer ${key}`]];

const abuses: Readonly<Record<string, Abuse>> = {
  'answers that nobody has a window for': {
    act: (connection, key) => {
      connection.send(frameType.settings, 0, 0, noWindow);
      for (let id = 1; id < 400; id += 2) {
        connection.call(id, models, auth(key));
        connection.send(frameType.data, endStream, id, empty);
      }
    },
    forMs: 2_500,
  },
  'answers that are never read': {
    act: async (connection, key) => {
      connection.pause();
      for (let id = 1; id < 1_000 && connection.isOpen; id += 2) {
        connection.call(id, models, auth(key));
        if (!connection.send(frameType.data, endStream, id, empty)) await sleep(1);
        if (connection.isStuck) break;
      }
    },
    forMs: 2_500,
  },
  // CVE-2016-6581 and its kind: one entry of the table, named thousands of times.
  'headers that are small and many': {
    act: async (connection) => {
      const entry = Buffer.concat([
        Buffer.of(0x40),
        headerBlock([['x-bomb', 'b'.repeat(3_900)]]).subarray(1),
      ]);
      for (let id = 1; id < 400 && connection.isOpen; id += 2) {
        const block = Buffer.concat([
          id === 1 ? entry : Buffer.alloc(0),
          Buffer.alloc(16_000 - entry.length, 0xbe),
        ]);
        connection.send(frameType.headers, endHeaders | endStream, id, block);
        await connection.drained();
      }
    },
  },
  'a table of headers of 4 GiB': {
    act: (connection) => {
      connection.send(frameType.settings, 0, 0, Buffer.of(0, 1, 0xff, 0xff, 0xff, 0xff));
      connection.send(frameType.headers, endHeaders, 1, Buffer.of(0x3f, 0xff, 0xff, 0xff, 0xff, 0x0f));
    },
  },
  'priorities that go round': {
    act: async (connection) => {
      for (let id = 1; id < 40_000 && connection.isOpen; id += 2) {
        connection.send(priority, 0, id, Buffer.of(0, 0, (id + 2) >> 8, (id + 2) & 0xff, 1));
        if (id % 400 === 1) await connection.drained();
      }
    },
  },
  'windows beyond their limit': {
    act: (connection, key) => {
      connection.call(1, caller, auth(key));
      for (let count = 0; count < 5; count++)
        connection.send(frameType.windowUpdate, 0, count % 2, Buffer.of(0x7f, 0xff, 0xff, 0xff));
    },
  },
  'what only servers send': {
    act: (connection) => {
      connection.send(pushPromise, endHeaders, 1, Buffer.concat([Buffer.of(0, 0, 0, 2), headerBlock([])]));
    },
  },
  'data after its end, of streams that never were, of stream 0': {
    act: (connection, key) => {
      connection.call(1, caller, auth(key), endHeaders | endStream);
      for (const id of [1, 99, 0, 2]) connection.send(frameType.data, 0, id, empty);
    },
  },
  'headers after the message, and none before': {
    act: (connection, key) => {
      connection.call(1, caller, auth(key));
      connection.call(1, caller, auth(key), endHeaders | endStream);
      connection.send(frameType.headers, endHeaders | endStream, 3, headerBlock([['grpc-status', '0']]));
    },
  },
  'a farewell of 16 kB, again and again': {
    act: async (connection) => {
      for (let count = 0; count < 2_000 && connection.isOpen; count++) {
        connection.send(frameType.goAway, 0, 0, Buffer.alloc(16_000));
        await connection.drained();
      }
    },
  },
  'names in capitals, with spaces, without a path': {
    act: (connection, key) => {
      const odd = [
        ['X-Capital', 'a'],
        ['x space', 'a'],
        ['', 'a'],
        [':path', '/again'],
        ['x-null', 'a\0b'],
        ['content-length', '-5'],
        ['content-length', '99999999999'],
        ['transfer-encoding', 'chunked'],
        ['connection', 'close'],
        ['grpc-timeout', '-1S'],
        ['grpc-timeout', '0n'],
        ['grpc-encoding', 'identity,gzip'],
        ['authorization-bin', '!!!'],
        ['traceparent', `00-${'f'.repeat(5_000)}`],
        ['x-request-id', '\u001b[31m\u202e'],
      ] as const;
      odd.forEach((header, index) => {
        connection.call(2 * index + 1, caller, [...auth(key), header]);
        connection.send(frameType.data, endStream, 2 * index + 1, empty);
      });
    },
  },
};

export default {
  title:
    'HTTP/2: no windows, unread answers, bombs of headers, tables of 4 GiB, circles of priorities, frames out of order',
  isShort: true,
  limitSeconds: 90,
  run: async ({ target, afterwards, isShort }) => {
    const processId = target.server.process.pid ?? 0;
    const [before, filesBefore] = [residentMebibytes(processId), openFileCount(processId)];
    const seen: string[] = [];
    for (const [what, { act, forMs = 150 }] of Object.entries(abuses)) {
      const count = isShort ? 2 : 4;
      const connections = Array.from({ length: count }, () => new Http2Frames(target.server.address));
      afterwards(() => {
        for (const connection of connections) connection.destroy();
      });
      const cpuBefore = cpuMs(processId);
      await Promise.all(connections.map(async (one) => act(one, target.keys.rival)));
      await sleep(forMs);
      const beginMs = performance.now();
      const answer = target.client(target.keys.acme, answeredWithinMs).admin.getCaller({});
      const outcome = await answer.then(({ tenant }) => tenant, String);
      hold(
        outcome === 'acme',
        `with ${what} an ordinary client is told: ${outcome}; before: ${seen.join('; ')}`,
      );
      const grown = residentMebibytes(processId) - before;
      hold(grown < grownMebibytes, `${what} take ${Math.round(grown)} MiB`);
      const cut = connections.filter(({ isOpen }) => !isOpen).length;
      for (const connection of connections) connection.destroy();
      seen.push(
        `${what}: ${cut} of ${count} cut, ${Math.round(grown)} MiB, ${cpuMs(processId) - cpuBefore} ms of CPU, next ${Math.round(performance.now() - beginMs)} ms`,
      );
    }
    const files = (): number => openFileCount(processId) - filesBefore;
    for (let waitedMs = 0; waitedMs < 10_000 && files() >= 20; waitedMs += 250) await sleep(250);
    hold(files() < 20, `${files()} sockets stay open`);
    return seen.join('; ');
  },
} satisfies Attack;
