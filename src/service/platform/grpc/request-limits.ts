import { type ServerInterceptor, ServerInterceptingCall } from '@grpc/grpc-js';
import type { Failure } from '../../../core/failure.js';
import type { ErrorReporter } from './error-reporter.js';
import { invalidField } from '../../../core/invalid-field.js';
import { statusReply } from './rich-status.js';

/** What a text of a request may have, in UTF-16 code units; names have tighter limits of their own where they are read. */
const maximumCharacters = 1024;
/** Texts that are longer by what they are, by their names in the contract. */
const longerTexts: ReadonlyMap<string, number> = new Map([
  ['manifest_json', 65_536],
  ['image_folder', 4_096],
  ['path', 4_096],
  ['page_token', 4_096],
]);
/** How many texts one field may hold. */
const maximumTexts = 256;

/**
 * Refuses texts that are too long, in whichever field of whichever request, before anything is done with them.
 * @throws Failure INVALID_ARGUMENT naming the field by its path in the contract
 */
export function requireBoundedTexts(message: unknown, path = ''): void {
  if (typeof message !== 'object' || message === null || ArrayBuffer.isView(message)) return;
  for (const [key, value] of Object.entries(message)) {
    const name = snakeCase(key);
    const field = path === '' ? name : `${path}.${name}`;
    if (!Array.isArray(value)) {
      requireBounded(value, name, field);
      continue;
    }
    // Embeddings are long lists of numbers, and hold nothing more.
    if (typeof value[0] === 'number') continue;
    if (typeof value[0] === 'string' && value.length > maximumTexts)
      throw invalidField(field, `must hold at most ${maximumTexts} texts, not ${value.length}`);
    for (const [index, item] of value.entries()) requireBounded(item, name, `${field}[${index}]`);
  }
}

function requireBounded(value: unknown, name: string, field: string): void {
  if (typeof value !== 'string') {
    requireBoundedTexts(value, field);
    return;
  }
  const maximum = longerTexts.get(name) ?? maximumCharacters;
  if (value.length > maximum)
    throw invalidField(field, `must have at most ${maximum} characters, not ${value.length}`);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

/** Answers requests with too long a text INVALID_ARGUMENT, instead of passing them on. */
export function requestLimitsInterceptor(errors: ErrorReporter): ServerInterceptor {
  const refused = (message: unknown): Failure | undefined => {
    try {
      requireBoundedTexts(message);
      return undefined;
    } catch (error) {
      return error as Failure;
    }
  };
  return (_method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMessage: (message, proceed) => {
            const failure = refused(message);
            if (failure === undefined) {
              proceed(message);
              return;
            }
            errors.report(failure);
            call.sendStatus(statusReply(failure));
          },
        });
      },
    });
}
