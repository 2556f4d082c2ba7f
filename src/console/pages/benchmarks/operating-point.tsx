import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { Loading } from '../../components/loading.js';
import { OperatingPointFacts } from '../../components/operating-point-facts.js';
import { Section } from '../../components/section.js';
import { BenchmarkService } from '../../generated/symface/v1/benchmark_service_pb.js';

/** The false match rate in force, and what it means for the backbone that serves. */
export function OperatingPointSection(): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  const loaded = useLoaded(async (signal) => benchmarks.getOperatingPoint({}, { signal }), [benchmarks]);
  return (
    <Section title="Operating point">
      <Loading loaded={loaded}>
        {({ operatingPoint }) =>
          operatingPoint !== undefined && <OperatingPointFacts point={operatingPoint} />
        }
      </Loading>
    </Section>
  );
}
