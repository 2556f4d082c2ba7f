import { NumpyArray, NumpyType, PickleName, PickleTuple, type PickleValue } from './pickle-values.js';

/**
 * Reads the few pickles that data sets need: lists and tuples of bytes, numbers, truth values and NumPy arrays of bytes.
 * A pickle is a program for a stack machine that may call anything; here every opcode that is not listed below, and every
 * name but NumPy's own for arrays, is refused, and nothing is ever called. Opcodes: Python's pickletools.
 */

/** What is wrong with a pickle, and at which byte. */
export class PickleError extends Error {
  override readonly name = 'PickleError';

  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(message);
  }
}

const newestProtocol = 5;
/** Five times those of the largest set in use, as arrays; an opcode of one byte may take a hundred in memory. */
const maximumOpcodes = 2_000_000;
/** Node's strings end at 512 MiB, with an error of their own. */
const maximumTextBytes = 256 * 1024 * 1024;
const maximumNameLength = 100;

/** Meaning by name, of NumPy 1 and 2, and of Python 3's way to write bytes in protocol 2. */
const allowedNames: ReadonlyMap<
  string,
  'reconstruct' | 'array' | 'type' | 'scalar' | 'frombuffer' | 'encode'
> = new Map([
  ['numpy.core.multiarray _reconstruct', 'reconstruct'],
  ['numpy._core.multiarray _reconstruct', 'reconstruct'],
  ['numpy ndarray', 'array'],
  ['numpy dtype', 'type'],
  ['numpy.core.multiarray scalar', 'scalar'],
  ['numpy._core.multiarray scalar', 'scalar'],
  ['numpy.core.numeric _frombuffer', 'frombuffer'],
  ['numpy._core.numeric _frombuffer', 'frombuffer'],
  ['_codecs encode', 'encode'],
]);

/** @throws PickleError */
export function readPickle(bytes: Uint8Array): PickleValue {
  return new PickleReader(bytes).read();
}

