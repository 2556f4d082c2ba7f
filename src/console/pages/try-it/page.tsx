import type { JSX } from 'preact';
import { PageFrame } from '../../components/page-frame.js';

export function TryItPage(): JSX.Element {
  return <PageFrame title="Try it" />;
}
