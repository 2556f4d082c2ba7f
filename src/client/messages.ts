import type { SymFaceTypes } from '../contract/contract.js';

/** The name of a message of the contract, for example `Face`. */
export type MessageName = {
  [Name in keyof SymFaceTypes]: SymFaceTypes[Name] extends { deserialize: unknown } ? Name : never;
}[keyof SymFaceTypes];

/** A message as a server answers with it: every field is there. */
export type Message<Name extends MessageName> = SymFaceTypes[Name] extends {
  deserialize: (bytes: Buffer) => infer Received;
}
  ? Received
  : never;

/** A message as it is sent: fields may be left out. */
export type MessageInput<Name extends MessageName> = SymFaceTypes[Name] extends {
  serialize: (message: infer Sent) => Buffer;
}
  ? Sent
  : never;
