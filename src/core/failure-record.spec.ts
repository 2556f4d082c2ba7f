import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type FailureRecord, fromRecord, toRecord } from './failure-record.js';
import { Failure, type FailureReason } from './failure.js';

/** Any text, and often what JSON, Postgres and JavaScript's own objects are particular about. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '__proto__', 'constructor', '"\\\n\u2028', '😀'),
);
const reason = fc.constantFrom<FailureReason>('FACE_NOT_FOUND', 'OVERLOADED', 'INVALID_ARGUMENT');
const failure = fc
  .tuple(
    reason,
    text,
    fc.dictionary(text, text),
    fc.array(fc.record({ field: text, description: text }), { maxLength: 3 }),
  )
  .map((parts) => new Failure(...parts));

/** The ways that a record goes. */
const ways: readonly (readonly [string, (record: FailureRecord) => FailureRecord])[] = [
  ['JSON', (record) => JSON.parse(JSON.stringify(record)) as FailureRecord],
  ['a structured clone', (record) => structuredClone(record)],
];

describe.each(ways)('a record of an error, by %s', (_, sent) => {
  it('keeps all of a failure', () => {
    fc.assert(
      fc.property(failure, (given) => {
        const found = fromRecord(sent(toRecord(given)));
        if (!(found instanceof Failure)) throw new Error('it is no failure any more', { cause: found });
        const { reason, message, metadata, fieldViolations } = found;
        expect({ reason, message, fieldViolations }).toEqual({
          reason: given.reason,
          message: given.message,
          fieldViolations: given.fieldViolations,
        });
        expect(Object.entries(metadata)).toEqual(Object.entries(given.metadata));
      }),
    );
  });

  it('keeps that an error is a defect, its message and where it was thrown', () => {
    fc.assert(
      fc.property(text, (message) => {
        const given = new RangeError(message);
        const record = sent(toRecord(given));
        expect(record).not.toHaveProperty('reason');
        const found = fromRecord(record);
        expect(found).not.toBeInstanceOf(Failure);
        expect({ message: found.message, stack: found.stack }).toEqual({ message, stack: given.stack });
      }),
    );
  });
});

describe('a record of an error', () => {
  it('is one whatever was thrown', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(toRecord(thrown)).toMatchObject({ message: expect.any(String) as string });
      }),
    );
  });

  it('can be stored in Postgres whatever the texts are', () => {
    const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xd83d, 0xde00));
    const units = fc.array(unit).map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(units, units, units, (message, name, value) => {
        const given = new Failure('DATASET_INVALID', message, { [name]: value }, [
          { field: name, description: value },
        ]);
        const stored = JSON.stringify(toRecord(given));
        expect(stored).not.toMatch(/\\u0000|\\ud[89a-f]/iu);
      }),
    );
  });
});
