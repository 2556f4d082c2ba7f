import { describe, expect, it } from 'vitest';
import { readTraceParent, requestIdOf } from './request-identity.js';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

describe('the id of a request', () => {
  it("is the client's where that can stand in a log and a header", () => {
    expect(requestIdOf('door-1:2026/01~a+b=c@d_e.f')).toBe('door-1:2026/01~a+b=c@d_e.f');
  });

  it("is the beginning of the client's where that is long", () => {
    expect(requestIdOf('x'.repeat(100_000))).toBe('x'.repeat(128));
  });

  it.each([undefined, '', 'two words', 'line\nbreak', '面', Buffer.from('bytes')])(
    'is made for %j',
    (sent) => {
      expect(requestIdOf(sent)).toMatch(uuid);
    },
  );
});

describe('traceparent', () => {
  const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

  it('is read as W3C Trace Context has it', () => {
    expect(readTraceParent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, flags: 1 });
    expect(readTraceParent(`42-${traceId}-${spanId}-00-later`)).toEqual({ traceId, spanId, flags: 0 });
  });

  it.each([
    undefined,
    '',
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}-01x`,
  ])('is left out where it is %j', (sent) => {
    expect(readTraceParent(sent)).toBeUndefined();
  });
});
