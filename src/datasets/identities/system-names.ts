/** What file managers, notebooks and storage devices leave in folders, in lower case. */
const systemNames: ReadonlySet<string> = new Set([
  // Synology, QNAP and their snapshots
  '@eadir',
  '@recycle',
  '@recently-snapshot',
  '@tmp',
  '#recycle',
  '#snapshot',
  // Windows
  '$recycle.bin',
  'system volume information',
  'thumbs.db',
  'ehthumbs.db',
  'ehthumbs_vista.db',
  'desktop.ini',
  // macOS: archives' resource forks, a folder's icon
  '__macosx',
  'icon\r',
  // Others
  'lost+found',
  'picasa.ini',
  'zbthumbnail.info',
  'thumbnails',
  'thumbs',
]);
/** Thumbnails that a Synology makes, wherever they were copied to. */
const synologyThumbnail = /^syno(?:photo|file)_thumb_/u;

/**
 * Whether a file or folder is none of a person's photographs by its name alone: it is hidden (`.DS_Store`,
 * `.ipynb_checkpoints`, the resource fork `._x.jpg`), or left there by a system.
 */
export function isSystemName(name: string): boolean {
  const lower = name.toLowerCase();
  return name.startsWith('.') || systemNames.has(lower) || synologyThumbnail.test(lower);
}
