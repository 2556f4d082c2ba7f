import protobuf from 'protobufjs/minimal.js';

type Reader = protobuf.Reader;

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** Reads one field's value with the reader behind its tag; a reader that is not told of a field skips it. */
export type FieldReaders = Readonly<Record<number, (field: Field) => void>>;

/** One field of a protobuf message: each accessor consumes the value. */
export class Field {
  constructor(
    private readonly reader: Reader,
    readonly wireType: number,
  ) {}

  bytes(): Uint8Array {
    this.#require(LENGTH_DELIMITED);
    return this.reader.bytes();
  }

  text(): string {
    this.#require(LENGTH_DELIMITED);
    return this.reader.string();
  }

  float(): number {
    this.#require(FIXED_32);
    return this.reader.float();
  }

  /** Beyond 2^53 only the magnitude is kept. */
  integer(): number {
    this.#require(VARINT);
    return longNumber(this.reader.int64());
  }

  /** Appends one integer, or a packed list of them. */
  integersTo(list: number[]): void {
    this.#listTo(list, VARINT, (reader) => longNumber(reader.int64()));
  }

  floatsTo(list: number[]): void {
    this.#listTo(list, FIXED_32, (reader) => reader.float());
  }

  doublesTo(list: number[]): void {
    this.#listTo(list, FIXED_64, (reader) => reader.double());
  }

  #listTo(list: number[], wireType: number, read: (reader: Reader) => number): void {
    if (this.wireType === wireType) {
      list.push(read(this.reader));
      return;
    }
    const packed = protobuf.Reader.create(this.bytes());
    while (packed.pos < packed.len) list.push(read(packed));
  }

  #require(wireType: number): void {
    if (this.wireType !== wireType)
      throw new RangeError(`a field of wire type ${this.wireType} should be ${wireType}`);
  }
}

/**
 * Reads a protobuf message field by field, so that no message that is not asked for takes memory.
 * @throws Error where the bytes are no message
 */
export function readMessage(bytes: Uint8Array, readers: FieldReaders): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const read = readers[tag >>> 3];
    if (read === undefined) reader.skipType(tag & 7);
    else read(new Field(reader, tag & 7));
  }
}

/** protobufjs gives halves of 32 bits where the package `long` is installed. */
function longNumber(value: number | { readonly low: number; readonly high: number }): number {
  return typeof value === 'number' ? value : value.high * 2 ** 32 + (value.low >>> 0);
}
