import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extract, type Header } from 'tar-stream';
import { Failure } from '../../../core/failure.js';
import {
  type BackupManifest,
  damagedBackup,
  type EntryPlace,
  invalidBackup,
  maximumGraphBytes,
  maximumManifestBytes,
  maximumPartBytes,
  maximumSmallEntryBytes,
  parseHead,
  parseManifest,
  parseSeal,
  placeOf,
} from './backup-format.js';
import type { BackupKey } from './backup-key.js';

/** What an entry of each kind may take in the file; artifacts are never in memory whole. */
const maximumBytes: Readonly<Record<EntryPlace['kind'], number>> = {
  head: maximumSmallEntryBytes,
  rows: maximumPartBytes,
  graph: maximumGraphBytes,
  artifact: Number.MAX_SAFE_INTEGER,
  manifest: maximumManifestBytes,
  seal: maximumSmallEntryBytes,
};

/** So many bytes without an entry, or a piece of one, are none of a backup: zeros of a device or a sparse file have no end. */
const maximumSilentBytes = 32 << 20;

/** An entry as it is read; its content is to be read to its end before the next one comes. */
export interface BackupEntry {
  readonly name: string;
  readonly place: EntryPlace;
  readonly sizeBytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * The entries of a file that may be anything: names, types, sizes and their order are those of a backup.
 * @throws Failure BACKUP_INVALID, BACKUP_DAMAGED; what the file system throws
 */
export async function* readEntries(file: string): AsyncGenerator<BackupEntry> {
  const tar = extract();
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  source.on('error', (error) => {
    tar.destroy(error);
  });
  let silentBytes = 0;
  const onHeard = (): void => {
    silentBytes = 0;
  };
  source.on('data', (piece: string | Buffer) => {
    silentBytes += piece.length;
    if (silentBytes > maximumSilentBytes)
      tar.destroy(invalidBackup('it has megabytes of nothing in the place of entries'));
  });
  source.pipe(tar);
  const seen = new Set<string>();
  try {
    for await (const entry of tar as AsyncIterable<TarEntry>) {
      onHeard();
      const checked = checkedEntry(entry, seen, onHeard);
      yield checked;
      seen.add(checked.name);
    }
  } catch (error) {
    throw readFailure(error, seen.size > 0);
  } finally {
    source.destroy();
    tar.destroy();
  }
}

/** As the library gives it; its own type does not say that it can be read in pieces. */
type TarEntry = { readonly header: Header } & AsyncIterable<Uint8Array>;

function checkedEntry(entry: TarEntry, seen: ReadonlySet<string>, onHeard: () => void): BackupEntry {
  const { name, type, size: sizeBytes } = entry.header;
  const place = placeOf(name);
  if ((seen.size === 0) !== (place.kind === 'head'))
    throw invalidBackup('it does not begin as a backup does');
  if (type !== 'file') throw invalidBackup(`"${name}" is no plain file`);
  if (seen.has(name)) throw invalidBackup(`it has "${name}" twice`);
  if (sizeBytes > maximumBytes[place.kind]) throw invalidBackup(`"${name}" is larger than a backup has it`);
  return { name, place, sizeBytes, content: contentIn(entry, onHeard) };
}

/** Whoever reads an entry gets its errors, and not {@link readEntries}. */
async function* contentIn(entry: TarEntry, onHeard: () => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of entry) {
      onHeard();
      yield piece;
    }
  } catch (error) {
    throw readFailure(error, true);
  }
}

/** What the reader of tar files throws has no type: it is of a file that is cut or changed, or none at all. */
function readFailure(error: unknown, hasBegun: boolean): unknown {
  const isOurs = error instanceof Failure || !(error instanceof Error);
  if (isOurs || 'syscall' in error) return error;
  return hasBegun ? damagedBackup(error.message, error) : invalidBackup('it is no tar file', error);
}

/** @param sizeBytes what it has at most, as it was checked before */
export async function contentOf({ content }: BackupEntry): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

/**
 * Reads the whole file and checks the digest of each entry.
 * @param key that it must be of; where it is undefined the manifest's code is not checked
 * @param onProgress told how many bytes of how many are read
 * @throws Failure BACKUP_INVALID, BACKUP_DAMAGED, BACKUP_KEY_MISMATCH; what the file system throws
 */
export async function checkBackup(
  file: string,
  key: BackupKey | undefined,
  onProgress: (doneBytes: number, totalBytes: number) => void = () => undefined,
): Promise<BackupManifest> {
  const about = await stat(file);
  if (!about.isFile()) throw invalidBackup(`${file} is no plain file, and a backup is read twice`);
  const totalBytes = about.size;
  const found = new Map<string, string>();
  let manifest: Buffer | undefined;
  let seal: Buffer | undefined;
  let doneBytes = 0;
  for await (const entry of readEntries(file)) {
    if (seal !== undefined) throw invalidBackup('it goes on after its end');
    const { kind } = entry.place;
    if (manifest !== undefined && kind !== 'seal') throw invalidBackup('it goes on after its manifest');
    if (kind === 'manifest') manifest = await contentOf(entry);
    else if (kind === 'seal') seal = await contentOf(entry);
    else found.set(entry.name, await digestOf(entry));
    doneBytes += entry.sizeBytes;
    onProgress(doneBytes, totalBytes);
  }
  if (manifest === undefined || seal === undefined)
    throw damagedBackup('it ends before its end, as one that was cut does');
  return requireWhole(found, manifest, seal, key);
}

async function digestOf(entry: BackupEntry): Promise<string> {
  const hash = createHash('sha256');
  if (entry.place.kind === 'head') {
    const head = await contentOf(entry);
    parseHead(head.toString('utf8'));
    hash.update(head);
  } else {
    for await (const piece of entry.content) hash.update(piece);
  }
  return hash.digest('hex');
}

function requireWhole(
  found: ReadonlyMap<string, string>,
  manifest: Buffer,
  seal: Buffer,
  key: BackupKey | undefined,
): BackupManifest {
  const { sha256, code } = parseSeal(seal.toString('utf8'));
  if (createHash('sha256').update(manifest).digest('hex') !== sha256)
    throw damagedBackup('its manifest was changed');
  const parsed = parseManifest(manifest.toString('utf8'));
  for (const { name, sha256: digest } of parsed.entries)
    if (found.get(name) !== digest) throw damagedBackup(`${name} was changed, or is missing`);
  const named = new Set(parsed.entries.map(({ name }) => name));
  const stranger = [...found.keys()].find((name) => !named.has(name));
  if (stranger !== undefined) throw invalidBackup(`${stranger} is not in its manifest`);
  if (key === undefined) return parsed;
  key.requireSame(parsed.keyFingerprint);
  if (!key.isCodeOf(manifest, code)) throw invalidBackup('its manifest was not written by who has the key');
  return parsed;
}
