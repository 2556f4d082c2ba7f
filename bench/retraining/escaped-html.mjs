// Markup of the page of `npm run bench:retraining`, in which every value is escaped.

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Markup in which nothing is left to escape. {@link html} makes it. */
export class Html {
  constructor(text) {
    this.text = text;
  }

  /** A style sheet; in one nothing is escaped. @throws RangeError where it would end its element */
  static style(css) {
    if (css.includes('<')) throw new RangeError('a style sheet must not have a "<" in it');
    return new Html(`<style>${css}</style>`);
  }
}

/** What the template says stands as it is; every value in it is escaped, unless it is markup itself. */
export function html(markup, ...values) {
  return new Html(
    markup.map((part, index) => part + (index < values.length ? markupOf(values[index]) : '')).join(''),
  );
}

function markupOf(value) {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(markupOf).join('');
  return String(value).replaceAll(/[&<>"']/gu, (character) => entities[character]);
}
