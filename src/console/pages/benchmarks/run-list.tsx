import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Loading } from '../../components/loading.js';
import { Pager, usePaging } from '../../components/pager.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import type { BenchmarkRun } from '../../generated/symface/v1/benchmark_pb.js';
import { BenchmarkService } from '../../generated/symface/v1/benchmark_service_pb.js';
import { RunningBenchmarks } from './running-benchmarks.js';

const pageSize = 20;
/** More curves over each other nobody tells apart. */
const mostCompared = 8;

/** The runs that are done, of which several are laid over each other, and those that go on. */
export function RunList(): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  const paging = usePaging();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { token: pageToken } = paging;
  const loaded = useLoaded(
    async (signal) => benchmarks.listBenchmarkRuns({ pageSize, pageToken }, { signal }),
    [benchmarks, pageToken],
  );
  const canCompare = chosen.length >= 2 && chosen.length <= mostCompared;
  return (
    <Section
      title="Runs"
      actions={
        <button
          type="button"
          class="button"
          disabled={!canCompare}
          onClick={() => {
            window.location.hash = addressOf('benchmarks', 'compare', ...chosen.map(idIn));
          }}
        >
          Compare {chosen.length < 2 ? '(choose two or more)' : chosen.length}
        </button>
      }
    >
      <RunningBenchmarks onEnded={loaded.reload} />
      <Loading loaded={loaded}>
        {({ benchmarkRuns, nextPageToken }) => (
          <>
            <RunTable runs={benchmarkRuns} chosen={chosen} onChosen={setChosen} />
            <Pager paging={paging} nextToken={nextPageToken} label="runs" />
          </>
        )}
      </Loading>
    </Section>
  );
}

interface RunTableProps {
  readonly runs: readonly BenchmarkRun[];
  readonly chosen: readonly string[];
  readonly onChosen: (names: readonly string[]) => void;
}

function RunTable({ runs, chosen, onChosen }: RunTableProps): JSX.Element {
  if (runs.length === 0) {
    return (
      <p>
        None is done yet. Register a data set below and run its protocol; <code>symface benchmark run</code>{' '}
        does the same on the command line.
      </p>
    );
  }
  return (
    <ListTable
      label="Benchmark runs"
      columns={[choiceColumn(chosen, onChosen), ...columns]}
      rows={runs}
      keyOf={({ name }) => name}
    />
  );
}

function choiceColumn(
  chosen: readonly string[],
  onChosen: (names: readonly string[]) => void,
): Column<BenchmarkRun> {
  return {
    heading: 'Compare',
    cell: ({ name, dataset, modelVersion }) => (
      <input
        type="checkbox"
        aria-label={`Compare ${idIn(modelVersion)} on ${idIn(dataset)}`}
        checked={chosen.includes(name)}
        onChange={(event) => {
          const others = chosen.filter((other) => other !== name);
          onChosen(event.currentTarget.checked ? [...others, name] : others);
        }}
      />
    ),
  };
}

const columns: readonly Column<BenchmarkRun>[] = [
  {
    heading: 'Data set',
    cell: ({ name, dataset }) => <a href={addressOf('benchmarks', 'runs', idIn(name))}>{idIn(dataset)}</a>,
  },
  { heading: 'Model', cell: ({ modelVersion }) => idIn(modelVersion) },
  {
    heading: 'Measured',
    cell: ({ createTime, codeVersion }) => (
      <>
        <Time value={createTime} />
        <div class="muted">by {codeVersion}</div>
      </>
    ),
  },
];
