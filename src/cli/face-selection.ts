import { Option } from 'commander';
import type { FaceSelection__Output } from '../generated/symface/v1/FaceSelection.js';

const SELECTIONS = {
  'exactly-one': 'FACE_SELECTION_EXACTLY_ONE',
  largest: 'FACE_SELECTION_LARGEST',
  all: 'FACE_SELECTION_ALL',
} as const satisfies Record<string, FaceSelection__Output>;

/** A value of `--face`. */
export type FaceChoice = keyof typeof SELECTIONS;

export function faceSelection(choice: FaceChoice): FaceSelection__Output {
  return SELECTIONS[choice];
}

/** The option `--face`; commander refuses anything but `choices`. */
export function faceOption(choices: readonly FaceChoice[], preset: FaceChoice): Option {
  return new Option('--face <which>', 'which of the faces found to use').choices(choices).default(preset);
}
