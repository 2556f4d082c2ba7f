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
import { idIn } from '../../format/names.js';
import { BenchmarkService } from '../../generated/symface/v1/benchmark_service_pb.js';
import { errorCurveOf, similaritiesOf, sliceChart } from './report-charts.js';
import { reportedRun, type ReportedRun } from './reported-run.js';
import { RunFacts } from './run-facts.js';
import { RateTable } from './rate-table.js';
import { WorstPairsSection } from './worst-pairs.js';

/** One run: its figures, its curves, where its errors come from. */
export function RunView({ id }: { readonly id: string }): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  const name = `benchmarkRuns/${id}`;
  const loaded = useLoaded(
    async (signal) => {
      const { benchmarkRun } = await benchmarks.getBenchmarkRun({ name }, { signal });
      return { reported: reportedRun(benchmarkRun) };
    },
    [benchmarks, name],
  );
  const run = loaded.value?.reported?.run;
  return (
    <PageFrame
      title={run === undefined ? 'Benchmark' : `${idIn(run.dataset)}, ${idIn(run.modelVersion)}`}
      lead={<a href={addressOf('benchmarks')}>All benchmarks</a>}
    >
      <Loading loaded={loaded}>
        {({ reported }) =>
          reported === undefined ? <p>This run has no report.</p> : <Report reported={reported} />
        }
      </Loading>
    </PageFrame>
  );
}

function Report({ reported }: { readonly reported: ReportedRun }): JSX.Element {
  const { run, report } = reported;
  const charts = useMemo(() => {
    const named = { name: idIn(run.modelVersion), report };
    const slices = sliceChart([named]);
    const curves = [errorCurveOf(named)];
    return [
      rocChart(curves),
      detChart(curves),
      similaritiesOf(named),
      ...(slices === undefined ? [] : [slices]),
    ];
  }, [run, report]);
  return (
    <>
      <RunFacts reported={reported} />
      <Section title="Curves, similarities and slices">
        <div class="charts">
          {charts.map((chart) => (
            <Chart key={chart.title} chart={chart} />
          ))}
        </div>
      </Section>
      <Section title="True accept rates">
        <RateTable rates={report.trueAcceptRates} />
      </Section>
      <WorstPairsSection benchmarkRun={run.name} />
    </>
  );
}
