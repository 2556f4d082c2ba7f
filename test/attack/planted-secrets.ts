/** Texts that requests carry and no log may have. Each is found nowhere else, not even in part. */
export const plantedNames = {
  keys: { acme: 'Zebrafink Haustür', rival: 'Quittenmus Nebeneingang' },
  collection: 'Xylophonverein Mittwoch',
  subject: 'Yvaine Quöckelmeier',
} as const;

/** @returns the secrets that a log has, by what they are */
export function secretsIn(
  log: string,
  secrets: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  return Object.entries(secrets).flatMap(([what, texts]) =>
    texts.some((text) => text.length > 0 && log.includes(text)) ? [what] : [],
  );
}
