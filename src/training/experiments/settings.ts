/** A value of a configuration, as YAML and JSON have it. */
export type Setting = null | boolean | number | string | Setting[] | Settings;

/** Settings by name; part of a configuration or a whole one. */
export interface Settings {
  readonly [name: string]: Setting;
}

/** Whether a value is settings by name, rather than one value or a list. */
export function isSettings(value: Setting | undefined): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A configuration with changes: settings are merged at any depth, lists and single values replace what was there, and
 * null removes it. Settings with another `name` are another thing: a loss has no use for the hyperparameters of the one
 * before.
 */
export function mergeSettings(base: Settings, changes: Settings): Settings {
  const merged = new Map(Object.entries(base));
  for (const [name, change] of Object.entries(changes)) {
    const before = merged.get(name);
    if (change === null) merged.delete(name);
    else if (!isSettings(change)) merged.set(name, change);
    else
      merged.set(name, mergeSettings(isSettings(before) && !isRenamed(before, change) ? before : {}, change));
  }
  return Object.fromEntries(merged);
}

function isRenamed(before: Settings, change: Settings): boolean {
  return change['name'] !== undefined && before['name'] !== undefined && change['name'] !== before['name'];
}

/** `data.path` and a value as settings: `{ data: { path: value } }`. */
export function settingAt(path: readonly string[], value: Setting): Settings {
  const [first = '', ...rest] = path;
  return { [first]: rest.length === 0 ? value : settingAt(rest, value) };
}
