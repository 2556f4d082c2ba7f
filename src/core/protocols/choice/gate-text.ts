import { shortPercent } from '../figure-text.js';
import type { GateFigures } from './gate-figures.js';

/**
 * What a gate before two networks comes to, a sentence each, for terminals, pages and reports alike.
 * @param smoothingPixels by which the trained network's crops are smoothed; 0: they are not
 */
export function gateSentences(
  { recognised, mistaken }: GateFigures,
  smoothingPixels: number,
): readonly string[] {
  const smoothing =
    smoothingPixels === 0
      ? ''
      : ` It sees them smoothed by ${smoothingPixels} pixels, since noise hides more than that costs.`;
  return [
    'There are two networks; how the picture of a face looks says which one it gets, not whom it shows.',
    `${shortPercent(recognised)} of the faces held out look like those trained on and get the trained network.${smoothing}`,
    `${shortPercent(1 - mistaken)} of faces in other photographs look otherwise: they keep the network from before, and their embeddings stay as they were.`,
  ];
}

/** What it means that there is none. */
export const noGateSentences: readonly string[] = [
  "There is one network for all faces: the pictures trained on look too much like everybody's to be told from others.",
  'Other faces get the trained network, too: a benchmark of them says what that costs or gains.',
];
