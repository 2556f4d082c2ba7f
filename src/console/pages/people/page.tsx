import type { JSX } from 'preact';
import { PageFrame } from '../../components/page-frame.js';

export function PeoplePage(): JSX.Element {
  return <PageFrame title="People" />;
}
