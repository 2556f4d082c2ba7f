import type { JSX } from 'preact';
import { PageFrame } from '../../components/page-frame.js';

export function OperationsPage(): JSX.Element {
  return <PageFrame title="Operations" />;
}
