import type { z } from 'zod';
import { maximumImageBytes } from '../../../contract/contract.js';
import { mebibyte, mebibytes } from './mebibytes.js';
import { wholeNumber } from './whole-number.js';

/** A day: a timer of Node takes 24 days at most, fires at once where it is given more, and a tenth more is added. */
const longestTimerMs = 86_400_000;
/** More calls, connections or images than a process can have: beyond it, what counts them has no such number. */
const mostAtATime = 1_000_000;
/** What libvips takes. */
const mostPixels = 1_000_000_000;
const timeMs = wholeNumber(1, longestTimerMs);
const count = wholeNumber(1, mostAtATime);

/** How much the service takes at a time, how large it may be, and how long it may take. */
export const limitVariables = {
  SYMFACE_QUEUE_CAPACITY: count.default(192),
  SYMFACE_MAX_CALLS: count.default(2_000),
  SYMFACE_MAX_CONNECTIONS: count.default(2_000),
  SYMFACE_MAX_REQUEST_MIB: mebibytes(256).default(256),
  SYMFACE_MAX_IMAGE_BYTES: wholeNumber(1, maximumImageBytes).default(maximumImageBytes),
  SYMFACE_MAX_IMAGE_PIXELS: wholeNumber(1, mostPixels).default(50_000_000),
  SYMFACE_DEFAULT_DEADLINE_MS: timeMs.default(60_000),
  SYMFACE_RECEIVE_TIMEOUT_MS: timeMs.default(60_000),
  SYMFACE_MAX_CONNECTION_AGE_MS: timeMs.optional(),
  SYMFACE_DRAIN_DELAY_MS: wholeNumber(0, 600_000).default(0),
  SYMFACE_DRAIN_TIMEOUT_MS: timeMs.default(30_000),
};

export interface LimitSettings {
  /** Places for images that wait for a worker, of which no tenant and no connection gets all. */
  readonly queueCapacity: number;
  /** Calls that may be open at a time, of which no tenant and no connection gets all. */
  readonly maximumCalls: number;
  /** Connections that each port takes at a time. */
  readonly maximumConnections: number;
  /** Bytes that requests may have at a time while they come and are worked on, of which no tenant and no connection gets all. */
  readonly maximumRequestBytes: number;
  readonly maximumImageBytes: number;
  readonly maximumImagePixels: number;
  /** The deadline of calls that bring none of their own, in milliseconds. */
  readonly defaultDeadlineMs: number;
  /** How long a request may take to come, in milliseconds. */
  readonly receiveTimeoutMs: number;
  /** When clients are told to open another connection; never where undefined. */
  readonly maximumConnectionAgeMs: number | undefined;
  /** How long calls are taken after health has said that they should go elsewhere. */
  readonly drainDelayMs: number;
  readonly drainTimeoutMs: number;
}

export function readLimits(settings: z.infer<z.ZodObject<typeof limitVariables>>): LimitSettings {
  return {
    queueCapacity: settings.SYMFACE_QUEUE_CAPACITY,
    maximumCalls: settings.SYMFACE_MAX_CALLS,
    maximumConnections: settings.SYMFACE_MAX_CONNECTIONS,
    maximumRequestBytes: settings.SYMFACE_MAX_REQUEST_MIB * mebibyte,
    maximumImageBytes: settings.SYMFACE_MAX_IMAGE_BYTES,
    maximumImagePixels: settings.SYMFACE_MAX_IMAGE_PIXELS,
    defaultDeadlineMs: settings.SYMFACE_DEFAULT_DEADLINE_MS,
    receiveTimeoutMs: settings.SYMFACE_RECEIVE_TIMEOUT_MS,
    maximumConnectionAgeMs: settings.SYMFACE_MAX_CONNECTION_AGE_MS,
    drainDelayMs: settings.SYMFACE_DRAIN_DELAY_MS,
    drainTimeoutMs: settings.SYMFACE_DRAIN_TIMEOUT_MS,
  };
}
