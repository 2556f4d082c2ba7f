import type { GateFigures } from '../../core/protocols/choice/gate-figures.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import {
  fitLookGate,
  isAdaptedLook,
  type LookGate,
  passingShare,
  withRaisedBar,
} from '../../learning/gating/look-gate.js';
import { looksOf } from './face-looks.js';

/** A gate before the candidates, and what it does with the faces that they are chosen by. */
export interface GatedChoice {
  readonly gate: LookGate;
  readonly figures: GateFigures;
  /** [N] which of the faces get the adapted network. */
  readonly isAdapted: readonly boolean[];
}

/** The same, with the network for faces that look otherwise. */
export interface GatedFaces extends GatedChoice {
  /** Its ONNX file. */
  readonly general: Uint8Array;
  /** [N] what it makes of the faces. */
  readonly generalEmbeddings: readonly Float32Array[];
}

/** With fewer of the faces held out a gate would take from the trained network what it was trained for. */
const leastRecognised = 0.95;
/** With more of other faces it would not keep what they had. */
const mostMistaken = 0.05;

/** What a gate is fitted to and judged by. */
export interface GateEvidence {
  /** Crops that were trained on. */
  readonly adapted: readonly RgbImage[];
  /** Crops of the persons held out. */
  readonly heldOut: readonly RgbImage[];
  /** Of other faces; every other one is fitted to, and the rest judged by. */
  readonly generalLooks: readonly Float32Array[];
  readonly threads: number;
}

/** A gate that tells faces that nobody was fitted to; undefined where looks do not tell enough of them. */
export async function fittedGate({
  adapted,
  heldOut,
  generalLooks,
  threads,
}: GateEvidence): Promise<GatedChoice | undefined> {
  const fitted = generalLooks.filter((_, face) => face % 2 === 0);
  const others = generalLooks.filter((_, face) => face % 2 === 1);
  const ownLooks = await looksOf(adapted, threads);
  const looks = await looksOf(heldOut, threads);
  const plain = fitLookGate(ownLooks, fitted);
  const gates = [withRaisedBar(plain, ownLooks), plain].map((gate) => ({
    gate,
    figures: { recognised: passingShare(gate, looks), mistaken: passingShare(gate, others) },
  }));
  const found = gates.find(
    ({ figures }) => figures.recognised >= leastRecognised && figures.mistaken <= mostMistaken,
  );
  return found && { ...found, isAdapted: looks.map((look) => isAdaptedLook(found.gate, look)) };
}

/** What the faces get, by how each looks. @param adapted [N] what the adapted network makes of them */
export function embeddingsByLook(
  { isAdapted, generalEmbeddings }: GatedFaces,
  adapted: readonly Float32Array[],
): readonly Float32Array[] {
  return adapted.map((embedding, face) =>
    isAdapted[face] === true ? embedding : (generalEmbeddings[face] ?? embedding),
  );
}
