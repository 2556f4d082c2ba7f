import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { readFile } from 'node:fs/promises';
import { SymFaceClient } from '../../../src/client/symface-client.js';
import { certificateFolder } from '../../support/certificates.js';
import { openFileCount, residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';

const answeredWithinMs = 5_000;
const maximumConnections = 300;

export default {
  title:
    'TLS: plaintext, garbage, halves of handshakes, connections that say nothing, more than there may be, other protocols',
  isShort: true,
  hasOwnServices: true,
  limitSeconds: 120,
  run: async ({ startTarget, afterwards }) => {
    const folder = await certificateFolder();
    afterwards(async () => folder.remove());
    const authority = await folder.authority('attacked');
    const { certificateFile, keyFile } = await authority.issue('server');
    const target = await startTarget({
      settings: {
        SYMFACE_MAX_CONNECTIONS: String(maximumConnections),
        SYMFACE_RECEIVE_TIMEOUT_MS: '4000',
        SYMFACE_TLS_CERTIFICATE_FILE: certificateFile,
        SYMFACE_TLS_KEY_FILE: keyFile,
        SYMFACE_HTTP_TLS: 'false',
      },
      tlsCaFile: authority.caFile,
    });
    const processId = target.server.process.pid ?? 0;
    const [host, port] = target.server.address.split(':');
    const open: Socket[] = [];
    afterwards(() => {
      for (const socket of open) socket.destroy();
    });
    const socketOf = (): Socket => {
      const socket = connect(Number(port), host).on('error', () => undefined);
      socket.resume();
      open.push(socket);
      return socket;
    };
    const served = async (what: string, withinMs = answeredWithinMs): Promise<number> => {
      const beginMs = performance.now();
      const client = new SymFaceClient({
        server: target.server.address,
        apiKey: target.keys.acme,
        timeoutMs: withinMs,
        tls: { caFile: authority.caFile },
      });
      const outcome = await client.admin.getCaller({}).then(({ tenant }) => tenant, String);
      client.close();
      const ms = Math.round(performance.now() - beginMs);
      hold(outcome === 'acme', `with ${what} an ordinary client is told after ${ms} ms: ${outcome}`);
      return ms;
    };
    const [before, filesBefore] = [residentMebibytes(processId), openFileCount(processId)];
    const seen: string[] = [];
    for (const [what, bytes] of Object.entries(await openings(target.server.address, authority.caFile))) {
      for (let count = 0; count < 50; count++) socketOf().write(bytes);
      seen.push(`${what} ${await served(what)} ms`);
      for (const socket of open.splice(0)) socket.destroy();
    }
    seen.push(
      `other protocols: ${await otherProtocols(target.server.address, await readFile(authority.caFile))}`,
    );
    const silent = maximumConnections + 100;
    for (let count = 0; count < silent; count++) socketOf();
    const beginMs = performance.now();
    await sleep(200);
    await served(`${silent} connections that say nothing`);
    seen.push(`${silent} silent ones ${Math.round(performance.now() - beginMs)} ms`);
    for (const socket of open.splice(0)) socket.destroy();
    await sleep(1_000);
    const [grown, files] = [residentMebibytes(processId) - before, openFileCount(processId) - filesBefore];
    hold(files < 20, `${files} sockets stay open`);
    hold(grown < 200, `it keeps ${Math.round(grown)} MiB`);
    await target.stop();
    return seen.join('; ');
  },
} satisfies Attack;

/** What connections begin with. */
async function openings(address: string, caFile: string): Promise<Readonly<Record<string, Buffer>>> {
  const hello = await clientHello(caFile);
  const wrongLength = Buffer.from(hello);
  wrongLength.writeUInt16BE(0xffff, 3);
  return {
    'plaintext HTTP': Buffer.from(`GET / HTTP/1.1\r\nHost: ${address}\r\n\r\n`),
    'plaintext HTTP/2': Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'),
    'bytes without sense': Buffer.alloc(4_000, 0xa5),
    'SSL 2': Buffer.from('802e0100020015000000100100800300800700c0060040020080040080', 'hex'),
    'half a handshake': hello.subarray(0, 40),
    'a handshake without an end': hello,
    'a handshake twice': Buffer.concat([hello, hello]),
    'a wrong length': wrongLength,
    'an alert': Buffer.from('15030100020100', 'hex'),
  };
}

/** The first bytes of an ordinary client. */
async function clientHello(caFile: string): Promise<Buffer> {
  const { createServer } = await import('node:net');
  const ca = await readFile(caFile);
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.once('data', (bytes: Buffer) => {
        resolve(bytes);
        socket.destroy();
        server.close();
      });
    }).listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('there is no port'));
      else connectTls({ port: address.port, ca, ALPNProtocols: ['h2'] }).on('error', () => undefined);
    });
  });
}

/** TLS with other protocols in it than HTTP/2. */
async function otherProtocols(address: string, ca: Buffer): Promise<string> {
  const [host, port] = address.split(':');
  const ends = ['http/1.1', 'spdy/3', undefined].map(
    async (protocol) =>
      new Promise<string>((resolve) => {
        const protocols = protocol === undefined ? {} : { ALPNProtocols: [protocol] };
        const socket = connectTls({ host, port: Number(port), ca, ...protocols });
        socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
        socket.on('error', (error: NodeJS.ErrnoException) => {
          resolve(`${String(protocol)} ${error.code ?? error.message}`);
        });
        socket.on('close', () => {
          resolve(`${String(protocol)} closed`);
        });
        socket.resume();
        setTimeout(() => {
          socket.destroy();
          resolve(`${String(protocol)} open`);
        }, 3_000).unref();
      }),
  );
  return (await Promise.all(ends)).join(', ');
}
