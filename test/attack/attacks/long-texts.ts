import { ScalarType } from '@bufbuild/protobuf';
import { type Attack, hold } from '../attack.js';
import { contractMethods, fieldsOf, pathOf, requestWith, rightRequests } from '../contract-requests.js';
import { isOwnFault, RawCaller } from '../raw-calls.js';

const lengths = [32_000, 400_000];
const shortLengths = [32_000];
/** What a single list of texts may not stop either. */
const dearest = 14_000_000;
const slowestAllowedMs = 2_000;

export default {
  title: 'texts of 32,000 to 14,000,000 characters in every field of every method',
  isShort: true,
  limitSeconds: 120,
  run: async ({ target, photographs, isShort }) => {
    const caller = new RawCaller(target.server.address, target.keys.admin);
    const right = rightRequests(photographs);
    let sent = 0;
    let slowestMs = 0;
    const send = async (path: string, field: string, message: Uint8Array): Promise<void> => {
      const outcome = await caller.call(path, [message]);
      sent++;
      slowestMs = Math.max(slowestMs, outcome.ms);
      hold(
        outcome.code === 'INVALID_ARGUMENT',
        `${path} with a long ${field} is ${outcome.code}: ${outcome.details}`,
      );
      hold(
        !isOwnFault(outcome) && outcome.ms < slowestAllowedMs,
        `${path}: a long ${field} took ${outcome.ms} ms`,
      );
    };
    try {
      for (const method of contractMethods()) {
        for (const path of fieldsOf(method.input)) {
          if (path.field.scalar !== ScalarType.STRING) continue;
          for (const length of isShort ? shortLengths : lengths) {
            const text = 'ä'.repeat(length);
            const value = path.field.fieldKind === 'list' ? [text] : text;
            const message = requestWith(method.input, right[method.name] ?? {}, path, value);
            if (message !== undefined) await send(pathOf(method), path.names.join('.'), message);
          }
        }
      }
      if (!isShort) await sendDearest(send);
    } finally {
      caller.close();
    }
    return `${sent} requests refused, the slowest after ${Math.round(slowestMs)} ms`;
  },
} satisfies Attack;

async function sendDearest(
  send: (path: string, field: string, message: Uint8Array) => Promise<void>,
): Promise<void> {
  const method = contractMethods().find(({ name }) => name === 'UpdateTrainingSchedule');
  const path = method && fieldsOf(method.input).find(({ names }) => /cron/iu.test(names.at(-1) ?? ''));
  hold(
    method !== undefined && path !== undefined,
    'the schedule has no cron any more: look for the dearest text anew',
  );
  const message = requestWith(method.input, {}, path, '* '.repeat(dearest / 2));
  if (message !== undefined) await send(pathOf(method), 'cron of 14 MB', message);
}
