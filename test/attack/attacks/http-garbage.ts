import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openFileCount, residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';
import type { Target } from '../target.js';

const call = '/symface.v1.AdminService/GetCaller';
const answerMs = 5_000;

export default {
  title:
    'HTTP: wrong content types, garbage in gRPC-Web, two lengths, paths up the tree, other hosts, huge headers, methods and bodies',
  isShort: true,
  limitSeconds: 90,
  run: async ({ target, isShort }) => {
    const processId = target.server.process.pid ?? 0;
    const before = residentMebibytes(processId);
    const seen: string[] = [];
    for (const [what, [request, allowed]] of Object.entries(requests(target))) {
      const status = await statusOf(target, request);
      hold(allowed.test(status), `${what} is answered ${status}`);
      seen.push(`${what} ${status}`);
    }
    await slowRequests(target, isShort);
    const grown = residentMebibytes(processId) - before;
    hold(grown < 400, `it keeps ${Math.round(grown)} MiB`);
    return `${seen.join(', ')}; slow requests are cut`;
  },
} satisfies Attack;

/** Requests as they go over the wire, and what they may be answered: the status, or `closed`. */
function requests({ keys }: Target): Readonly<Record<string, readonly [string | Buffer, RegExp]>> {
  const key = `Authorization: Bearer ${keys.acme}\r\n`;
  const post = (headers: string, body: string | Buffer, path = call): Buffer =>
    Buffer.concat([
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${key}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
      ),
      Buffer.from(body),
    ]);
  const json = 'Content-Type: application/json\r\n';
  const web = 'Content-Type: application/grpc-web+proto\r\n';
  const wrong = /^(?:400|401|403|404|405|408|411|413|414|415|421|429|431|501|505|closed)$/u;
  return {
    'no content type': [post('', '{}'), /^(?:400|415)$/u],
    'application/jsonx': [post('Content-Type: application/jsonx\r\n', '{}'), /^(?:400|415)$/u],
    'utf-16': [post('Content-Type: application/json; charset=utf-16\r\n', '{}'), /^(?:400|415)$/u],
    'bytes that are no proto': [
      post('Content-Type: application/proto\r\n', Buffer.from([0xff, 0xff, 0xff, 0x0f])),
      /^400$/u,
    ],
    'bytes that are no JSON': [post(json, Buffer.from([0xc3, 0x28, 0xff])), /^400$/u],
    'JSON nested 100,000 deep': [post(json, `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`), wrong],
    'JSON for another prototype': [
      post(json, '{"__proto__":{"polluted":1},"constructor":{"prototype":{}}}'),
      /^400$/u,
    ],
    'garbage in gRPC-Web': [post(web, Buffer.alloc(64, 0xa5)), /^(?:200|400|413|429)$/u],
    'gRPC-Web with a length of 4 GiB': [
      post(web, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1])),
      /^(?:200|400|413|429)$/u,
    ],
    'gRPC-Web as text': [post('Content-Type: application/grpc-web-text\r\n', 'AAAAAAA='), wrong],
    'two lengths': [
      `POST ${call} HTTP/1.1\r\nHost: localhost\r\n${json}Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}`,
      wrong,
    ],
    'a length and chunks': [
      `POST ${call} HTTP/1.1\r\nHost: localhost\r\n${json}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n`,
      wrong,
    ],
    'chunks without sense': [
      `POST ${call} HTTP/1.1\r\nHost: localhost\r\n${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
      wrong,
    ],
    'no host': [`GET /healthz HTTP/1.1\r\n\r\n`, wrong],
    'a path up the tree': [
      'GET /console/../../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n',
      /^(?:40[034])$/u,
    ],
    'an encoded path up the tree': [
      'GET /console/%2e%2e%2f%2e%2e%2fpackage.json HTTP/1.1\r\nHost: localhost\r\n\r\n',
      /^(?:40[034])$/u,
    ],
    'a path with NUL': ['GET /console/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n', /^(?:40[034])$/u],
    'a path of 60 kB': [`GET /${'a'.repeat(60_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, wrong],
    'headers of 100 kB': [
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`,
      wrong,
    ],
    '5,000 headers': [
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(5_000)}\r\n`,
      /^(?:200|431|400)$/u,
    ],
    'an unknown method': [`BREW ${call} HTTP/1.1\r\nHost: localhost\r\n\r\n`, wrong],
    TRACE: ['TRACE /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n', wrong],
    'a call by GET': [`GET ${call} HTTP/1.1\r\nHost: localhost\r\n\r\n`, wrong],
    'no HTTP at all': [Buffer.alloc(200, 0x16), wrong],
    'HTTP/2 by prior knowledge': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', wrong],
    'a body of 100 MB': [post(json, `{"a":"${'a'.repeat(100_000_000)}"}`), wrong],
  };
}

/** @returns the status of the first answer, or `closed` */
async function statusOf({ server }: Target, request: string | Buffer): Promise<string> {
  const socket = connect(Number(new URL(server.httpUrl).port), '127.0.0.1');
  socket.on('error', () => undefined);
  let received = '';
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
      if (received.includes('\r\n')) resolve();
    });
    socket.on('close', resolve);
  });
  socket.write(request);
  const late = sleep(answerMs * 3, 'late', { ref: false });
  const isLate = (await Promise.race([answered, late])) === 'late';
  socket.destroy();
  if (isLate) return `nothing within ${(answerMs * 3) / 1000} s`;
  return /^HTTP\/1\.[01] (\d{3})/u.exec(received)?.[1] ?? 'closed';
}

/** Requests that come a byte at a time: hundreds of them leave room for others. */
async function slowRequests(target: Target, isShort: boolean): Promise<void> {
  const { server, keys } = target;
  const { port } = new URL(server.httpUrl);
  const processId = server.process.pid ?? 0;
  const filesBefore = openFileCount(processId);
  const sockets = Array.from({ length: isShort ? 200 : 1_000 }, () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`POST ${call} HTTP/1.1\r\nHost: localhost\r\nX-`);
    return socket;
  });
  for (let round = 0; round < (isShort ? 2 : 6); round++) {
    for (const socket of sockets) if (socket.writable) socket.write('a');
    await sleep(500);
  }
  const health = await fetch(`${server.httpUrl}/healthz`, { signal: AbortSignal.timeout(answerMs) });
  hold(health.status === 200, `with slow requests /healthz is ${health.status}`);
  await target.client(keys.acme, answerMs).admin.getCaller({});
  await Promise.all(
    sockets.map(async (socket) => {
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
    }),
  );
  await sleep(500);
  const left = openFileCount(processId) - filesBefore;
  hold(left < 20, `${left} sockets of slow requests stay open`);
}
