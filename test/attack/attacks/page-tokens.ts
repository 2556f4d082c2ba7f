import { type Attack, hold } from '../attack.js';
import { contractMethods, fieldsOf, pathOf, requestWith, rightRequests } from '../contract-requests.js';
import { isOwnFault, RawCaller } from '../raw-calls.js';

const uuid = '00000000-0000-0000-0000-000000000000';
const years = [
  '+275760-09-13T00:00:00.000Z',
  '0000-01-01T00:00:00.000Z',
  '-271821-04-20T00:00:00.000Z',
  '9999-12-31T23:59:60.000Z',
];

export default {
  title:
    'page tokens made up: other lists, impossible years, numbers beyond 64 bits, SQL, JSON, nothing at all',
  isShort: true,
  limitSeconds: 60,
  run: async ({ target, photographs }) => {
    const caller = new RawCaller(target.server.address, target.keys.admin);
    const right = rightRequests(photographs);
    let sent = 0;
    try {
      for (const method of contractMethods()) {
        const path = fieldsOf(method.input).find(({ names }) => names.join('.') === 'pageToken');
        if (path === undefined) continue;
        const send = async (token: string): Promise<void> => {
          const message = requestWith(method.input, right[method.name] ?? {}, path, token);
          if (message === undefined) return;
          const outcome = await caller.call(pathOf(method), [message]);
          sent++;
          hold(
            !isOwnFault(outcome),
            `${pathOf(method)} with the page token ${token} is ${outcome.code}: ${outcome.details}`,
          );
        };
        await Promise.all(tokensFor(lists[method.name] ?? '').map(send));
      }
    } finally {
      caller.close();
    }
    return `${sent} tokens, none taken for more than a mistake`;
  },
} satisfies Attack;

/** What the lists' own tokens name: a made-up one has to, to get as far as its key (src/service/platform/page.ts). */
const lists: Readonly<Record<string, string>> = {
  ListCollections: 'collections of acme',
  ListSubjects: 'subjects of collections/staff with ',
  ListEnrolledFaces: 'faces of collections/staff/subjects/ada',
  VerifyTemplates: 'templates of collections/staff',
  ListJobs: 'jobs {}',
  ListApiKeys: 'API keys',
  ListAuditEvents: 'audit events',
  ListDatasets: 'datasets',
  ListBenchmarkRuns: 'benchmark runs',
  ListModelVersions: 'model versions ',
};

function tokensFor(list: string): readonly string[] {
  const keys = [
    ...years.flatMap((year) => [`${year} ${uuid}`, `${year} 0123456789abcdef`, year]),
    '99999999999999999999999',
    '-1',
    "' OR 1=1 --",
    '\u0000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff ',
    'null',
    'x'.repeat(2_000),
  ];
  const crafted = keys.map((after) => JSON.stringify([list, after]));
  return [
    ...crafted.map((text) => Buffer.from(text).toString('base64url')),
    '[',
    '%',
    'AAAA',
    Buffer.from('{"__proto__":{"x":1}}').toString('base64url'),
  ];
}
