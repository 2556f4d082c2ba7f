import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import type { KnownModel } from './known-model.js';
import { type PlacedVersion, placeLineage } from './lineage.js';
import { standingWords } from './standing-tag.js';

const node = { width: 236, height: 58, columnGap: 48, rowGap: 14, margin: 4 };
const shownCharacters = 28;

interface LineageGraphProps {
  readonly models: readonly KnownModel[];
  readonly selected: string | undefined;
}

/** Descent as a drawing, parents at the left. Each version is a link: Tab goes from one to the next in order of creation. */
export function LineageGraph({ models, selected }: LineageGraphProps): JSX.Element {
  const placed = placeLineage(
    models.map(({ id, manifest }) => ({ id, parent: manifest.lineage?.parent })),
  );
  const columns = Math.max(...placed.map(({ column }) => column)) + 1;
  const rows = Math.max(...placed.map(({ row }) => row)) + 1;
  const width = columns * (node.width + node.columnGap) - node.columnGap + 2 * node.margin;
  const height = rows * (node.height + node.rowGap) - node.rowGap + 2 * node.margin;
  return (
    <div class="lineage-graph">
      <svg
        role="group"
        aria-label="Descent of the model versions"
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
      >
        {placed.map((version) =>
          version.parent === undefined ? null : (
            <path key={version.id} class="lineage-edge" d={edge(version.parent, version)} />
          ),
        )}
        {placed.map((version) => {
          const model = models.find(({ id }) => id === version.id);
          return (
            model !== undefined && (
              <LineageNode
                key={version.id}
                model={model}
                x={left(version)}
                y={top(version)}
                isSelected={version.id === selected}
              />
            )
          );
        })}
      </svg>
    </div>
  );
}

interface LineageNodeProps {
  readonly model: KnownModel;
  readonly x: number;
  readonly y: number;
  readonly isSelected: boolean;
}

function LineageNode({ model, x, y, isSelected }: LineageNodeProps): JSX.Element {
  const { id, standing, version } = model;
  return (
    <a
      href={addressOf('models', id)}
      class={`lineage-node lineage-${standing}`}
      {...(isSelected ? { 'aria-current': 'true' as const } : {})}
    >
      <rect x={x} y={y} width={node.width} height={node.height} rx="8" />
      <text x={x + 12} y={y + 24} class="lineage-name">
        {shortened(version.displayName)}
      </text>
      <text x={x + 12} y={y + 44} class="lineage-state">
        {`${id.slice(-12)} · ${standingWords[standing]}`}
      </text>
    </a>
  );
}

function shortened(name: string): string {
  return name.length <= shownCharacters ? name : `${name.slice(0, shownCharacters - 1)}…`;
}

function left({ column }: PlacedVersion): number {
  return node.margin + column * (node.width + node.columnGap);
}

function top({ row }: PlacedVersion): number {
  return node.margin + row * (node.height + node.rowGap);
}

function edge(parent: PlacedVersion, child: PlacedVersion): string {
  const from = { x: left(parent) + node.width, y: top(parent) + node.height / 2 };
  const to = { x: left(child), y: top(child) + node.height / 2 };
  const middle = (from.x + to.x) / 2;
  return `M ${from.x} ${from.y} C ${middle} ${from.y}, ${middle} ${to.y}, ${to.x} ${to.y}`;
}
