import type { JSX } from 'preact';
import { PageFrame } from '../../components/page-frame.js';

export function ModelsPage(): JSX.Element {
  return <PageFrame title="Models" />;
}
