import type { JSX } from 'preact';
import { useIsAdmin } from '../../api/session.js';
import type { PageProps } from '../../app/page-props.js';
import { PageFrame } from '../../components/page-frame.js';
import { CompareView } from './compare-view.js';
import { DatasetList } from './dataset-list.js';
import { OperatingPointSection } from './operating-point.js';
import { RunList } from './run-list.js';
import { RunView } from './run-view.js';

/** How well models verify: data sets, runs on them, one run, several over each other. */
export function BenchmarksPage({ rest }: PageProps): JSX.Element {
  const isAdmin = useIsAdmin();
  const [part = '', ...ids] = rest;
  if (!isAdmin) return <OperatingPointOnly />;
  switch (part) {
    case 'runs':
      return <RunView key={ids[0]} id={ids[0] ?? ''} />;
    case 'compare':
      return <CompareView key={ids.join()} ids={ids} />;
    default:
      return <Overview />;
  }
}

function Overview(): JSX.Element {
  return (
    <PageFrame
      title="Benchmarks"
      lead="Verification protocols, run on any backbone beside live traffic: error rates with intervals, where they come from, and whether a difference of two models is real."
    >
      <RunList />
      <DatasetList />
      <OperatingPointSection />
    </PageFrame>
  );
}

/** Runs name files of the server, which are the administrator's. */
function OperatingPointOnly(): JSX.Element {
  return (
    <PageFrame title="Benchmarks" lead="Benchmarks themselves need an API key of the role ADMIN.">
      <OperatingPointSection />
    </PageFrame>
  );
}
