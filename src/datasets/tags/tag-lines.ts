import { z } from 'zod';
import type { FacelessReason, ImageTag } from './image-tag.js';
import { TagFileError } from './tag-file-error.js';

const schemaName = 'symface-image-tags';
/** Raised with every change that readers of the last version would misread. */
const schemaVersion = 1;

/** What the tags of a file are about; its first line. */
export interface TagFileSubject {
  /** How the data set is laid out: a DatasetFormat, or `identity-folder`. */
  readonly format: string;
  readonly imageKind: 'photograph' | 'aligned-crop';
  /** The id of the detector's model version. */
  readonly detectorVersion: string;
}

const finite = z.number();
const point = z.object({ x: finite, y: finite });
const face = z.object({
  box: z.object({ x: finite, y: finite, width: finite, height: finite }),
  landmarks: z.object({
    leftEye: point,
    rightEye: point,
    nose: point,
    leftMouthCorner: point,
    rightMouthCorner: point,
  }),
  probability: finite,
  rho: finite,
  noseOffsetPixels: finite,
  quality: z.object({
    faceSizePixels: finite,
    detectionProbability: finite,
    sharpness: finite,
    brightness: finite,
    pose: z.object({ yawDegrees: finite, pitchDegrees: finite, rollDegrees: finite }),
    embeddingNorm: finite,
    landmarkUncertainty: z.exactOptional(finite),
    utility: finite,
    occlusion: z.object({ mouth: finite, nose: finite, eyes: finite }),
    detailPixels: finite,
    appearance: z.array(finite),
  }),
});
const about = { image: z.string().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/u) };
const reason = z.custom<FacelessReason>(
  (value) => typeof value === 'string' && /^(?:FACE_NOT_FOUND|IMAGE_[A-Z_]+)$/u.test(value),
);
const tagSchema = z.union([z.object({ ...about, face }), z.object({ ...about, face: z.null(), reason })]);

const anyHeaderSchema = z.object({ schema: z.literal(schemaName), schemaVersion: z.number() });
const headerSchema = z.object({
  format: z.string(),
  imageKind: z.enum(['photograph', 'aligned-crop']),
  detectorVersion: z.string(),
});

export function headerLine({ format, imageKind, detectorVersion }: TagFileSubject): string {
  return lineOf({ schema: schemaName, schemaVersion, format, imageKind, detectorVersion });
}

export function tagLine(tag: ImageTag): string {
  return lineOf(tag);
}

/** @throws TagFileError where it is no header, or one of another schema */
export function parseHeader(line: string): TagFileSubject {
  const value = parsed(line);
  const found = anyHeaderSchema.safeParse(value);
  if (!found.success) throw new TagFileError('holds no tags of a data set', 'foreign');
  const version = found.data.schemaVersion;
  if (version !== schemaVersion) {
    throw new TagFileError(`has the schema version ${version}, not ${schemaVersion}`, 'outdated');
  }
  const header = headerSchema.safeParse(value);
  if (!header.success) throw new TagFileError('has a damaged first line', 'outdated');
  return header.data;
}

/** The tag of a line; undefined where the line is none. */
export function parseTag(line: string): ImageTag | undefined {
  const tag = tagSchema.safeParse(parsed(line));
  return tag.success ? tag.data : undefined;
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
