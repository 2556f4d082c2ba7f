// Made by `npm run generate` of the files in src/datasets/verification/formats.
import { cfpProtocol } from '../verification/formats/cfp-protocol.js';
import { crossLfwPairs } from '../verification/formats/cross-lfw-pairs.js';
import { insightfaceBin } from '../verification/formats/insightface-bin.js';
import { lfwPairs } from '../verification/formats/lfw-pairs.js';
import { pairsCsv } from '../verification/formats/pairs-csv.js';

export const verificationFormatsByFile = [cfpProtocol, crossLfwPairs, insightfaceBin, lfwPairs, pairsCsv] as const;
