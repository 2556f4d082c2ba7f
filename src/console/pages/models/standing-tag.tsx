import type { JSX } from 'preact';
import type { Standing } from './known-model.js';

const tags: Readonly<Record<Standing, string>> = {
  serving: 'tag-good',
  shadow: 'tag-warning',
  former: '',
  candidate: '',
};

export const standingWords: Readonly<Record<Standing, string>> = {
  serving: 'serves',
  shadow: 'in the shadow',
  former: 'served before',
  candidate: 'candidate',
};

export function StandingTag({ standing }: { readonly standing: Standing }): JSX.Element {
  return <span class={`tag ${tags[standing]}`}>{standingWords[standing]}</span>;
}
