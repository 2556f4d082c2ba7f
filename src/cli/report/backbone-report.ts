import { tableLines } from './table.js';

/** What the report says of a backbone. */
export interface ReportedBackbone {
  readonly name: string;
  readonly input: { readonly height: number; readonly width: number };
  readonly embeddingSize: number;
  readonly parameterCount: number;
  readonly multiplyAdds: number;
  readonly source: string;
}

export function backboneLines(backbones: readonly ReportedBackbone[]): readonly string[] {
  const headings = ['NAME', 'INPUT', 'EMBEDDING', 'PARAMETERS', 'MULTIPLY-ADDS', 'SOURCE'];
  const rows = backbones.map((backbone) => [
    backbone.name,
    `${backbone.input.height}x${backbone.input.width}`,
    String(backbone.embeddingSize),
    `${inMillions(backbone.parameterCount)} M`,
    `${inMillions(backbone.multiplyAdds)} M`,
    backbone.source,
  ]);
  return tableLines(headings, rows);
}

/** `Conv 51, Clip 32` */
export function operatorLine(operators: Readonly<Record<string, number>>): string {
  const counts = Object.entries(operators).map(([operator, count]) => `${operator} ${count}`);
  return `Operators: ${counts.join(', ')}`;
}

function inMillions(count: number): string {
  return (count / 1e6).toFixed(count < 1e8 ? 2 : 0);
}
