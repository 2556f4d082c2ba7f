import { readFile } from 'node:fs/promises';

import { parse, stringify, YAMLParseError } from 'yaml';
import { z } from 'zod';

import { Failure } from '../../core/failure.js';
import type { LocatedConfiguration, TrainingConfiguration } from '../configuration/training-configuration.js';

type ChosenIdentities = Pick<TrainingConfiguration['data']['identities'], 'include' | 'exclude'>;

const identityList = z.array(z.string().min(1));

/** An identity in a list, and what is remarked of it for people. */
export interface ListedIdentity {
  readonly identity: string;
  readonly remark: string;
}

/**
 * A list of identities as YAML that {@link withListedIdentities} reads; names of digits stay texts.
 * @param heading lines of a comment
 */
export function identityListText(identities: readonly ListedIdentity[], heading: readonly string[]): string {
  const comment = heading.map((line) => `# ${line}\n`).join('');
  if (identities.length === 0) return `${comment}[]\n`;
  const lines = identities.map(({ identity, remark }) => {
    const name = stringify(identity, { defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0 }).trimEnd();
    return `- ${name} # ${remark}\n`;
  });
  return comment + lines.join('');
}

/**
 * A configuration with the names of identities in the place of files of them, so that a run's digest is of what the files
 * hold.
 * @throws Failure INVALID_ARGUMENT naming the setting and the file that is no list of names
 */
export async function withListedIdentities<
  Located extends Pick<LocatedConfiguration, 'configuration' | 'pathOf'>,
>(located: Located): Promise<Located> {
  const { configuration, pathOf } = located;
  const { data } = configuration;
  const identities = await withLists('data.identities', data.identities, pathOf);
  const replayed = data.replay?.identities;
  const replay =
    replayed === undefined
      ? {}
      : {
          replay: { ...data.replay, identities: await withLists('data.replay.identities', replayed, pathOf) },
        };
  return {
    ...located,
    configuration: { ...configuration, data: { ...data, ...replay, identities } as typeof data },
  };
}

/** @param setting its name, for messages */
async function withLists<Chosen extends ChosenIdentities>(
  setting: string,
  { include, exclude, ...others }: Chosen,
  pathOf: (named: string) => string,
): Promise<Chosen> {
  const read = async (name: string, given: typeof include): Promise<readonly string[] | undefined> =>
    given === undefined || !('file' in given)
      ? given
      : readIdentityListFile(`${setting}.${name}`, given.file, pathOf);
  const lists = { include: await read('include', include), exclude: await read('exclude', exclude) };
  const stated = Object.entries(lists).filter(([, names]) => names !== undefined);
  return { ...Object.fromEntries(stated), ...others } as Chosen;
}

async function readIdentityListFile(
  setting: string,
  file: string,
  pathOf: (named: string) => string,
): Promise<readonly string[]> {
  const text = await readFile(pathOf(file), 'utf8').catch((cause: unknown) => {
    throw invalid(`${setting}: ${file} cannot be read`, cause);
  });
  const parsed = identityList.safeParse(yamlOf(text, setting, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : ` entry ${Number(issue.path[0]) + 1}:`;
  const advice = 'it must be a YAML list of names; put those of digits in quotes';
  throw invalid(`${setting}: ${file}:${place} ${issue?.message ?? ''}; ${advice}`, parsed.error);
}

function yamlOf(text: string, setting: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw invalid(`${setting}: ${file}: ${error.message.split('\n')[0] ?? ''}`, error);
  }
}

function invalid(message: string, cause: unknown): Failure {
  return new Failure('INVALID_ARGUMENT', message, {}, [], { cause });
}
