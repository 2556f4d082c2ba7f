import type { JSX } from 'preact';
import type { PageProps } from '../../app/page-props.js';
import { addressOf } from '../../app/route.js';
import { PageFrame } from '../../components/page-frame.js';
import { JobList } from './job-list.js';
import { JobView } from './job-view.js';
import { RetrainView } from './retrain-view.js';
import { ScheduleView } from './schedule-view.js';

/** How the service learns: its jobs, one of them, a new retraining, the schedule. */
export function LearningPage({ rest }: PageProps): JSX.Element {
  const [part = '', id = ''] = rest;
  switch (part) {
    case 'jobs':
      return <JobView key={id} id={id} />;
    case 'retrain':
      return <RetrainView />;
    case 'schedule':
      return <ScheduleView />;
    default:
      return <Overview />;
  }
}

function Overview(): JSX.Element {
  return (
    <PageFrame
      title="Learning"
      lead="The backbone that serves is fine-tuned on the faces of subjects who consent. What comes of it is assessed beside it, and serves once it has passed and is activated."
      actions={
        <>
          <a class="button" href={addressOf('learning', 'schedule')}>
            Schedule
          </a>
          <a class="button button-main" href={addressOf('learning', 'retrain')}>
            Retrain
          </a>
        </>
      }
    >
      <JobList />
    </PageFrame>
  );
}
