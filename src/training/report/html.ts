/** What may stand in a template: markup as it is, anything else escaped, lists one after the other, undefined as nothing. */
export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup in which nothing is left to escape. {@link html} makes it. */
export class Html {
  private constructor(readonly text: string) {}

  /** @param markup literal parts of a template, and what goes between them */
  static of(markup: readonly string[], values: readonly HtmlValue[]): Html {
    return new Html(
      markup.map((part, index) => part + (index < values.length ? markupOf(values[index]) : '')).join(''),
    );
  }

  /** A style sheet; in one nothing is escaped. @throws RangeError where it would end its element */
  static style(css: string): Html {
    if (css.includes('<')) throw new RangeError('a style sheet must not have a "<" in it');
    return new Html(`<style>${css}</style>`);
  }
}

/**
 * Markup of HTML or SVG: what the template says stands as it is, every value in it is escaped, for text and for attributes
 * in double or single quotes alike, unless it is markup itself.
 */
export function html(markup: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.of(markup, values);
}

function markupOf(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(markupOf).join('');
  return String(value).replaceAll(/[&<>"']/gu, (character) => entities[character] ?? '');
}
