import type { JSX } from 'preact';
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
      <LatencyTable methods={status.methods} />
      <h3>Why calls failed</h3>
      {status.failures.length === 0 ? <p>None has failed.</p> : <FailureTable failures={status.failures} />}
    </Section>
  );
}

function LatencyTable({ methods }: { readonly methods: readonly MethodStatus[] }): JSX.Element {
  return (
    <div class="table-scroll operations-numbers" tabIndex={0} role="region" aria-label="Latency by method">
      <table>
        <caption class="for-screen-readers">Latency by method</caption>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <NumberHeading name="Calls" />
            <NumberHeading name="Failed" />
            <NumberHeading name="p50" />
            <NumberHeading name="p95" />
            <NumberHeading name="p99" />
          </tr>
        </thead>
        <tbody>
          {methods.map(({ method, callCount, failedCallCount, p50Ms, p95Ms, p99Ms }) => (
            <tr key={method}>
              <th scope="row">{shortMethod(method)}</th>
              <td class="number">{callCount.toLocaleString()}</td>
              <td class="number">{failedCallCount.toLocaleString()}</td>
              <td class="number">{latencyText(p50Ms)}</td>
              <td class="number">{latencyText(p95Ms)}</td>
              <td class="number">{latencyText(p99Ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NumberHeading({ name }: { readonly name: string }): JSX.Element {
  return (
    <th scope="col" class="number">
      {name}
    </th>
  );
}

function FailureTable({ failures }: { readonly failures: readonly CallFailureCount[] }): JSX.Element {
  return (
    <div class="table-scroll operations-numbers" tabIndex={0} role="region" aria-label="Failures by reason">
      <table>
        <caption class="for-screen-readers">Failures by reason</caption>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col">Reason</th>
            <NumberHeading name="Calls" />
          </tr>
        </thead>
        <tbody>
          {failures.map(({ method, reason, callCount }) => (
            <tr key={`${method} ${reason}`}>
              <th scope="row">{shortMethod(method)}</th>
              <td>
                <code>{reason}</code>
              </td>
              <td class="number">{callCount.toLocaleString()}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** "/symface.v1.ModelService/GetModelVersion" is ModelService/GetModelVersion. */
function shortMethod(method: string): string {
  return method.replace(/^\/(?:symface\.v1\.)?/u, '');
}

/** The last bucket that is counted ends at ten seconds. */
function latencyText(milliseconds: number): string {
  if (milliseconds >= 10_000) return '10 s or more';
  return `${milliseconds.toLocaleString(undefined, { maximumFractionDigits: milliseconds < 10 ? 1 : 0 })} ms`;
}
