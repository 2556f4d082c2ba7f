/** Numbers of an ICC profile are whole multiples of this. */
const fixedPoint = 1 / 65_536;
/** X, Y and Z of sRGB's primaries, adapted to D50 as profiles state them (IEC 61966-2-1, ICC.1). */
const primaries = {
  rXYZ: [0.436, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
} as const;
const primaryTolerance = 0.002;
/** Of linear light, 0 to 1: a third of what one step of 8 bits is in the middle. */
const curveTolerance = 0.001;
const probes = [0.02, 0.1, 0.25, 0.5, 0.75, 0.9] as const;

/**
 * Whether an embedded colour profile is sRGB, so that its pixels need no conversion: its primaries are, and its curves at a few
 * places.
 * @param profile an ICC profile, perhaps damaged
 */
export function isSrgbProfile(profile: Uint8Array): boolean {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
  try {
    return hasPrimaries(view) && hasCurve(view);
  } catch (error) {
    // Offsets beyond its end.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function hasPrimaries(view: DataView): boolean {
  return Object.entries(primaries).every(([tag, expected]) => {
    const offset = offsetOf(view, tag);
    return (
      offset !== undefined &&
      expected.every(
        (value, axis) =>
          Math.abs(view.getInt32(offset + 8 + 4 * axis) * fixedPoint - value) < primaryTolerance,
      )
    );
  });
}

function hasCurve(view: DataView): boolean {
  const offsets = ['rTRC', 'gTRC', 'bTRC'].map((tag) => offsetOf(view, tag));
  return offsets.every((offset) => {
    if (offset === undefined) return false;
    const curve = curveAt(view, offset);
    return curve !== undefined && probes.every((x) => Math.abs(curve(x) - linearLight(x)) < curveTolerance);
  });
}

/** The transfer function of sRGB. */
function linearLight(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** A table of equal steps, or sRGB's kind of formula; undefined for other curves. */
function curveAt(view: DataView, offset: number): ((value: number) => number) | undefined {
  const type = textAt(view, offset);
  if (type === 'curv') {
    const count = view.getUint32(offset + 8);
    if (count < 2) return undefined;
    return (value) => {
      const position = value * (count - 1);
      const below = Math.min(Math.floor(position), count - 2);
      const entry = (index: number): number => view.getUint16(offset + 12 + 2 * index) / 65_535;
      return entry(below) + (position - below) * (entry(below + 1) - entry(below));
    };
  }
  if (type !== 'para' || view.getUint16(offset + 8) !== 3) return undefined;
  const parameter = (index: number): number => view.getInt32(offset + 12 + 4 * index) * fixedPoint;
  const [g, a, b, c, d] = [parameter(0), parameter(1), parameter(2), parameter(3), parameter(4)];
  return (value) => (value >= d ? (a * value + b) ** g : c * value);
}

/** Where a tag's data begins. The table of tags begins after 128 bytes, with their count. */
function offsetOf(view: DataView, tag: string): number | undefined {
  const count = view.getUint32(128);
  for (let index = 0; index < Math.min(count, 100); index++) {
    const entry = 132 + 12 * index;
    if (textAt(view, entry) === tag) return view.getUint32(entry + 4);
  }
  return undefined;
}

function textAt(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(offset + index)));
}
