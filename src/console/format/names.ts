/** The id in a resource name: "jobs/1" is 1. */
export function idIn(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** "A_KEBAB_NAME" or "a-kebab-name" as people read it. */
export function words(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/gu, ' ');
}
