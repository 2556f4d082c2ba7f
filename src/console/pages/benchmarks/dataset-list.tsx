import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { type Column, ListTable } from '../../components/list-table.js';
import { Loading } from '../../components/loading.js';
import { Pager, usePaging } from '../../components/pager.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import type { Dataset } from '../../generated/symface/v1/benchmark_pb.js';
import { BenchmarkService } from '../../generated/symface/v1/benchmark_service_pb.js';
import { ImageKind } from '../../generated/symface/v1/image_pb.js';
import { formatName } from './dataset-words.js';
import { RegisterDataset } from './register-dataset.js';
import { StartRun } from './start-run.js';

const pageSize = 20;

/** The data sets that are registered, a way to run the protocol of each, and to register another. */
export function DatasetList(): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  const paging = usePaging();
  const { token: pageToken } = paging;
  const loaded = useLoaded(
    async (signal) => benchmarks.listDatasets({ pageSize, pageToken }, { signal }),
    [benchmarks, pageToken],
  );
  return (
    <>
      <Loading loaded={loaded}>
        {({ datasets }) => (datasets.length === 0 ? null : <StartRun datasets={datasets} />)}
      </Loading>
      <Section title="Data sets">
        {loaded.value !== undefined && (
          <>
            <DatasetTable datasets={loaded.value.datasets} />
            <Pager paging={paging} nextToken={loaded.value.nextPageToken} label="data sets" />
            <RegisterDataset
              onRegistered={loaded.reload}
              isOpenAtFirst={loaded.value.datasets.length === 0}
            />
          </>
        )}
      </Section>
    </>
  );
}

function DatasetTable({ datasets }: { readonly datasets: readonly Dataset[] }): JSX.Element {
  if (datasets.length === 0) {
    return (
      <p>
        None is registered yet. A data set is registered by its path on the server: a folder with one folder
        of photographs a person will do. <code>symface benchmark register</code> does the same.
      </p>
    );
  }
  return <ListTable label="Data sets" columns={columns} rows={datasets} keyOf={({ name }) => name} />;
}

const columns: readonly Column<Dataset>[] = [
  { heading: 'Data set', kind: 'name', cell: ({ name }) => idIn(name) },
  { heading: 'Format', cell: ({ format }) => formatName(format) },
  {
    heading: 'Images are',
    cell: ({ imageKind }) => (imageKind === ImageKind.ALIGNED_CROP ? 'aligned crops' : 'photographs'),
  },
  { heading: 'Pairs', kind: 'number', cell: ({ pairCount }) => pairCount.toLocaleString() },
  { heading: 'Images', kind: 'number', cell: ({ imageCount }) => imageCount.toLocaleString() },
  { heading: 'Registered', cell: ({ createTime }) => <Time value={createTime} /> },
];
