import type { MethodDefinition, PackageDefinition } from '@grpc/proto-loader';

type Method = MethodDefinition<object, object>;

/** By the messages that were read or written. */
const sizes = new WeakMap<object, number>();

/** The encoded size of a message that came in or went out; 0 of one that was not encoded here. */
export function messageBytes(message: unknown): number {
  return typeof message === 'object' && message !== null ? (sizes.get(message) ?? 0) : 0;
}

/** The same contract, whose methods note how large their messages are. */
export function withMessageSizes(contract: PackageDefinition): PackageDefinition {
  return Object.fromEntries(
    Object.entries(contract).map(([name, definition]) => {
      if ('format' in definition) return [name, definition];
      const methods = Object.entries(definition).map(([method, of]) => [method, measured(of)] as const);
      return [name, Object.fromEntries(methods)];
    }),
  );
}

function measured(method: Method): Method {
  return {
    ...method,
    requestDeserialize: (bytes) => {
      const message = method.requestDeserialize(bytes);
      sizes.set(message, bytes.length);
      return message;
    },
    responseSerialize: (message) => {
      const bytes = method.responseSerialize(message);
      sizes.set(message, bytes.length);
      return bytes;
    },
  };
}
