import type { GraphNode } from '../../onnx/graph.js';
import { CompileError } from '../errors.js';

/** The node at which a graph is cut: what goes in is of this process, what comes out is there once all have exchanged it. */
export const EXCHANGE = { operator: 'AcrossProcesses', domain: 'symface' } as const;

/** A value of this process, and that which comes of it and those of the others. */
export interface Exchange {
  readonly sent: string;
  readonly received: string;
}

export function isExchange({ operator, domain }: GraphNode): boolean {
  return operator === EXCHANGE.operator && domain === EXCHANGE.domain;
}

/** @throws CompileError where a node is no exchange */
export function exchangeOf({ inputs: [sent], outputs: [received] }: GraphNode): Exchange {
  if (sent === undefined || received === undefined) throw new CompileError('an exchange has one value');
  return { sent, received };
}
