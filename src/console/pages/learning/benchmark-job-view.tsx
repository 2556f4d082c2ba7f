import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { DetailList } from '../../components/detail-list.js';
import { Section } from '../../components/section.js';
import { idIn } from '../../format/names.js';
import type { BenchmarkRun } from '../../generated/symface/v1/benchmark_pb.js';
import type { Job } from '../../generated/symface/v1/job_service_pb.js';
import { isOpen } from '../../format/job-words.js';

interface BenchmarkJobViewProps {
  readonly job: Job;
  readonly run: BenchmarkRun;
}

/** A benchmark that goes on or has ended. */
export function BenchmarkJobView({ job, run }: BenchmarkJobViewProps): JSX.Element {
  const { imageCount, imagesPerSecond } = run;
  return (
    <Section title="Benchmark">
      {run.name !== '' && (
        <p class="notice notice-good">
          It is done: <a href={addressOf('benchmarks', 'runs', idIn(run.name))}>the report</a>.
        </p>
      )}
      <DetailList
        details={[
          ['Data set', idIn(run.dataset)],
          ['Model', <a href={addressOf('models', idIn(run.modelVersion))}>{idIn(run.modelVersion)}</a>],
          ['Detector', idIn(run.detectorVersion)],
          ['Images', imageCount.toLocaleString()],
          isOpen(job) && imagesPerSecond > 0
            ? ['Speed', `${imagesPerSecond.toFixed(1)} images/s`]
            : undefined,
        ]}
      />
    </Section>
  );
}
