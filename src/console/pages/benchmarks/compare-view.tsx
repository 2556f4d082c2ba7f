import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { detChart } from '../../../figures/charts/det-chart.js';
import { rocChart } from '../../../figures/charts/roc-chart.js';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { Chart } from '../../charts/chart.js';
import { Loading } from '../../components/loading.js';
import { PageFrame } from '../../components/page-frame.js';
import { Section } from '../../components/section.js';
import { BenchmarkService } from '../../generated/symface/v1/benchmark_service_pb.js';
import { ComparedFigures } from './compared-figures.js';
import { PairedTest } from './paired-test.js';
import { errorCurveOf, similaritiesOf, sliceChart } from './report-charts.js';
import { reportedRun, type ReportedRun, runNames } from './reported-run.js';

/** Several runs over each other, and the paired test of two. @param ids of the runs */
export function CompareView({ ids }: { readonly ids: readonly string[] }): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  const loaded = useLoaded(
    async (signal) => {
      const names = ids.map((id) => `benchmarkRuns/${id}`);
      const answers = await Promise.all(
        names.map(async (name) => benchmarks.getBenchmarkRun({ name }, { signal })),
      );
      return answers.flatMap(({ benchmarkRun }) => reportedRun(benchmarkRun) ?? []);
    },
    [benchmarks, ids.join()],
  );
  return (
    <PageFrame title="Comparison" lead={<a href={addressOf('benchmarks')}>All benchmarks</a>}>
      <Loading loaded={loaded}>{(runs) => <Comparison runs={runs} />}</Loading>
    </PageFrame>
  );
}

function Comparison({ runs }: { readonly runs: readonly ReportedRun[] }): JSX.Element {
  const names = runNames(runs.map(({ run }) => run));
  const charts = useMemo(() => {
    const named = runs.map(({ report }, index) => ({ name: names[index] ?? '', report }));
    const curves = named.map(errorCurveOf);
    const slices = sliceChart(named);
    return [
      rocChart(curves),
      detChart(curves),
      ...(slices === undefined ? [] : [slices]),
      ...named.map(similaritiesOf),
    ];
  }, [runs]);
  return (
    <>
      <Section title="Figures">
        <ComparedFigures runs={runs} names={names} />
      </Section>
      <PairedTest runs={runs} names={names} />
      <Section title="Over each other">
        <div class="charts">
          {charts.map((chart) => (
            <Chart key={chart.title} chart={chart} />
          ))}
        </div>
      </Section>
    </>
  );
}