class PickleReader {
  private readonly view: DataView;
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack at the marks that are open. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private position = 0;
  /** Bytes that were made from texts. */
  private encodedBytes = 0;
  /** The offset at which the opcode began that is being read. */
  private offset = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): PickleValue {
    for (let opcodes = 0; ; opcodes++) {
      this.offset = this.position;
      if (opcodes === maximumOpcodes) throw this.refused(`more than ${maximumOpcodes} opcodes`);
      const code = this.unsigned(1);
      if (code === 0x2e) return this.pop(); // STOP
      const step = steps.get(code);
      if (step === undefined)
        throw this.refused(`opcode 0x${code.toString(16).padStart(2, '0')} is not allowed`);
      step(this);
    }
  }

  refused(message: string): PickleError {
    return new PickleError(this.offset, message);
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    // Values below an open mark are not the opcode's to take.
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw this.refused('the stack is empty');
    return this.stack.pop() ?? null;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** The values above the last mark, which is taken away. */
  popMark(): PickleValue[] {
    const height = this.marks.pop();
    if (height === undefined) throw this.refused('there is no mark');
    return this.stack.splice(height);
  }

  /** Values that one opcode takes together. */
  popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  appendTo(list: PickleValue, items: readonly PickleValue[]): void {
    if (!Array.isArray(list)) throw this.refused('values are appended to something that is no list');
    for (const item of items) list.push(item);
  }

  memorise(index: number): void {
    this.memo.set(index, this.stack.at(-1) ?? null);
  }

  memoriseNext(): void {
    this.memorise(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.refused(`nothing was kept under ${index}`);
    this.push(value);
  }

  unsigned(size: 1 | 2 | 4 | 8): number {
    const start = this.advance(size);
    if (size === 1) return this.view.getUint8(start);
    if (size === 2) return this.view.getUint16(start, true);
    if (size === 4) return this.view.getUint32(start, true);
    const value = this.view.getBigUint64(start, true);
    if (value > BigInt(this.bytes.length)) throw this.refused('a length is beyond the end of the file');
    return Number(value);
  }

  signed32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  /** A view of the next bytes: nothing is copied. */
  take(count: number): Uint8Array {
    const start = this.advance(count);
    return this.bytes.subarray(start, start + count);
  }

  text(byteCount: number): string {
    if (byteCount > maximumTextBytes) throw this.refused('a text is too long');
    return textOf(this.take(byteCount));
  }

  /** Half of a name. */
  line(): string {
    const ahead = this.bytes.subarray(this.position, this.position + maximumNameLength);
    const length = ahead.indexOf(0x0a);
    if (length < 0) throw this.refused('a name does not end');
    const text = this.text(length);
    this.advance(1);
    return text;
  }

  refer(name: string): void {
    if (name.length > 2 * maximumNameLength) throw this.refused('a name is too long');
    if (!allowedNames.has(name)) throw this.refused(`the name ${JSON.stringify(name)} is not allowed`);
    this.push(new PickleName(name));
  }

  /** What calling one of the allowed names with these arguments would give. */
  reduce(callable: PickleValue, parameters: PickleValue): PickleValue {
    if (!(callable instanceof PickleName) || !(parameters instanceof PickleTuple)) {
      throw this.refused('only the names of NumPy arrays may be applied');
    }
    const [first, second] = parameters.items;
    switch (allowedNames.get(callable.name)) {
      case 'reconstruct':
        return new NumpyArray();
      case 'type':
        if (typeof first === 'string') return new NumpyType(first);
        break;
      case 'scalar':
        if (first instanceof NumpyType && second instanceof Uint8Array) return this.truth(first, second);
        break;
      case 'frombuffer':
        if (first instanceof Uint8Array && second instanceof NumpyType) return arrayOf(first, second);
        break;
      case 'encode':
        if (typeof first === 'string') return this.encode(first);
        break;
    }
    throw this.refused(`${callable.name} is applied to something unexpected`);
  }

  /**
   * The bytes that Python wrote as a text. A text that is kept may be named again and again, a few bytes each time: what
   * comes out may not be more than the file.
   */
  private encode(text: string): Uint8Array {
    this.encodedBytes += text.length;
    if (this.encodedBytes > this.bytes.length) throw this.refused('a text is used too often');
    return Buffer.from(text, 'latin1');
  }

  /** A NumPy scalar that is 0 or 1, of any width and byte order. */
  private truth({ code }: NumpyType, bytes: Uint8Array): boolean {
    const ones = bytes.filter((byte) => byte !== 0);
    const isNumber = /^[|<>=]?(?:[biu]\d|\?)$/u.test(code) && bytes.length > 0;
    const isOne = ones.length === 1 && (bytes[0] === 1 || bytes.at(-1) === 1);
    if (isNumber && (ones.length === 0 || isOne)) return isOne;
    throw this.refused('a NumPy scalar is neither 0 nor 1');
  }

  /** Sets what an array or a type was made without. */
  build(target: PickleValue | undefined, state: PickleValue): void {
    if (target instanceof NumpyType) return;
    if (!(target instanceof NumpyArray) || !(state instanceof PickleTuple)) {
      throw this.refused('a state is set on something that is no array');
    }
    // (version, shape, dtype, is Fortran order, data)
    const [type, , data] = state.items.slice(2);
    if (!(type instanceof NumpyType) || !(data instanceof Uint8Array || typeof data === 'string')) {
      throw this.refused('an array is not made of bytes');
    }
    target.elementType = type.code;
    target.data = typeof data === 'string' ? this.encode(data) : data;
  }

  /** The value on top, which stays. */
  get top(): PickleValue | undefined {
    return this.stack.at(-1);
  }

  private advance(count: number): number {
    const start = this.position;
    if (start + count > this.bytes.length) throw this.refused('the file ends in the middle of a value');
    this.position = start + count;
    return start;
  }
}

function arrayOf(data: Uint8Array, type: NumpyType): NumpyArray {
  const array = new NumpyArray();
  array.data = data;
  array.elementType = type.code;
  return array;
}

type Step = (reader: PickleReader) => void;

const steps: ReadonlyMap<number, Step> = new Map<number, Step>([
  [0x80, checkProtocol], // PROTO
  [0x95, skipFrame], // FRAME
  [0x28, mark], // MARK
  [0x5d, pushes(() => [])], // EMPTY_LIST
  [0x6c, pushes((reader) => reader.popMark())], // LIST
  [0x29, pushes(() => new PickleTuple([]))], // EMPTY_TUPLE
  [0x74, pushes((reader) => new PickleTuple(reader.popMark()))], // TUPLE
  [0x85, pushes((reader) => new PickleTuple(reader.popMany(1)))], // TUPLE1
  [0x86, pushes((reader) => new PickleTuple(reader.popMany(2)))], // TUPLE2
  [0x87, pushes((reader) => new PickleTuple(reader.popMany(3)))], // TUPLE3
  [0x61, append], // APPEND
  [0x65, appendMarked], // APPENDS
  [0x71, memorises(1)], // BINPUT
  [0x72, memorises(4)], // LONG_BINPUT
  [0x94, memoriseNext], // MEMOIZE
  [0x68, recalls(1)], // BINGET
  [0x6a, recalls(4)], // LONG_BINGET
  [0x42, pushes((reader) => reader.take(reader.unsigned(4)))], // BINBYTES
  [0x43, pushes((reader) => reader.take(reader.unsigned(1)))], // SHORT_BINBYTES
  [0x8e, pushes((reader) => reader.take(reader.unsigned(8)))], // BINBYTES8
  [0x96, pushes((reader) => reader.take(reader.unsigned(8)))], // BYTEARRAY8
  [0x54, pushes((reader) => reader.take(reader.unsigned(4)))], // BINSTRING: bytes, from Python 2
  [0x55, pushes((reader) => reader.take(reader.unsigned(1)))], // SHORT_BINSTRING
  [0x58, pushes((reader) => reader.text(reader.unsigned(4)))], // BINUNICODE
  [0x8c, pushes((reader) => reader.text(reader.unsigned(1)))], // SHORT_BINUNICODE
  [0x8d, pushes((reader) => reader.text(reader.unsigned(8)))], // BINUNICODE8
  [0x88, pushes(() => true)], // NEWTRUE
  [0x89, pushes(() => false)], // NEWFALSE
  [0x4e, pushes(() => null)], // NONE
  [0x4a, pushes((reader) => reader.signed32())], // BININT
  [0x4b, pushes((reader) => reader.unsigned(1))], // BININT1
  [0x4d, pushes((reader) => reader.unsigned(2))], // BININT2
  [0x8a, readLong], // LONG1
  [0x63, referByLines], // GLOBAL
  [0x93, referByStack], // STACK_GLOBAL
  [0x52, reduce], // REDUCE
  [0x62, build], // BUILD
]);

function pushes(value: (reader: PickleReader) => PickleValue): Step {
  return (reader) => {
    reader.push(value(reader));
  };
}

function memorises(indexBytes: 1 | 4): Step {
  return (reader) => {
    reader.memorise(reader.unsigned(indexBytes));
  };
}

function recalls(indexBytes: 1 | 4): Step {
  return (reader) => {
    reader.recall(reader.unsigned(indexBytes));
  };
}

/** Frames only help to read from a stream. */
function skipFrame(reader: PickleReader): void {
  reader.unsigned(8);
}

function mark(reader: PickleReader): void {
  reader.mark();
}

function memoriseNext(reader: PickleReader): void {
  reader.memoriseNext();
}

function referByLines(reader: PickleReader): void {
  reader.refer(`${reader.line()} ${reader.line()}`);
}

function checkProtocol(reader: PickleReader): void {
  const protocol = reader.unsigned(1);
  if (protocol > newestProtocol) throw reader.refused(`protocol ${protocol} is not known`);
}

function append(reader: PickleReader): void {
  const item = reader.pop();
  reader.appendTo(reader.top ?? null, [item]);
}

function appendMarked(reader: PickleReader): void {
  const items = reader.popMark();
  reader.appendTo(reader.top ?? null, items);
}

function readLong(reader: PickleReader): void {
  const digits = reader.take(reader.unsigned(1));
  if (digits.length > 6) throw reader.refused('a number is too large');
  reader.push(digits.reduceRight((value, digit) => value * 256 + digit, 0));
}

function referByStack(reader: PickleReader): void {
  const [module, name] = reader.popMany(2);
  const asText = (value: PickleValue | undefined): string => {
    if (typeof value === 'string') return value;
    if (value instanceof Uint8Array) return textOf(value);
    throw reader.refused('a name is no text');
  };
  reader.refer(`${asText(module)} ${asText(name)}`);
}

function reduce(reader: PickleReader): void {
  const [callable, parameters] = reader.popMany(2);
  reader.push(reader.reduce(callable ?? null, parameters ?? null));
}

function build(reader: PickleReader): void {
  const state = reader.pop();
  reader.build(reader.top, state);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
