import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { openFileCount, residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold, type Scene } from '../attack.js';
import type { Target } from '../target.js';

const caller = '/symface.v1.AdminService/GetCaller';
const embed = '/symface.v1.FaceVerificationService/DetectFaces';
const answeredWithinMs = 15_000;
const grownMebibytes = 300;
/** Together far more than SYMFACE_MAX_REQUEST_MIB. */
const [cutConnections, bodyBytes] = [40, 12 * 1024 * 1024];
const json = 'Content-Type: application/json\r\n';

export default {
  title:
    'HTTP: compressed bombs, chunks and requests in each other, upgrades, other hosts and origins, ranges, thousands of requests unread or cut in line',
  isShort: true,
  limitSeconds: 90,
  run: async (scene) => {
    const { target, isShort } = scene;
    const processId = target.server.process.pid ?? 0;
    const [before, filesBefore] = [residentMebibytes(processId), openFileCount(processId)];
    const [seen, wrong]: [string[], string[]] = [[], []];
    const tried = Object.entries(requests(target));
    const tryNext = async (): Promise<void> => {
      for (let next = tried.shift(); next !== undefined; next = tried.shift()) {
        const [what, [request, allowed]] = next;
        const statuses = await statusesOf(target, request);
        if (!allowed.test(statuses)) wrong.push(`${what} is answered ${statuses}`);
        seen.push(`${what} ${statuses}`);
      }
    };
    // Most of the time is spent on waiting for what might come behind an answer.
    await Promise.all(Array.from({ length: 4 }, tryNext));
    hold(wrong.length === 0, wrong.join('; '));
    seen.push(await cutInLine(scene));
    seen.push(await unread(target, isShort ? 2_000 : 20_000));
    const grown = Math.round(residentMebibytes(processId) - before);
    hold(grown < grownMebibytes, `it keeps ${grown} MiB`);
    await sleep(1_000);
    const files = openFileCount(processId) - filesBefore;
    hold(files < 20, `${files} sockets stay open`);
    return seen.join(', ');
  },
} satisfies Attack;

