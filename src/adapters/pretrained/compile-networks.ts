import { compileChecked } from './compile-checked.js';
import { blazeFaceFunction, dlibResNetFunction, faceMeshFunction } from './tfjs-functions.js';
import { blazeFaceNetwork, dlibResNetNetwork, faceMeshNetwork } from './pretrained-networks.js';
import type { WeightFile } from './weight-file.js';

type FileName = (typeof dlibResNetNetwork | typeof blazeFaceNetwork | typeof faceMeshNetwork)['fileName'];

const functions = {
  [dlibResNetNetwork.fileName]: dlibResNetFunction,
  [blazeFaceNetwork.fileName]: blazeFaceFunction,
  [faceMeshNetwork.fileName]: faceMeshFunction,
} as const;

/** Compiles one network; this module loads tfjs, so it is imported only where something must be compiled. */
export async function compileNetwork(fileName: FileName, weights: WeightFile): Promise<Uint8Array> {
  return compileChecked(await functions[fileName](weights));
}
