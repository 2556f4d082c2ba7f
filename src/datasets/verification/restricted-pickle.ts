import { PickleMachine } from './pickle-machine.js';
import { allowedOpcodes } from './pickle-opcodes.js';
import type { PickleValue } from './pickle-values.js';

/** Five times those of the largest set in use, as arrays; an opcode of one byte may take a hundred in memory. */
const maximumOpcodes = 2_000_000;
const stopOpcode = 0x2e;

/**
 * Reads the few pickles that data sets need: lists and tuples of bytes, numbers, truth values and NumPy arrays of bytes.
 * A pickle is a program for a stack machine that may call anything; here every opcode that is not allowed, and every
 * name but NumPy's own for arrays, is refused, and nothing is ever called. Opcodes: Python's pickletools.
 * @throws PickleError
 */
export function readPickle(bytes: Uint8Array): PickleValue {
  const machine = new PickleMachine(bytes);
  for (let opcodes = 0; ; opcodes++) {
    const code = machine.nextOpcode();
    if (opcodes === maximumOpcodes) throw machine.refused(`more than ${maximumOpcodes} opcodes`);
    if (code === stopOpcode) return machine.pop();
    const opcode = allowedOpcodes.get(code);
    if (opcode === undefined)
      throw machine.refused(`opcode 0x${code.toString(16).padStart(2, '0')} is not allowed`);
    opcode(machine);
  }
}
