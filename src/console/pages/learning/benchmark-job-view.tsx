import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { DetailList } from '../../components/detail-list.js';
import { Progress } from '../../components/progress.js';
import { Section } from '../../components/section.js';
import { durationText } from '../../format/durations.js';
import { idIn } from '../../format/names.js';
import type { BenchmarkRun } from '../../generated/symface/v1/benchmark_pb.js';
import type { Job } from '../../generated/symface/v1/job_service_pb.js';
import { isOpen } from './job-words.js';

interface BenchmarkJobViewProps {
  readonly job: Job;
  readonly run: BenchmarkRun;
}

/** A benchmark that goes on or has ended. */
export function BenchmarkJobView({ job, run }: BenchmarkJobViewProps): JSX.Element {
  const { finishedImageCount, imageCount, imagesPerSecond, remainingSeconds } = run;
  return (
    <Section title="Benchmark">
      {isOpen(job) && (
        <>
          <Progress label="Images measured" done={finishedImageCount} total={imageCount} unit="images" />
          <p class="muted" role="status">
            {imagesPerSecond > 0 && `${imagesPerSecond.toFixed(1)} images/s`}
            {remainingSeconds !== undefined && `, about ${durationText(1000 * remainingSeconds)} left`}
          </p>
        </>
      )}
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
        ]}
      />
    </Section>
  );
}
