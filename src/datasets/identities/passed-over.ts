import { counted } from '../../core/counted.js';

/** Why a file that was seen in a folder is not used, for people. */
const reasonTexts = {
  'system-file': 'hidden, or left by a system (thumbnails, resource forks, checkpoints)',
  'not-an-image': 'no image',
  'linked-again': 'linked to what is there already',
  'broken-link': 'a link that leads nowhere',
  unreadable: 'cannot be read',
  'no-identity': "an image in no identity's folder",
  'other-folder': 'in another folder than the one asked for',
} as const;

export type PassedOverReason = keyof typeof reasonTexts;

/** A file, or a folder that is not looked into, which was seen and is not used. */
export interface PassedOver {
  readonly path: string;
  readonly reason: PassedOverReason;
}

/** How many were passed over for each reason; reasons that did not occur are left out. */
export type PassedOverCounts = Readonly<Partial<Record<PassedOverReason, number>>>;

export function countPassedOver(passedOver: readonly PassedOver[]): PassedOverCounts {
  const counts = new Map<PassedOverReason, number>();
  for (const { reason } of passedOver) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** "5 files passed over: 2 no image (a.txt, b.txt), 3 …", with a few examples of each; undefined where none was. */
export function passedOverText(
  passedOver: readonly PassedOver[],
  nameOf: (path: string) => string = (path) => path,
): string | undefined {
  if (passedOver.length === 0) return undefined;
  const parts = Object.keys(countPassedOver(passedOver)).map((reason) => {
    const paths = passedOver.filter((one) => one.reason === reason).map(({ path }) => nameOf(path));
    const more = paths.length > shownPaths ? [', …'] : [];
    const shown = [paths.slice(0, shownPaths).join(', '), ...more].join('');
    return `${paths.length} ${reasonTexts[reason as PassedOverReason]} (${shown})`;
  });
  return `${counted(passedOver.length, 'file')} passed over: ${parts.join('; ')}`;
}

const shownPaths = 3;
