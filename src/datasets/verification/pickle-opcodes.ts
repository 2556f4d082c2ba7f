import { type PickleMachine, textOf } from './pickle-machine.js';
import { PickleTuple, type PickleValue } from './pickle-values.js';

const newestProtocol = 5;

type Opcode = (machine: PickleMachine) => void;

/** The opcodes that are allowed, by their byte, but for the one that ends a pickle. */
export const allowedOpcodes: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  [0x80, checkProtocol], // PROTO
  [0x95, skipFrame], // FRAME
  [0x28, mark], // MARK
  [0x5d, pushes(() => [])], // EMPTY_LIST
  [0x6c, pushes((machine) => machine.popMark())], // LIST
  [0x29, pushes(() => new PickleTuple([]))], // EMPTY_TUPLE
  [0x74, pushes((machine) => new PickleTuple(machine.popMark()))], // TUPLE
  [0x85, pushes((machine) => new PickleTuple(machine.popMany(1)))], // TUPLE1
  [0x86, pushes((machine) => new PickleTuple(machine.popMany(2)))], // TUPLE2
  [0x87, pushes((machine) => new PickleTuple(machine.popMany(3)))], // TUPLE3
  [0x61, append], // APPEND
  [0x65, appendMarked], // APPENDS
  [0x71, memorises(1)], // BINPUT
  [0x72, memorises(4)], // LONG_BINPUT
  [0x94, memoriseNext], // MEMOIZE
  [0x68, recalls(1)], // BINGET
  [0x6a, recalls(4)], // LONG_BINGET
  [0x42, pushes((machine) => machine.take(machine.unsigned(4)))], // BINBYTES
  [0x43, pushes((machine) => machine.take(machine.unsigned(1)))], // SHORT_BINBYTES
  [0x8e, pushes((machine) => machine.take(machine.unsigned(8)))], // BINBYTES8
  [0x96, pushes((machine) => machine.take(machine.unsigned(8)))], // BYTEARRAY8
  [0x54, pushes((machine) => machine.take(machine.unsigned(4)))], // BINSTRING: bytes, from Python 2
  [0x55, pushes((machine) => machine.take(machine.unsigned(1)))], // SHORT_BINSTRING
  [0x58, pushes((machine) => machine.text(machine.unsigned(4)))], // BINUNICODE
  [0x8c, pushes((machine) => machine.text(machine.unsigned(1)))], // SHORT_BINUNICODE
  [0x8d, pushes((machine) => machine.text(machine.unsigned(8)))], // BINUNICODE8
  [0x88, pushes(() => true)], // NEWTRUE
  [0x89, pushes(() => false)], // NEWFALSE
  [0x4e, pushes(() => null)], // NONE
  [0x4a, pushes((machine) => machine.signed32())], // BININT
  [0x4b, pushes((machine) => machine.unsigned(1))], // BININT1
  [0x4d, pushes((machine) => machine.unsigned(2))], // BININT2
  [0x8a, readLong], // LONG1
  [0x63, referByLines], // GLOBAL
  [0x93, referByStack], // STACK_GLOBAL
  [0x52, reduce], // REDUCE
  [0x62, build], // BUILD
]);

function pushes(value: (machine: PickleMachine) => PickleValue): Opcode {
  return (machine) => {
    machine.push(value(machine));
  };
}

function memorises(indexBytes: 1 | 4): Opcode {
  return (machine) => {
    machine.memorise(machine.unsigned(indexBytes));
  };
}

function recalls(indexBytes: 1 | 4): Opcode {
  return (machine) => {
    machine.recall(machine.unsigned(indexBytes));
  };
}

/** Frames only help to read from a stream. */
function skipFrame(machine: PickleMachine): void {
  machine.unsigned(8);
}

function mark(machine: PickleMachine): void {
  machine.mark();
}

function memoriseNext(machine: PickleMachine): void {
  machine.memoriseNext();
}

function referByLines(machine: PickleMachine): void {
  machine.refer(`${machine.line()} ${machine.line()}`);
}

function checkProtocol(machine: PickleMachine): void {
  const protocol = machine.unsigned(1);
  if (protocol > newestProtocol) throw machine.refused(`protocol ${protocol} is not known`);
}

function append(machine: PickleMachine): void {
  const item = machine.pop();
  machine.appendTo(machine.top ?? null, [item]);
}

function appendMarked(machine: PickleMachine): void {
  const items = machine.popMark();
  machine.appendTo(machine.top ?? null, items);
}

function readLong(machine: PickleMachine): void {
  const digits = machine.take(machine.unsigned(1));
  if (digits.length > 6) throw machine.refused('a number is too large');
  machine.push(digits.reduceRight((value, digit) => value * 256 + digit, 0));
}

function referByStack(machine: PickleMachine): void {
  const [module, name] = machine.popMany(2);
  const asText = (value: PickleValue | undefined): string => {
    if (typeof value === 'string') return value;
    if (value instanceof Uint8Array) return textOf(value);
    throw machine.refused('a name is no text');
  };
  machine.refer(`${asText(module)} ${asText(name)}`);
}

function reduce(machine: PickleMachine): void {
  const [callable, parameters] = machine.popMany(2);
  machine.push(machine.reduce(callable ?? null, parameters ?? null));
}

function build(machine: PickleMachine): void {
  const state = machine.pop();
  machine.build(machine.top, state);
}
