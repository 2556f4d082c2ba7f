import { bytesField, messageField } from '../../support/protobuf-fields.js';
import { type Attack, hold, type Scene } from '../attack.js';
import { callOver, connectTo, framed } from '../raw-http2.js';

const detect = '/symface.v1.FaceVerificationService/DetectFaces';
/** Of years, of more milliseconds than 32 bits hold, and what Go sends for the longest that it knows. */
const longTimeouts = ['596H', '600H', '1193H', '2562047H', '99999999H', '99999999M', '99999999S'];
/** None, negative ones, and no numbers at all: any status will do, as long as there is one at once. */
const oddTimeouts = ['0n', '0S', '1n', '-1S', '5', 'S', '1e3S', '123456789S', '5S,5S', ' '];
const oddConnectTimeouts = ['0', '-1', '1e3', '99999999999', 'x', '5, 5000'];
const tellingWithinMs = 10_000;
const lateCalls = 12;

export default {
  title:
    'deadlines of months, of none, negative ones, no numbers, and ones that pass while a photograph is looked at',
  isShort: true,
  limitSeconds: 60,
  run: async (scene) => {
    const { target, photographs } = scene;
    const authorization = `Bearer ${target.keys.rival}`;
    const session = connectTo(target.server.address);
    scene.afterwards(() => {
      session.destroy();
    });
    // DetectFacesRequest { Image image = 1 }, Image { bytes content = 1 }.
    const request = framed(messageField(1, bytesField(1, photographs.person)));
    for (const timeout of longTimeouts) {
      const outcome = await callOver(session, detect, { authorization, 'grpc-timeout': timeout }, request);
      hold(outcome === 'OK', `with a deadline of ${timeout} a call is ${outcome}`);
    }
    for (const timeout of oddTimeouts) {
      const beginMs = performance.now();
      const outcome = await callOver(session, detect, { authorization, 'grpc-timeout': timeout }, request);
      const ms = Math.round(performance.now() - beginMs);
      hold(ms < tellingWithinMs, `with a deadline of "${timeout}" a call is ${outcome} after ${ms} ms`);
    }
    return `${longTimeouts.length} calls with months answered, ${oddTimeouts.length} odd deadlines told; ${await overHttp(scene)}`;
  },
} satisfies Attack;

async function overHttp(scene: Scene): Promise<string> {
  for (const timeout of ['2147483647', '2147483648', '9999999999']) {
    const { status } = await call(scene, timeout);
    hold(status === 200, `over HTTP a call with ${timeout} ms is answered ${status}`);
  }
  for (const timeout of oddConnectTimeouts) {
    const { status } = await call(scene, timeout);
    hold([400, 504].includes(status), `over HTTP a call with "${timeout}" ms is answered ${status}`);
  }
  const late = await Promise.all(
    Array.from({ length: lateCalls }, async (_, index) => call(scene, String(1 + index))),
  );
  const wrong = late.find(({ status, code }) => status !== 200 && code !== 'deadline_exceeded');
  hold(wrong === undefined, `a call that is late is answered ${wrong?.status ?? 0} ${wrong?.code ?? ''}`);
  const count = late.filter(({ status }) => status === 504).length;
  hold(count > 0, 'no call was late');
  return `over HTTP months are answered, and ${count} of ${lateCalls} late calls told so`;
}

interface Answer {
  readonly status: number;
  readonly code: string;
}

async function call({ target, photographs }: Scene, timeoutMs: string): Promise<Answer> {
  const response = await fetch(`${target.server.httpUrl}${detect}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${target.keys.rival}`,
      'Connect-Timeout-Ms': timeoutMs,
    },
    body: JSON.stringify({ image: { content: photographs.person.toString('base64') } }),
  });
  const { code = '' } = (await response.json()) as { readonly code?: string };
  return { status: response.status, code };
}
