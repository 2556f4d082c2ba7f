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
  await faceVerification.verify(request);
  await sleep(waitMs);
  const answered = Array.from({ length: callsAtWork }, async () =>
    faceVerification.verify(request).then(() => 'OK', reasonOf),
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
  return `of ${callsAtWork} calls at work ${count} are answered and the others told, within ${Math.round(ms)} ms`;
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
