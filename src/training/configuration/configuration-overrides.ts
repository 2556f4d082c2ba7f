import { resolve } from 'node:path';

import { stringify } from 'yaml';
import { z } from 'zod';

import {
  isSettings,
  mergeSettings,
  type Setting,
  settingAt,
  type Settings,
} from '../experiments/settings.js';
import { invalidConfiguration, yamlValue } from './parsed-configuration.js';

/** Settings of a training configuration that name a file or folder; `*` is any element of a list. */
const pathSettings: ReadonlySet<string> = new Set([
  'data.path',
  'data.images',
  'data.tags',
  'data.replay.path',
  'data.replay.images',
  'data.replay.tags',
  'data.replay.identities.include.file',
  'data.replay.identities.exclude.file',
  'data.identities.include.file',
  'data.identities.exclude.file',
  'data.labels',
  'data.photographs.*.path',
  'backbone.weights',
  'backbone.weights.onnx',
  'backbone.onnx',
  'distillation.teacher.model',
  'evaluate.benchmarks.*.path',
  'evaluate.benchmarks.*.images',
  'evaluate.benchmarks.*.tags',
]);

const settingsSchema = z.record(z.string(), z.json());

/** Settings with absolute paths, so that they may stand in another file. @param pathOf of a path that they name */
export function withAbsolutePaths(settings: Settings, pathOf: (named: string) => string): Settings {
  return located(settings, [], pathOf) as Settings;
}

function located(value: Setting, place: readonly string[], pathOf: (named: string) => string): Setting {
  if (typeof value === 'string') {
    return value !== '' && pathSettings.has(place.join('.')) ? pathOf(value) : value;
  }
  if (Array.isArray(value)) return value.map((element) => located(element, [...place, '*'], pathOf));
  if (!isSettings(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, setting]) => [name, located(setting, [...place, name], pathOf)]),
  );
}

/**
 * YAML text as settings.
 * @throws Failure INVALID_ARGUMENT where it is something else
 */
export function settingsOf(text: string, file: string): Settings {
  const parsed = settingsSchema.safeParse(yamlValue(text, file));
  if (parsed.success) return parsed.data;
  throw invalidConfiguration(`${file}: must be settings by name`);
}

/**
 * What `--set` options change: paths in them are relative to the working folder, null removes a setting.
 * @param overrides `symmetry.tau=0.3`, `evaluate.benchmarks=[]`: a path of names and a YAML value
 * @throws Failure INVALID_ARGUMENT quoting the option that is wrong
 */
export function overridesOf(overrides: readonly string[]): Settings {
  return overrides.reduce<Settings>((settings, override) => {
    const [, path, text] = /^([A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*)=(.*)$/su.exec(override) ?? [];
    if (path === undefined || text === undefined) {
      throw invalidConfiguration(
        `--set ${override}: give a setting and a value, for example --set data.path=/data/faces`,
      );
    }
    const value = z.json().parse(yamlValue(text, `--set ${override}`));
    const setting = settingAt(path.split('.'), value);
    return mergeLeavingNulls(
      settings,
      withAbsolutePaths(setting, (named) => resolve(named)),
    );
  }, {});
}

/** A configuration's text with overrides; the same text where there is none. */
export function overridden(text: string, overrides: readonly string[], file: string): string {
  if (overrides.length === 0) return text;
  return stringify(mergeSettings(settingsOf(text, file), overridesOf(overrides)));
}

/** null removes a setting of what these will be merged into, not one of theirs. */
function mergeLeavingNulls(settings: Settings, changes: Settings): Settings {
  const merged = new Map(Object.entries(settings));
  for (const [name, change] of Object.entries(changes)) {
    const before = merged.get(name);
    merged.set(name, isSettings(before) && isSettings(change) ? mergeLeavingNulls(before, change) : change);
  }
  return Object.fromEntries(merged);
}
