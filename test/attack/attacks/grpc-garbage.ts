import { gzipSync } from 'node:zlib';
import { residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';
import { contractMethods, pathOf } from '../contract-requests.js';
import { Random } from '../random.js';
import { isOwnFault, RawCaller } from '../raw-calls.js';
import { callOver, connectTo, framed } from '../raw-http2.js';

const detect = '/symface.v1.FaceVerificationService/DetectFaces';
const grownMebibytes = 400;
/** Some bytes without sense are a message without fields: a backup is made then. */
const answeredWithinMs = 20_000;

export default {
  title:
    'messages that are no protobuf, nested without end, compressed bombs, wrong lengths, unknown methods',
  isShort: true,
  limitSeconds: 120,
  run: async ({ target, isShort, afterwards }) => {
    const caller = new RawCaller(target.server.address, target.keys.admin);
    afterwards(() => {
      caller.close();
    });
    const random = new Random(7);
    let sent = 0;
    const codes = new Set<string>();
    const fixed = messagesWithoutSense();
    for (const method of contractMethods()) {
      for (const garbage of isShort ? fixed : [...fixed, ...randomMessages(random)]) {
        const outcome = await caller.call(pathOf(method), [garbage], answeredWithinMs);
        hold(
          !isOwnFault(outcome) || isParserError(outcome.details),
          `${pathOf(method)} with ${garbage.length} bytes without sense is ${outcome.code}: ${outcome.details}`,
        );
        codes.add(outcome.code);
        sent++;
      }
    }
    return `${sent} messages ended ${[...codes].join(', ')}; ${await bombs(target.server, target.keys.rival, afterwards)}`;
  },
} satisfies Attack;

/** grpc-js itself answers INTERNAL for bytes that it cannot parse, as the protocol's other servers do. */
function isParserError(details: string): boolean {
  return /deserializ|invalid wire type|index out of range|illegal/iu.test(details);
}

function messagesWithoutSense(): readonly Buffer[] {
  // Field 1 with itself in it, and groups, which parsers follow by calling themselves.
  let nested = Buffer.alloc(0);
  for (let depth = 0; depth < 12_000; depth++) {
    const length = nested.length;
    const prefix = [0x0a];
    for (let rest = length; ; rest >>>= 7) {
      prefix.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    nested = Buffer.concat([Buffer.from(prefix), nested]);
    if (nested.length > 60_000) break;
  }
  const groups = Buffer.alloc(50_000, 0x0b);
  const hugeLength = Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]);
  const invalidUtf8 = Buffer.from([0x0a, 4, 0xc3, 0x28, 0xed, 0xa0]);
  return [nested, groups, hugeLength, invalidUtf8];
}

function randomMessages(random: Random): readonly Buffer[] {
  return Array.from({ length: 20 }, () => {
    const length = 1 + random.below(300);
    return Buffer.from(Array.from({ length }, () => random.below(256)));
  });
}

async function bombs(
  server: { readonly address: string; readonly process: { readonly pid?: number | undefined } },
  key: string,
  afterwards: (work: () => unknown) => void,
): Promise<string> {
  const session = connectTo(server.address);
  afterwards(() => {
    session.destroy();
  });
  const authorization = `Bearer ${key}`;
  const processId = server.process.pid ?? 0;
  const before = residentMebibytes(processId);
  const bomb = framed(gzipSync(Buffer.alloc(512 * 1024 * 1024)), true);
  const gzip = { authorization, 'grpc-encoding': 'gzip' };
  const bombed = await Promise.all(Array.from({ length: 4 }, () => callOver(session, detect, gzip, bomb)));
  const grown = residentMebibytes(processId) - before;
  hold(
    bombed.every((code) => code === 'RESOURCE_EXHAUSTED'),
    `a compressed bomb is ${bombed.join(', ')}`,
  );
  hold(grown < grownMebibytes, `compressed bombs leave ${Math.round(grown)} MiB`);
  const others: Readonly<Record<string, readonly [string, Record<string, string>, Buffer | undefined]>> = {
    'a length of 4 GiB': [detect, { authorization }, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1])],
    'no message': [detect, { authorization }, undefined],
    'an unknown encoding': [
      detect,
      { authorization, 'grpc-encoding': 'sparkle' },
      framed(Buffer.alloc(3), true),
    ],
    'an unknown method': [
      '/symface.v1.FaceVerificationService/Nothing',
      { authorization },
      framed(Buffer.alloc(0)),
    ],
    'no method': ['/', { authorization }, framed(Buffer.alloc(0))],
    'a path up the tree': ['/../../etc/passwd', { authorization }, framed(Buffer.alloc(0))],
    'a strange deadline': [
      detect,
      { authorization, 'grpc-timeout': '99999999999999H' },
      framed(Buffer.alloc(0)),
    ],
    'another content type': [detect, { authorization, 'content-type': 'text/html' }, framed(Buffer.alloc(0))],
  };
  const ended: string[] = [];
  for (const [what, [path, headers, body]] of Object.entries(others)) {
    const outcome = await Promise.race([callOver(session, path, headers, body), late(what)]);
    ended.push(`${what}: ${outcome}`);
  }
  return `bombs RESOURCE_EXHAUSTED; ${ended.join('; ')}`;
}

async function late(what: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new Error(`${what} is not answered within 12 s`));
    }, 12_000).unref();
  });
}