/** Requests as they go over the wire, and the statuses of all answers that they may have. */
function requests({ keys }: Target): Readonly<Record<string, readonly [Buffer, RegExp]>> {
  const key = `Authorization: Bearer ${keys.rival}\r\n`;
  const raw = (head: string, body: string | Buffer = ''): Buffer =>
    Buffer.concat([Buffer.from(head), Buffer.from(body)]);
  const post = (headers: string, body: string | Buffer, path = caller): Buffer =>
    raw(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${key}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
      body,
    );
  const chunked = (encoding: string, body: string, more = ''): Buffer =>
    raw(
      `POST ${caller} HTTP/1.1\r\nHost: localhost\r\n${key}${json}${more}Transfer-Encoding: ${encoding}\r\n\r\n${body}`,
    );
  const hidden = `GET /hidden HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  const refused = /^(?:400|403|404|405|408|411|413|415|417|421|426|429|431|501|504|505|closed)$/u;
  const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024, 0x20));
  const get = (path: string, headers = ''): Buffer =>
    raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`);
  return {
    'a compressed bomb': [post(`${json}Content-Encoding: gzip\r\n`, bomb), /^(?:400|413|415|429)$/u],
    'a bomb in a bomb': [post(`${json}Content-Encoding: gzip, gzip\r\n`, gzipSync(bomb)), refused],
    'an unknown encoding': [post(`${json}Content-Encoding: sparkle\r\n`, '{}'), refused],
    'bytes that are no gzip': [post(`${json}Content-Encoding: gzip\r\n`, 'no'), refused],
    // The request within must never be answered: who stands before would take it for another client's.
    'a request in a length and chunks': [
      chunked('chunked', `0\r\n\r\n${hidden}`, 'Content-Length: 4\r\n'),
      refused,
    ],
    'a request in chunks by another name': [chunked('xchunked', `0\r\n\r\n${hidden}`), refused],
    'a request in chunks twice': [chunked('chunked, chunked', `0\r\n\r\n${hidden}`), refused],
    'a request behind a line feed': [chunked('chunked', `2\n{}\n0\n\n${hidden}`), refused],
    'a chunk of 2^64': [chunked('chunked', 'ffffffffffffffff\r\n{}'), refused],
    'a chunk with a name of 1 MB': [
      chunked('chunked', `2;${'x'.repeat(1_000_000)}\r\n{}\r\n0\r\n\r\n`),
      refused,
    ],
    '5,000 trailers': [
      chunked('chunked', `2\r\n{}\r\n0\r\n${'x: y\r\n'.repeat(5_000)}\r\n`),
      /^(?:200|400|413|431|closed)$/u,
    ],
    'a folded header': [get('/healthz', 'X-A: b\r\n c\r\n'), /^(?:200|400)$/u],
    'a header without a name': [get('/healthz', ': b\r\n'), refused],
    'a null in a header': [get('/healthz', 'X-A: b\0c\r\n'), refused],
    // Of two, Node takes the first, by which the caller is judged, too.
    'two hosts': [
      raw('GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n'),
      /^(?:200|400)$/u,
    ],
    'an absolute address': [get('http://evil.example/../../etc/passwd'), refused],
    'an upgrade to WebSocket': [
      get(
        '/console/',
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
      ),
      /^(?:200|400|404|426|closed)$/u,
    ],
    'an upgrade to HTTP/2': [
      get('/healthz', 'Connection: Upgrade\r\nUpgrade: h2c\r\n'),
      /^(?:200|400|426|closed)$/u,
    ],
    CONNECT: [raw('CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: localhost\r\n\r\n'), refused],
    'what is expected': [post(`${json}Expect: 200-maybe\r\n`, '{}'), refused],
    'another origin': [post(`${json}Origin: https://evil.example\r\n`, '{}'), /^403$/u],
    'no origin': [post(`${json}Origin: null\r\n`, '{}'), /^403$/u],
    'a form': [
      post('Content-Type: application/x-www-form-urlencoded\r\nOrigin: https://evil.example\r\n', 'a=b'),
      /^(?:403|415)$/u,
    ],
    'a form as text': [post('Content-Type: text/plain\r\n', '{}'), /^(?:400|403|415)$/u],
    'a range': [get('/console/index.html', 'Range: bytes=0-0,1-1,2-2\r\n'), /^(?:200|206)$/u],
    '10,000 ranges': [
      get('/console/index.html', `Range: bytes=${'0-0,'.repeat(1_500)}1-1\r\n`),
      /^(?:200|206|416|431)$/u,
    ],
    'a range backwards': [
      get('/console/index.html', 'Range: bytes=-99999999999999999999\r\n'),
      /^(?:200|206|416)$/u,
    ],
    'paths up the tree': [get('/console/..%2f..%2f..%2fpackage.json'), refused],
    'paths with backslashes': [get('/console/..\\..\\package.json'), refused],
    'a path twice encoded': [get('/console/%252e%252e/%252e%252e/package.json'), refused],
    'a folder': [get('/console/assets'), /^(?:301|403|404)$/u],
    'a hidden file': [get('/console/.env'), refused],
    'a redirect elsewhere': [get('//evil.example/%2f..'), /^(?:400|404)$/u],
    'JSON nested 3,000 deep in a field': [
      post(json, `{"image":${'{"content":'.repeat(3_000)}1${'}'.repeat(3_000)}}`, embed),
      /^400$/u,
    ],
    'a field twice': [post(json, '{"image":{"content":""},"image":{"content":"AA=="}}', embed), /^400$/u],
    'a field by both of its names': [post(json, '{"faceSelection":1,"face_selection":2}', embed), /^400$/u],
    'a number of 100,000 digits': [post(json, `{"faceSelection":${'9'.repeat(100_000)}}`, embed), /^400$/u],
    'no number at all': [post(json, '{"faceSelection":NaN}', embed), /^400$/u],
    'base64 that is none': [post(json, '{"image":{"content":"****"}}', embed), /^400$/u],
    'base64 for URLs, without an end': [post(json, '{"image":{"content":"_-8"}}', embed), /^400$/u],
    'half a surrogate': [post(json, '{"image":{"content":"\\ud800"}}', embed), /^400$/u],
    'another type': [post(json, '{"@type":"type.googleapis.com/symface.v1.EmbedRequest"}', embed), /^400$/u],
    'a list': [post(json, '[]', embed), /^400$/u],
    null: [post(json, 'null', embed), /^400$/u],
    'a call in a query': [
      get(`${caller}?encoding=json&message=%7B%7D&connect=v1`, key),
      /^(?:200|400|404|405|415)$/u,
    ],
    'a key in the path': [get(`${caller}?authorization=Bearer%20${keys.rival}`), /^40[15]$/u],
  };
}

