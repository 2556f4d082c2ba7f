import { counted } from '../../../core/counted.js';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { addressOf } from '../../app/route.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { ModelChoice } from '../../components/model-choice.js';
import { SelectField } from '../../components/select-field.js';
import { Section } from '../../components/section.js';
import { idIn } from '../../format/names.js';
import { type Dataset, FacelessPolicy } from '../../generated/symface/v1/benchmark_pb.js';
import { BenchmarkService } from '../../generated/symface/v1/benchmark_service_pb.js';

const policies = [
  [FacelessPolicy.DIFFERENT, 'count as “different”, right or wrong'],
  [FacelessPolicy.EXCLUDED, 'are left out'],
] as const;

/** Runs the protocol of a data set on a model. */
export function StartRun({ datasets }: { readonly datasets: readonly Dataset[] }): JSX.Element {
  const benchmarks = useClient(BenchmarkService);
  const [chosen, setChosen] = useState('');
  const [modelVersion, setModel] = useState('');
  const [facelessPolicy, setPolicy] = useState<FacelessPolicy>(FacelessPolicy.DIFFERENT);
  const dataset = chosen === '' ? (datasets[0]?.name ?? '') : chosen;
  const start = useAction(async (signal) => {
    const { job } = await benchmarks.createBenchmarkRun(
      { dataset, modelVersion, facelessPolicy },
      { signal },
    );
    window.location.hash = addressOf('learning', 'jobs', idIn(job?.name ?? ''));
  });
  return (
    <Section title="Run a protocol" lead="On the inference workers, which answer calls first.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          start.run();
        }}
      >
        <div class="fields">
          <SelectField
            label="Data set"
            options={datasets.map(({ name, imageCount }) => [
              name,
              `${idIn(name)} (${counted(imageCount, 'image')})`,
            ])}
            value={dataset}
            onChange={setChosen}
          />
          <ModelChoice hint="The backbone that is measured" value={modelVersion} onChange={setModel} />
          <SelectField
            label="Pairs without a face"
            hint="An image in which no face was found"
            options={policies}
            value={facelessPolicy}
            onChange={setPolicy}
          />
        </div>
        <FailureNotice failure={start.failure} />
        <button type="submit" class="button button-main" disabled={start.isRunning}>
          {start.isRunning ? 'Asking for it …' : 'Run'}
        </button>
      </form>
    </Section>
  );
}
