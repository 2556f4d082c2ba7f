import protobuf from 'protobufjs/minimal.js';

import { Failure } from '../core/failure.js';
import { BYTES, LENGTH_DELIMITED, requireSize, type ValueType } from './protobuf-values.js';

type Reader = protobuf.Reader;
type Writer = protobuf.Writer;

/** The largest networks in use have some thousand nodes; a file of empty ones must not take all memory. */
const MAXIMUM_MEMBERS = 100_000;

/** One field of a message. */
interface Field<T> {
  readonly number: number;
  /** @param before what the message has of the field so far */
  readonly read: (before: T | undefined, reader: Reader, wireType: number) => T;
  readonly write: (writer: Writer, value: T | undefined) => void;
}

/** A message's fields by their names here; what a message does not have is undefined. */
export type Message<M> = { [K in keyof M]?: M[K] | undefined };

export interface MessageType<M> extends ValueType<Message<M>> {
  /** Fields that are not named are passed over. @throws Error where the bytes are no message */
  readonly decode: (bytes: Uint8Array) => Message<M>;
  readonly encode: (message: Message<M>) => Uint8Array;
}

/** A message of a type. */
export type Decoded<Type> = Type extends MessageType<infer M> ? Message<M> : never;

/** A message and the bytes that it was decoded from, which are what is written; where there are none, itself is. */
export interface KeptMessage<M> {
  readonly message: Message<M>;
  readonly bytes: Uint8Array;
}

export type Kept<Type> = Type extends MessageType<infer M> ? KeptMessage<M> : never;

const NO_BYTES = new Uint8Array();

/** What {@link kept} fields are written from. */
export function newMessage<M>(message: Message<M>): KeptMessage<M> {
  return { message, bytes: NO_BYTES };
}

/** The same, for a message that is there already. */
export function sameMessage<M>(bytes: Uint8Array): KeptMessage<M> {
  return { message: {}, bytes };
}

/** A message whose bytes are kept, so that it can be written as it was. */
export function kept<M>(type: MessageType<M>): ValueType<KeptMessage<M>> {
  return {
    wireType: LENGTH_DELIMITED,
    read: (reader) => {
      const bytes = reader.bytes();
      return { message: type.decode(bytes), bytes };
    },
    write: (writer, { message, bytes }) => {
      if (bytes.length === 0) type.write(writer, message);
      else BYTES.write(writer, bytes);
    },
  };
}

/** A field that a message has once, or not at all. */
export function optional<T>(number: number, type: ValueType<T>): Field<T> {
  return {
    number,
    read: (before, reader, wireType) => {
      requireWireType(type.wireType, wireType);
      // Readers differ in what they make of a second one.
      if (before !== undefined) throw new RangeError(`the field ${number} is there twice`);
      return type.read(reader);
    },
    write: (writer, value) => {
      if (value === undefined) return;
      writer.uint32(tagOf(number, type.wireType));
      type.write(writer, value);
    },
  };
}

/** A field that a message has any number of times. @throws Failure MODEL_INVALID when it is read, where it has more than {@link MAXIMUM_MEMBERS} */
export function repeated<T>(number: number, type: ValueType<T>): Field<T[]> {
  return {
    number,
    read: (list = [], reader, wireType) => {
      requireWireType(type.wireType, wireType);
      if (list.push(type.read(reader)) <= MAXIMUM_MEMBERS) return list;
      throw new Failure('MODEL_INVALID', `the graph has more than ${MAXIMUM_MEMBERS} members of one kind`);
    },
    write: (writer, values = []) => {
      for (const value of values) {
        writer.uint32(tagOf(number, type.wireType));
        type.write(writer, value);
      }
    },
  };
}

/** Any number of numbers, which are written packed; files have them packed or one by one. */
export function numbers(number: number, type: ValueType<number>): Field<number[]> {
  return {
    number,
    read: (list = [], reader, wireType) => {
      if (wireType !== LENGTH_DELIMITED) {
        requireWireType(type.wireType, wireType);
        list.push(type.read(reader));
        return list;
      }
      const packed = protobuf.Reader.create(reader.bytes());
      while (packed.pos < packed.len) list.push(type.read(packed));
      return list;
    },
    write: (writer, values = []) => {
      if (values.length === 0) return;
      writer.uint32(tagOf(number, LENGTH_DELIMITED)).fork();
      for (const value of values) type.write(writer, value);
      writer.ldelim();
    },
  };
}

/** @param fields by their names here, in the order of their numbers, which is the order of writing */
export function message<M>(fields: { readonly [K in keyof M]: Field<M[K]> }): MessageType<M> {
  const names = new Map<number, Extract<keyof M, string>>();
  for (const name in fields) names.set(fields[name].number, name);
  const decode = (bytes: Uint8Array): Message<M> => {
    const reader = protobuf.Reader.create(bytes);
    const found: Message<M> = {};
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      const name = names.get(tag >>> 3);
      if (name === undefined) reader.skipType(tag & 7);
      else found[name] = fields[name].read(found[name], reader, tag & 7);
    }
    if (reader.pos > reader.len) throw new RangeError('the last field is cut off');
    return found;
  };
  const writeFields = (writer: Writer, value: Message<M>): void => {
    for (const name in fields) fields[name].write(writer, value[name]);
  };
  return {
    wireType: LENGTH_DELIMITED,
    decode,
    read: (reader) => decode(reader.bytes()),
    write: (writer, value) => {
      writeFields(writer.fork(), value);
      writer.ldelim();
    },
    encode: (value) => {
      const writer = protobuf.Writer.create();
      writeFields(writer, value);
      requireSize(writer.len);
      return writer.finish();
    },
  };
}

function requireWireType(expected: number, wireType: number): void {
  if (wireType !== expected) throw new RangeError(`a field of wire type ${wireType} should be ${expected}`);
}

function tagOf(number: number, wireType: number): number {
  return (number << 3) | wireType;
}
