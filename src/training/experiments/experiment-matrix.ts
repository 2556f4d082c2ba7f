import { mergeSettings, type Settings } from './settings.js';

/** Something that an experiment varies, for example the face loss. */
export interface Axis {
  readonly name: string;
  readonly values: readonly AxisValue[];
}

export interface AxisValue {
  readonly name: string;
  /** How the configuration changes. */
  readonly settings: Settings;
}

/** One value of each axis. */
export interface Cell {
  /** The values' names, in the order of the axes. */
  readonly name: string;
  /** Names of the values by axis. */
  readonly values: Readonly<Record<string, string>>;
}

export interface ConfiguredCell extends Cell {
  readonly settings: Settings;
}

/** Stands in no value's name, so that names of cells are unique. */
const separator = '--';

/**
 * All combinations of the axes' values, the last axis varying fastest. Changes are applied in the order of the axes.
 * Without axes it is the base alone.
 */
export function cellsOf(base: Settings, axes: readonly Axis[]): readonly ConfiguredCell[] {
  let combinations: readonly { readonly names: readonly string[]; readonly settings: Settings }[] = [
    { names: [], settings: mergeSettings({}, base) },
  ];
  for (const { values } of axes) {
    combinations = combinations.flatMap(({ names, settings }) =>
      values.map((value) => ({
        names: [...names, value.name],
        settings: mergeSettings(settings, value.settings),
      })),
    );
  }
  return combinations.map(({ names, settings }) => ({
    name: names.length === 0 ? 'base' : names.join(separator),
    values: Object.fromEntries(axes.map(({ name }, index) => [name, names[index] ?? ''])),
    settings,
  }));
}

/** Two cells that differ in one axis. */
export interface CellPair<Of extends Cell> {
  readonly baseline: Of;
  readonly other: Of;
}

/** Pairs each cell with the one that has the baseline's value of an axis, and all its other values. */
export function pairsAlong<Of extends Cell>(
  cells: readonly Of[],
  axis: string,
  baseline: string,
): readonly CellPair<Of>[] {
  return cells
    .filter(({ values }) => values[axis] !== baseline)
    .flatMap((other) =>
      cells
        .filter(({ values }) => hasSame(values, { ...other.values, [axis]: baseline }))
        .map((cell) => ({ baseline: cell, other })),
    );
}

function hasSame(values: Cell['values'], others: Cell['values']): boolean {
  return Object.entries(values).every(([axis, value]) => others[axis] === value);
}
