import { randomUUID } from 'node:crypto';

/** The metadata, header and trailer of a call's id. */
export const requestIdKey = 'x-request-id';
/** The metadata and header of W3C Trace Context. */
export const traceParentKey = 'traceparent';

const maximumIdCharacters = 128;
const idPattern = /^[\w.~:+/=@-]+$/u;
const traceParentPattern =
  /^(?!ff)[0-9a-f]{2}-(?<traceId>(?!0{32})[0-9a-f]{32})-(?<spanId>(?!0{16})[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?:$|-)/u;

/** The span of whoever called (W3C Trace Context). */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Bit 0: it is recorded. */
  readonly flags: number;
}

/**
 * The id that a call goes by: the client's, cut to 128 characters, where it has letters, digits and `_ . ~ : + / = @ -` only;
 * else one that is made here.
 */
export function requestIdOf(sent: unknown): string {
  if (typeof sent !== 'string') return randomUUID();
  const id = sent.slice(0, maximumIdCharacters);
  return idPattern.test(id) ? id : randomUUID();
}

/** @returns undefined for text that is no `traceparent` */
export function readTraceParent(sent: unknown): TraceParent | undefined {
  if (typeof sent !== 'string') return undefined;
  const { traceId, spanId, flags } = traceParentPattern.exec(sent)?.groups ?? {};
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}
