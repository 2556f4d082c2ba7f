import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { serviceDefinition } from '../../../src/contract/contract.js';
import { type Attack, hold, type Scene } from '../attack.js';
import { callOver, connectTo, framed } from '../raw-http2.js';
import type { Target } from '../target.js';

/** A connection's keepalive mark: grpc-js once cut connections that were closing there, with their calls. */
const keepaliveMs = 30_000;
const callsAtWork = 24;
const endedWithinMs = 12_000;

export default {
  title:
    'SIGTERM with calls at work, at a keepalive mark too, with idle streams, watchers, half requests, silent sockets',
  isShort: true,
  hasOwnServices: true,
  limitSeconds: 120,
  run: async (scene) => {
    const idle = await idleCompany(scene);
    const atWork = await callsInFlight(scene, scene.isShort ? 0 : keepaliveMs - 1_000);
    return `${idle}; ${atWork}`;
  },
} satisfies Attack;

/** Ends a service that has nothing to answer. */
async function idleCompany({ startTarget, afterwards }: Scene): Promise<string> {
  const target = await startTarget();
  const { server, keys } = target;
  const health = new Client(server.address, credentials.createInsecure());
  const ignore = (): void => undefined;
  health
    .makeServerStreamRequest(
      '/grpc.health.v1.Health/Watch',
      () => Buffer.alloc(0),
      (bytes) => bytes,
      {},
    )
    .on('data', () => undefined)
    .on('error', ignore);
  const { path, requestSerialize, responseDeserialize } =
    serviceDefinition('FaceVerificationService').StreamVerify;
  health.makeBidiStreamRequest(path, requestSerialize, responseDeserialize).on('error', ignore);
  const session = connectTo(server.address);
  const half = framed(Buffer.alloc(1_000_000)).subarray(0, 500);
  void callOver(session, path, { authorization: `Bearer ${keys.acme}` }, half, false);
  const port = Number(new URL(server.httpUrl).port);
  const sockets = Array.from({ length: 20 }, () =>
    connectTcp(port, '127.0.0.1').on('error', () => undefined),
  );
  sockets[0]?.write(
    'POST /symface.v1.AdminService/GetCaller HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{',
  );
  afterwards(() => {
    health.close();
    session.destroy();
    for (const socket of sockets) socket.destroy();
  });
  await sleep(500);
  const ms = await msToEnd(target);
  hold(ms < endedWithinMs, `idle company holds the process for ${Math.round(ms)} ms`);
  return `with idle company it ends within ${Math.round(ms)} ms`;
}

/** Ends a service with calls at work. @param waitMs how long their connection is open before that */
async function callsInFlight({ startTarget, photographs }: Scene, waitMs: number): Promise<string> {
  const target = await startTarget();
  const { faceVerification } = target.client();
  const request = { imageA: { content: photographs.person }, imageB: { content: photographs.other } };
  const overHttp = httpCall(target, request);
  await Promise.all([faceVerification.verify(request), overHttp()]);
  await sleep(waitMs);
  const answered = Array.from({ length: callsAtWork }, async (_, call) =>
    call % 3 === 0 ? overHttp() : faceVerification.verify(request).then(() => 'OK', reasonOf),
  );
  // The first is answered: the others have come, too.
  await Promise.race(answered);
  const ended = msToEnd(target);
  const outcomes = await Promise.all(answered);
  const ms = await ended;
  const lost = outcomes.filter((outcome) => !/^(?:OK|SHUTTING_DOWN|OVERLOADED)$/u.test(outcome));
  hold(lost.length === 0, `${lost.length} of ${callsAtWork} calls at work were lost: ${lost[0] ?? ''}`);
  const count = outcomes.filter((outcome) => outcome === 'OK').length;
  hold(count > 0, 'no call at work was answered');
  return `of ${callsAtWork} calls at work, a third of them over HTTP, ${count} are answered and the others told, within ${Math.round(ms)} ms`;
}

interface Pair {
  readonly imageA: { readonly content: Buffer };
  readonly imageB: { readonly content: Buffer };
}

/** The same call over HTTP. Of `fetch`, connections are used again. */
function httpCall({ server, keys }: Target, { imageA, imageB }: Pair): () => Promise<string> {
  const image = ({ content }: Pair['imageA']) => ({ content: content.toString('base64') });
  const body = JSON.stringify({ imageA: image(imageA), imageB: image(imageB) });
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${keys.acme}` };
  const url = `${server.httpUrl}/symface.v1.FaceVerificationService/Verify`;
  return async () => {
    try {
      const answer = await fetch(url, { method: 'POST', headers, body });
      const text = await answer.text();
      return answer.ok
        ? 'OK'
        : (/SHUTTING_DOWN|OVERLOADED/u.exec(text)?.[0] ?? `HTTP ${answer.status} ${text}`);
    } catch (error) {
      return `HTTP ${String(error)} ${String(error instanceof Error ? error.cause : '')}`;
    }
  };
}

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure
    ? (error.reason ?? `${error.codeName} ${error.message}`)
    : String(error);
}

async function msToEnd(target: Target): Promise<number> {
  const beginMs = performance.now();
  const exitCode = await target.server.stop();
  hold(exitCode === 0, `it ends with exit code ${String(exitCode)}`);
  return performance.now() - beginMs;
}
