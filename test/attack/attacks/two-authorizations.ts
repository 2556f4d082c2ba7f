import { type Attack, hold } from '../attack.js';
import { endStream, frameType, Http2Frames } from '../http2-frames.js';
import { endedCalls } from '../metrics.js';
import { framed } from '../raw-http2.js';
import { setTimeout as sleep } from 'node:timers/promises';

const path = '/symface.v1.AdminService/GetCaller';

export default {
  title: 'two authorization headers, empty, endless and wrong ones, over gRPC and HTTP',
  isShort: true,
  limitSeconds: 30,
  run: async ({ target, afterwards }) => {
    const { admin, acme } = target.keys;
    // Of headers that may stand once, Node takes the first and drops the others: with a right key the call may be let through.
    const doubled = [
      [`Bearer ${acme}`, `Bearer ${admin}`],
      [`Bearer ${acme}`, `Bearer ${acme}`],
    ];
    const wrong: readonly (readonly string[])[] = [
      ['Bearer sfk_wrong', `Bearer ${acme}`],
      [`Bearer ${acme}, Bearer ${admin}`],
      [''],
      ['Bearer'],
      [`Basic ${Buffer.from(`admin:${admin}`).toString('base64')}`],
      [`Bearer ${admin}${'a'.repeat(6_000)}`],
      ['Bearer sfk_0000000000000000_'],
      [`Bearer ${admin.slice(0, -1)}`],
      [`Bearer ${admin.toUpperCase()}`],
    ];
    const before = await endedCalls(target.server);
    const connection = new Http2Frames(target.server.address);
    afterwards(() => {
      connection.destroy();
    });
    for (const [index, values] of [...doubled, ...wrong].entries()) {
      const streamId = 2 * index + 1;
      connection.call(
        streamId,
        path,
        values.map((value) => ['authorization', value] as const),
      );
      connection.send(frameType.data, endStream, streamId, framed(Buffer.alloc(0)));
      const answer = await fetch(`${target.server.httpUrl}${path}`, {
        method: 'POST',
        headers: [
          ['Content-Type', 'application/json'],
          ...values.map((value): [string, string] => ['Authorization', value]),
        ],
        body: '{}',
      });
      hold(
        answer.status === 401 || doubled.includes(values as string[]),
        `"${values.join('" and "').slice(0, 60)}…" is ${answer.status} over HTTP`,
      );
    }
    await sleep(500);
    const after = await endedCalls(target.server);
    const counted = (code: string): number => (after.get(code) ?? 0) - (before.get(code) ?? 0);
    hold(counted('INTERNAL') + counted('UNKNOWN') === 0, `${counted('INTERNAL')} calls ended INTERNAL`);
    const refused = counted('UNAUTHENTICATED');
    hold(refused >= wrong.length, `only ${refused} of ${wrong.length} calls were refused`);
    return `${wrong.length} of them over gRPC and HTTP, all UNAUTHENTICATED; two right keys count as the first`;
  },
} satisfies Attack;
