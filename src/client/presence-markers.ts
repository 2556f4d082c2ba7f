/**
 * Takes out of a decoded message what the loader says there beside its fields: `_similarityThreshold` tells that the optional
 * `similarityThreshold` is set, which is seen from the field itself. Oneofs that the contract names stay.
 * @returns the message itself
 */
export function withoutPresenceMarkers<T>(message: T): T {
  if (typeof message !== 'object' || message === null || ArrayBuffer.isView(message)) return message;
  const fields = message as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith('_') && fields[name.slice(1)] !== undefined && value === name.slice(1))
      Reflect.deleteProperty(fields, name);
    else withoutPresenceMarkers(value);
  }
  return message;
}
