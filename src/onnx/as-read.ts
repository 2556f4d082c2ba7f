/**
 * Messages of the file that tensors, attributes and values of a graph were read from. Objects of a graph are replaced, not
 * changed, so that what still is the object that was read is written as it was: with fields that nothing here knows, and
 * lists packed or not, as the file's writer has them. What was read is kept no longer than its object.
 */
const messages = new WeakMap<object, AsRead>();

interface AsRead {
  readonly name: string;
  readonly bytes: readonly Uint8Array[];
}

/** @returns the object */
export function keepAsRead<T extends object>(object: T, bytes: readonly Uint8Array[], name = ''): T {
  messages.set(object, { name, bytes });
  return object;
}

/** @returns undefined where it was not read, or had another name */
export function asRead(object: object, name = ''): readonly Uint8Array[] | undefined {
  const kept = messages.get(object);
  return kept?.name === name ? kept.bytes : undefined;
}
