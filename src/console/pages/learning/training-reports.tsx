import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { saveFile } from '../../components/save-file.js';
import { Section } from '../../components/section.js';
import { idIn } from '../../format/names.js';
import type { Job } from '../../generated/symface/v1/job_service_pb.js';
import { TrainingReportFormat, TrainingService } from '../../generated/symface/v1/training_service_pb.js';

const files = {
  html: { format: TrainingReportFormat.HTML, type: 'text/html', label: 'Report (HTML)' },
  jsonl: { format: TrainingReportFormat.LOG, type: 'application/jsonl', label: 'Log (JSON lines)' },
} as const;

/** What a training left: its report as a page, and the figures behind it. */
export function TrainingReports({ job: { name } }: { readonly job: Job }): JSX.Element {
  const trainings = useClient(TrainingService);
  const save = useAction(async (signal, extension: keyof typeof files) => {
    const { format, type } = files[extension];
    const chunks: BlobPart[] = [];
    for await (const { chunk } of trainings.getTrainingReport({ name, format }, { signal })) {
      chunks.push(new Uint8Array(chunk));
    }
    saveFile(new Blob(chunks, { type }), `training-${idIn(name)}.${extension}`);
  });
  return (
    <Section title="Files" lead="Kept until the job is forgotten.">
      <FailureNotice failure={save.failure} />
      <div class="actions">
        {(Object.keys(files) as (keyof typeof files)[]).map((extension) => (
          <button
            key={extension}
            type="button"
            class="button"
            disabled={save.isRunning}
            onClick={() => {
              save.run(extension);
            }}
          >
            {files[extension].label}
          </button>
        ))}
      </div>
    </Section>
  );
}
