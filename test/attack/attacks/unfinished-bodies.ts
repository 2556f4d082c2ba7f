import { setTimeout as sleep } from 'node:timers/promises';
import { residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';
import { callOver, connectTo, framed } from '../raw-http2.js';

const path = '/symface.v1.FaceVerificationService/DetectFaces';
const bodyBytes = Math.floor(15.9 * 1024 * 1024);
const bodies = 64;
/** The service under attack waits 8 s for a request (grounds.ts). */
const endedWithinMs = 20_000;
const atMostMebibytes = 800;

export default {
  title: '64 requests of 15.9 MiB of which the last byte never comes',
  isShort: true,
  limitSeconds: 90,
  run: async ({ target, isShort, afterwards }) => {
    const processId = target.server.process.pid ?? 0;
    const before = residentMebibytes(processId);
    const body = framed(Buffer.alloc(bodyBytes)).subarray(0, -1);
    const headers = { authorization: `Bearer ${target.keys.rival}` };
    const beginMs = performance.now();
    const outcomes = Array.from({ length: isShort ? bodies / 2 : bodies }, async () => {
      const session = connectTo(target.server.address);
      afterwards(() => {
        session.destroy();
      });
      return callOver(session, path, headers, body, false);
    });
    let most = before;
    let ended: readonly string[] | undefined;
    void Promise.all(outcomes).then((all) => {
      ended = all;
    });
    while (codesOf(ended) === undefined && performance.now() - beginMs < endedWithinMs) {
      most = Math.max(most, residentMebibytes(processId));
      await sleep(200);
    }
    const codes = codesOf(ended);
    hold(codes !== undefined, `after ${endedWithinMs / 1000} s they are open still`);
    // gRPC clients take ENHANCE_YOUR_CALM, which HTTP/2 has for a connection that sends too much, for RESOURCE_EXHAUSTED.
    const told = /^(?:DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|.*NGHTTP2_ENHANCE_YOUR_CALM)$/u;
    const isTold = [...codes].every((code) => told.test(code));
    hold(isTold, `they end ${[...codes].join(', ')}`);
    hold(most - before < atMostMebibytes, `they hold ${Math.round(most - before)} MiB`);
    const tookMs = performance.now() - beginMs;
    return `ended ${[...codes].join(', ')} within ${Math.round(tookMs / 100) / 10} s, ${Math.round(most - before)} MiB at most`;
  },
} satisfies Attack;

function codesOf(ended: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return ended && new Set(ended);
}
