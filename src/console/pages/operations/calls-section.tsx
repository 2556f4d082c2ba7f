import type { JSX } from 'preact';
import { type Column, ListTable } from '../../components/list-table.js';
import { Section } from '../../components/section.js';
import type {
  CallFailureCount,
  GetServiceStatusResponse,
  MethodStatus,
} from '../../generated/symface/v1/operations_service_pb.js';

/** What calls took, and why they failed. */
export function CallsSection({ status }: { readonly status: GetServiceStatusResponse }): JSX.Element {
  return (
    <Section
      title="Calls"
      lead="Streams count from their beginning to their end. Percentiles are interpolated in the buckets that /metrics has."
    >
      <ListTable
        label="Latency by method"
        columns={latencyColumns}
        rows={status.methods}
        keyOf={({ method }) => method}
      />
      <h3>Why calls failed</h3>
      {status.failures.length === 0 ? (
        <p>None has failed.</p>
      ) : (
        <ListTable
          label="Failures by reason"
          columns={failureColumns}
          rows={status.failures}
          keyOf={({ method, reason }) => `${method} ${reason}`}
        />
      )}
    </Section>
  );
}

const latencyColumns: readonly Column<MethodStatus>[] = [
  { heading: 'Method', kind: 'name', cell: methodName },
  { heading: 'Calls', kind: 'number', cell: ({ callCount }) => callCount.toLocaleString() },
  { heading: 'Failed', kind: 'number', cell: ({ failedCallCount }) => failedCallCount.toLocaleString() },
  { heading: 'p50', kind: 'number', cell: ({ p50Ms }) => latencyText(p50Ms) },
  { heading: 'p95', kind: 'number', cell: ({ p95Ms }) => latencyText(p95Ms) },
  { heading: 'p99', kind: 'number', cell: ({ p99Ms }) => latencyText(p99Ms) },
];

const failureColumns: readonly Column<CallFailureCount>[] = [
  { heading: 'Method', kind: 'name', cell: methodName },
  { heading: 'Reason', cell: ({ reason }) => <code>{reason}</code> },
  { heading: 'Calls', kind: 'number', cell: ({ callCount }) => callCount.toLocaleString() },
];

/** "/symface.v1.ModelService/GetModelVersion" is ModelService/GetModelVersion, broken behind the stroke if anywhere. */
function methodName({ method }: { readonly method: string }): JSX.Element {
  const [service, name] = method.replace(/^\/(?:symface\.v1\.)?/u, '').split('/');
  return (
    <>
      {service}/<wbr />
      {name}
    </>
  );
}

/** The last bucket that is counted ends at ten seconds. */
function latencyText(milliseconds: number): string {
  if (milliseconds >= 10_000) return '10 s or more';
  return `${milliseconds.toLocaleString(undefined, { maximumFractionDigits: milliseconds < 10 ? 1 : 0 })} ms`;
}
