import { type DescField, type JsonValue, ScalarType } from '@bufbuild/protobuf';
import { type Attack, hold } from '../attack.js';
import { contractMethods, fieldsOf, pathOf, requestWith, rightRequests } from '../contract-requests.js';
import { isOwnFault, RawCaller } from '../raw-calls.js';

const numbers = ['NaN', 'Infinity', '-Infinity', 1e308, -1e308, 5e-324];
const integers = [-1, 2_147_483_647, -2_147_483_648];
const texts = [
  'a\u0000b',
  '../../../../etc/passwd',
  "'; DROP TABLE faces; --",
  '$(reboot)',
  '__proto__',
  'constructor',
  '%00%2e%2e%2f',
  '\u202eecaf',
  '\n{"level":60,"msg":"forged"}',
  '*/*',
  'collections/staff/subjects/ada/faces/../../../..',
  '٤٢',
  '\ud7ff\ufffe\uffff',
  ' ',
];

/** Methods that would act on what they are given, whatever it is. */
const acting: ReadonlySet<string> = new Set(['CreateTraining', 'CreateApiKey', 'RollBackActivation']);

export default {
  title: 'NaN, infinities, unknown enum values, injections and control characters in every field',
  isShort: true,
  limitSeconds: 120,
  run: async ({ target, photographs, isShort }) => {
    const caller = new RawCaller(target.server.address, target.keys.admin);
    const right = rightRequests(photographs);
    const counts = new Map<string, number>();
    try {
      for (const method of contractMethods().filter(({ name }) => !acting.has(name))) {
        for (const path of fieldsOf(method.input)) {
          for (const value of isShort ? valuesFor(path.field).slice(0, 3) : valuesFor(path.field)) {
            const message = requestWith(method.input, right[method.name] ?? {}, path, value);
            if (message === undefined) continue;
            const outcome = await caller.call(pathOf(method), [message]);
            hold(
              !isOwnFault(outcome),
              `${pathOf(method)} with ${path.names.join('.')} = ${JSON.stringify(value)} is ${outcome.code}: ${outcome.details}`,
            );
            counts.set(outcome.code, (counts.get(outcome.code) ?? 0) + 1);
          }
        }
      }
    } finally {
      caller.close();
    }
    return [...counts].map(([code, count]) => `${count} ${code}`).join(', ');
  },
} satisfies Attack;

function valuesFor(field: DescField): readonly JsonValue[] {
  const values = field.enum === undefined ? scalarsFor(field.scalar) : [4711, -1];
  return field.fieldKind === 'list' ? values.map((value) => [value]) : values;
}

function scalarsFor(scalar: ScalarType | undefined): readonly JsonValue[] {
  switch (scalar) {
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return numbers;
    case ScalarType.INT32:
      return integers;
    case ScalarType.INT64:
      return ['-1', '9223372036854775807', '-9223372036854775808'];
    case ScalarType.STRING:
      return texts;
    case ScalarType.BYTES:
      return ['', 'AAAA', '//////////8='];
    default:
      return [];
  }
}
