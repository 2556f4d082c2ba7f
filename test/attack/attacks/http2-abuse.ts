import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs, openFileCount, residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';
import { endHeaders, frameType, headerBlock, Http2Frames } from '../http2-frames.js';

const path = '/symface.v1.AdminService/GetCaller';
const grownMebibytes = 250;

/** What is sent on a connection, until it ends or the time is over. */
type Abuse = (connection: Http2Frames, goesOn: () => boolean) => Promise<void>;

const abuses: Readonly<Record<string, Abuse>> = {
  // CVE-2023-44487
  'streams begun and reset at once': async (connection, goesOn) => {
    for (let id = 1; goesOn(); id += 2) {
      connection.call(id, path);
      if (!connection.send(frameType.resetStream, 0, id, Buffer.of(0, 0, 0, 8))) await connection.drained();
      if (id % 400 === 1) await sleep(1);
    }
  },
  // CVE-2024-27983 and its kind
  'headers without an end': async (connection, goesOn) => {
    connection.send(frameType.headers, 0, 1, headerBlock([[':method', 'POST']]));
    const more = headerBlock([['x-more', 'm'.repeat(8_000)]]);
    while (goesOn()) {
      if (!connection.send(frameType.continuation, 0, 1, more)) await connection.drained();
      await sleep(1);
    }
  },
  pings: async (connection, goesOn) => {
    while (goesOn()) {
      for (let count = 0; count < 200; count++) connection.send(frameType.ping, 0, 0, Buffer.alloc(8));
      await connection.drained();
      await sleep(1);
    }
  },
  settings: async (connection, goesOn) => {
    while (goesOn()) {
      for (let count = 0; count < 200; count++) connection.send(frameType.settings, 0, 0);
      await connection.drained();
      await sleep(1);
    }
  },
  'empty frames of data': async (connection, goesOn) => {
    connection.call(1, path);
    while (goesOn()) {
      for (let count = 0; count < 200; count++) connection.send(frameType.data, 0, 1);
      await connection.drained();
      await sleep(1);
    }
  },
  'a thousand streams left open': async (connection, goesOn) => {
    for (let id = 1; id < 2_001 && goesOn(); id += 2) connection.call(id, path);
    while (goesOn()) await sleep(50);
  },
  'headers of 60 kB': async (connection, goesOn) => {
    for (let id = 1; goesOn(); id += 2) {
      const block = headerBlock([
        [':method', 'POST'],
        [':path', path],
        [':scheme', 'http'],
        ['x-long', 'l'.repeat(16_000)],
      ]);
      connection.send(frameType.headers, endHeaders, id, block);
      await connection.drained();
      await sleep(2);
    }
  },
};

export default {
  title:
    'HTTP/2 frames against the rules: rapid resets, headers without end, floods of pings, settings and empty data',
  isShort: true,
  limitSeconds: 90,
  run: async ({ target, isShort, afterwards }) => {
    const processId = target.server.process.pid ?? 0;
    const [before, filesBefore] = [residentMebibytes(processId), openFileCount(processId)];
    const seen: string[] = [];
    for (const [what, abuse] of Object.entries(abuses)) {
      const connections = Array.from({ length: 4 }, () => new Http2Frames(target.server.address));
      afterwards(() => {
        for (const connection of connections) connection.destroy();
      });
      const cpuBefore = cpuMs(processId);
      const endMs = performance.now() + (isShort ? 800 : 4_000);
      const goesOn = (one: Http2Frames): boolean => one.isOpen && performance.now() < endMs;
      await Promise.all(connections.map((one) => abuse(one, () => goesOn(one))));
      const cut = connections.filter(({ isOpen }) => !isOpen).length;
      for (const connection of connections) connection.destroy();
      const { tenant } = await target.client(target.keys.acme, 5_000).admin.getCaller({});
      hold(tenant === 'acme', 'the service does not answer');
      seen.push(
        `${what}: ${cut} of 4 cut, ${Math.round((cpuMs(processId) - cpuBefore) / 10) / 100} s of CPU`,
      );
    }
    await sleep(500);
    const grown = residentMebibytes(processId) - before;
    hold(grown < grownMebibytes, `it keeps ${Math.round(grown)} MiB of it`);
    const files = openFileCount(processId) - filesBefore;
    hold(files < 20, `${files} sockets stay open`);
    return seen.join('; ');
  },
} satisfies Attack;
