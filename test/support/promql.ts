/** What an expression of PromQL asks for. */
export interface AskedFor {
  /** The labels that each metric is selected by, by the metric's name. */
  readonly selected: ReadonlyMap<string, ReadonlySet<string>>;
  /** Labels that are grouped by. */
  readonly grouped: ReadonlySet<string>;
}

const words: ReadonlySet<string> = new Set([
  'and',
  'or',
  'unless',
  'offset',
  'bool',
  'on',
  'ignoring',
  'by',
  'without',
]);

/** The metrics and labels of an expression: no parser, but enough for aggregations, selectors, ranges and arithmetic. */
export function askedFor(expression: string): AskedFor {
  const selected = new Map<string, Set<string>>();
  const grouped = new Set<string>();
  // Values of labels may hold anything.
  const plain = expression
    .replaceAll(/"(?:[^"\\]|\\.)*"/gu, '""')
    .replaceAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/gu, (_, labels: string) => {
      for (const label of labels.split(',')) if (label.trim() !== '') grouped.add(label.trim());
      return ' ';
    })
    .replaceAll(/\[[^\]]*\]/gu, ' ')
    .replaceAll(/\boffset\s+\w+/gu, ' ');
  for (const [, name = '', matchers = ''] of plain.matchAll(
    /(?<![\w.$])([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?(?!\s*\(|[\w:])/gu,
  )) {
    if (words.has(name)) continue;
    const labels = selected.get(name) ?? new Set<string>();
    selected.set(name, labels);
    for (const matcher of matchers.split(',')) {
      const label = /^\s*(\w+)\s*(?:=|!)/u.exec(matcher)?.[1];
      if (label !== undefined) labels.add(label);
    }
  }
  return { selected, grouped };
}

/** The metrics of a scrape in Prometheus' text format, with the labels that their samples have. */
export function scraped(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const metrics = new Map<string, Set<string>>();
  const of = (name: string): Set<string> => {
    const labels = metrics.get(name) ?? new Set<string>();
    metrics.set(name, labels);
    return labels;
  };
  for (const line of text.split('\n')) {
    const [, declared, type] = /^# TYPE (\S+) (\S+)/u.exec(line) ?? [];
    if (declared !== undefined) {
      if (type === 'histogram') for (const part of ['bucket', 'sum', 'count']) of(`${declared}_${part}`);
      else of(declared);
    }
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/u.exec(line) ?? [];
    if (name === undefined) continue;
    for (const [, label = ''] of labels.matchAll(/(?:^|,)(\w+)="/gu)) of(name).add(label);
  }
  return metrics;
}
