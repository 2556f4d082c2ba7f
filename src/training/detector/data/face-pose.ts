import type { Draws } from './draws.js';

/** How far a face is turned beside what it is turned in its photograph: mostly little, at times too far to be one. */
export function drawRotationDegrees(draws: Draws): number {
  const sign = draws.chance(0.5) ? 1 : -1;
  switch (draws.weighted({ little: 0.62, slanted: 0.2, lying: 0.07, over: 0.11 })) {
    case 'little':
      return Math.max(-40, Math.min(40, 9 * draws.normal()));
    case 'slanted':
      return draws.between(-45, 45);
    case 'lying':
      return sign * draws.between(60, 100);
    case 'over':
      return sign * draws.between(100, 180);
  }
}
