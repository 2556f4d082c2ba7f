/** Which photographs the benchmark is made of, and the sets that `symface dataset degrade` makes of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shiftNames } from '../../dist/datasets/degradation/shift-names.js';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Photographs as they are: nothing is to be gained, and nothing may be lost. */
export const unshifted = 'none';
export const allShifts = [unshifted, ...shiftNames];
/** Where nothing is gained there is no candidate to assess, to activate and to measure: they take least time. */
export const unlikelyToGain = new Set([unshifted, 'profiles']);

/** Of CFP so many identities may be enrolled; the others are never trained on (../shared/DATA.md). */
const cfpTrainingIdentities = 200;
/** As many as CFP has from the side, so that thresholds can be found by those who are held out: these need 30,000 pairs of strangers. */
const profileFrontalCount = 4;

/** The built command, whose output belongs to the benchmark's errors. @throws Error where it fails */
export async function symface(...args) {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 2, 2] });
  const [exitCode] = await once(child, 'close');
  if (exitCode !== 0) throw new Error(`symface ${args.slice(0, 3).join(' ')} ended with ${exitCode}`);
}

/** Where sets are kept while the benchmark runs, and how many photographs they have. */
export class Sets {
  prepared;

  /** @param options `{ celebrities, profiles }` folders, facesPerSubject, folder for sets, tagFolder, subjects, unseen */
  constructor(options) {
    this.options = options;
  }

  /** The set of a shift. @returns `{ enrolled, unseen }`: [{ identity, name, path }] each */
  async photographsOf(shift) {
    const folder = await this.folderOf(shift);
    const { subjects, unseen } = this.options;
    const images = await imagesIn(folder);
    const identities = [...new Set(images.map(({ identity }) => identity))].sort();
    const split =
      shift === 'profiles' ? identities.filter((name) => Number(name) <= cfpTrainingIdentities) : identities;
    const chosen = new Set(split.slice(0, subjects));
    // Nobody is both, and the same persons are unseen however few are enrolled.
    const others = new Set(identities.slice(-unseen).filter((identity) => !chosen.has(identity)));
    return {
      enrolled: images.filter(({ identity }) => chosen.has(identity)),
      unseen: images.filter(({ identity }) => others.has(identity)),
    };
  }

  async folderOf(shift) {
    const { folder, profiles } = this.options;
    const output = join(folder, shift);
    if (shift === 'profiles') {
      const frontal = String(profileFrontalCount);
      await symface(
        'dataset',
        'degrade',
        profiles,
        '--shift',
        shift,
        '--frontal',
        frontal,
        '--output',
        output,
      );
      return output;
    }
    const { source, tags } = await this.source();
    if (shift === unshifted) return source;
    await symface('dataset', 'degrade', source, '--shift', shift, '--tags', tags, '--output', output);
    return output;
  }

  /** The photographs that are degraded, and where their faces are: looked for once for all shifts. */
  async source() {
    this.prepared ??= this.prepareSource();
    return this.prepared;
  }

  async prepareSource() {
    const { celebrities, facesPerSubject, folder, tagFolder } = this.options;
    const source = join(folder, 'faces');
    for (const identity of (await readdir(celebrities)).sort()) {
      const names = (await readdir(join(celebrities, identity))).sort().slice(0, facesPerSubject);
      await mkdir(join(source, identity), { recursive: true });
      for (const name of names)
        await copyFile(join(celebrities, identity, name), join(source, identity, name));
    }
    const tags = join(tagFolder, 'faces.jsonl');
    await symface('dataset', 'tag', source, '--format', 'identities', '--local', '--output', tags);
    return { source, tags };
  }
}

/** Photographs of identities, in the order of their names. */
async function imagesIn(folder) {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() && /\.(?:jpe?g|png)$/iu.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => {
      const name = relative(folder, path);
      return { identity: name.split('/')[0], name, path };
    });
}

/** Photographs of one identity after the other, with their bytes. */
export async function bySubject(photographs) {
  const subjects = new Map();
  for (const { identity, path } of photographs) {
    const images = subjects.get(identity) ?? [];
    images.push({ content: await readFile(path) });
    subjects.set(identity, images);
  }
  return [...subjects];
}