/** @returns the statuses of all answers on a connection, or `closed`, once it has ended or been quiet for a while */
async function statusesOf({ server }: Target, request: Buffer): Promise<string> {
  const socket = connect(Number(new URL(server.httpUrl).port), '127.0.0.1').on('error', () => undefined);
  let received = '';
  const ended = new Promise<void>((resolve) => {
    let quiet: NodeJS.Timeout | undefined;
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
      clearTimeout(quiet);
      quiet = setTimeout(resolve, 300);
    });
    socket.on('close', resolve);
  });
  socket.write(request);
  const late = sleep(answeredWithinMs, 'late', { ref: false });
  const isLate = (await Promise.race([ended, late])) === 'late';
  socket.destroy();
  if (isLate) return `nothing within ${answeredWithinMs / 1000} s`;
  const statuses = [...received.matchAll(/HTTP\/1\.[01] (\d{3}) /gu)].map(([, status]) => status);
  return statuses.length === 0 ? 'closed' : statuses.join(' and ');
}

/** Requests one behind the other, of which no answer is read. */
async function unread(target: Target, count: number): Promise<string> {
  const processId = target.server.process.pid ?? 0;
  const before = residentMebibytes(processId);
  const socket = connect(Number(new URL(target.server.httpUrl).port), '127.0.0.1').on(
    'error',
    () => undefined,
  );
  socket.pause();
  for (let sent = 0; sent < count; sent += 100)
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(100));
  let grown = 0;
  for (const endMs = performance.now() + 3_000; performance.now() < endMs;) {
    grown = Math.max(grown, Math.round(residentMebibytes(processId) - before));
    await sleep(100);
  }
  const { tenant } = await target.client(target.keys.acme, answeredWithinMs).admin.getCaller({});
  hold(tenant === 'acme', 'the service does not answer');
  socket.destroy();
  hold(grown < grownMebibytes, `${count} answers that nobody reads take ${grown} MiB`);
  return `${count} answers unread: ${grown} MiB`;
}

/** Large requests that wait behind another when their connection is cut: the bytes that they were given must be given back. */
async function cutInLine({ target, photographs }: Scene): Promise<string> {
  const { server, keys } = target;
  const port = Number(new URL(server.httpUrl).port);
  const post = (length: number): string =>
    `POST ${embed} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${keys.rival}\r\n${json}Content-Length: ${length}\r\n\r\n`;
  const first = JSON.stringify({ image: { content: photographs.person.toString('base64') } });
  for (let connection = 0; connection < cutConnections; connection++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(`${post(first.length)}${first}${post(bodyBytes)}{`);
    await sleep(20);
    socket.destroy();
  }
  await sleep(500);
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${keys.rival}` };
  const body = `{}${' '.repeat(bodyBytes)}`;
  const status = await fetch(`${server.httpUrl}${caller}`, { method: 'POST', headers, body }).then(
    (answer) => answer.status,
    String,
  );
  hold(
    status === 200,
    `after ${cutConnections} requests that were cut in line, the next is answered ${status}`,
  );
  return `${cutConnections} cut in line, the next ${status}`;
}
