/** What may be different at a site, in the order in which help lists it (docs/domain-shift.md). */
export const shiftNames = [
  'camera',
  'near-infrared',
  'masks',
  'profiles',
  'motion-blur',
  'low-light',
] as const;
export type ShiftName = (typeof shiftNames)[number];

/** A shift that changes pixels; `profiles` chooses photographs that show faces from the side. */
export type PixelShiftName = Exclude<ShiftName, 'profiles'>;
