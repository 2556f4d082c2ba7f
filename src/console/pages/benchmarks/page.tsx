import type { JSX } from 'preact';
import { PageFrame } from '../../components/page-frame.js';

export function BenchmarksPage(): JSX.Element {
  return <PageFrame title="Benchmarks" />;
}
