import { access } from 'node:fs/promises';
import { Failure } from '../../core/failure.js';
import { filesBeside } from '../../datasets/identities/identity-formats.js';
import type { LocatedConfiguration } from './training-configuration.js';

type Located = Pick<LocatedConfiguration, 'configuration' | 'pathOf'>;

/** A file or folder that a training reads, and what names it. */
interface DataPlace {
  readonly path: string;
  readonly namedBy: string;
  /** The setting of its data set's path. */
  readonly pathSetting: string;
}

/**
 * Looks whether the data of a training is where its configuration says, before anything is made ready: recipes name places beside
 * themselves, where nothing is yet.
 * @param evaluates whether this process, one of several perhaps, measures on the benchmarks
 * @throws Failure DATASET_INVALID saying what was looked for in vain, and where
 */
export async function requireData(located: Located, evaluates: boolean): Promise<void> {
  const looked = placesOf(located, evaluates).map(async ({ path, namedBy, pathSetting }) => {
    const hindrance = await hindranceAt(path);
    return hindrance === undefined ? [] : [{ text: `${path} (${namedBy}; ${hindrance})`, pathSetting }];
  });
  const missing = (await Promise.all(looked)).flat();
  if (missing.length === 0) return;
  const [{ pathSetting } = { pathSetting: 'data.path' }] = missing;
  const hasBenchmarks = located.configuration.evaluate.benchmarks.length > 0;
  throw new Failure(
    'DATASET_INVALID',
    `There is no data at ${missing.map(({ text }) => text).join(', nor at ')}. Say where it is: --set ${pathSetting}=PATH, or in the configuration. ` +
      (hasBenchmarks ? 'Benchmarks that you lack are left out by --set "evaluate.benchmarks=[]". ' : '') +
      'docs/training-data.md says what data of each format consists of.',
  );
}

function placesOf({ configuration: { data, evaluate }, pathOf }: Located, evaluates: boolean): DataPlace[] {
  const settings = { data, ...(data.replay && { 'data.replay': data.replay }) };
  const ofFaces = Object.entries(settings).flatMap(([setting, given]) => [
    ...namedIn(setting, given, pathOf),
    ...filesBeside(given.format, pathOf(given.path)).map((path) => ({
      path,
      namedBy: 'beside that',
      pathSetting: `${setting}.path`,
    })),
  ]);
  const benchmarks = evaluates ? evaluate.benchmarks : [];
  return [...ofFaces, ...benchmarks.flatMap((given) => namedIn(`benchmark ${given.name}`, given, pathOf))];
}

function namedIn(
  whose: string,
  { path, images = '', tags = '' }: { path: string; images?: string | undefined; tags?: string | undefined },
  pathOf: Located['pathOf'],
): DataPlace[] {
  return Object.entries({ path, images, tags })
    .filter(([, named]) => named !== '')
    .map(([setting, named]) => ({
      path: pathOf(named),
      namedBy: `${whose}.${setting}`,
      pathSetting: whose.startsWith('data') ? `${whose}.path` : 'data.path',
    }));
}

async function hindranceAt(path: string): Promise<string | undefined> {
  return access(path).then(
    () => undefined,
    (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)),
  );
}
