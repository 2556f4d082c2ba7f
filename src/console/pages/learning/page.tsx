import type { JSX } from 'preact';
import { PageFrame } from '../../components/page-frame.js';

export function LearningPage(): JSX.Element {
  return <PageFrame title="Learning" />;
}
