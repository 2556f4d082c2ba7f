import { describe, expect, it } from 'vitest';
import { html, Html } from './html.js';

/** By another name prettier leaves the templates as they are. */
const markup = html;
const hostile = `</title><script>alert('x')</script>" onload="alert(1)`;

describe('html', () => {
  it('escapes values in texts and in attributes of either quotes', () => {
    const page = markup`<b title="${hostile}" lang='${hostile}'>${hostile}</b>`.text;
    expect(page).not.toContain('<script');
    expect(page.match(/<|>/gu)).toEqual(['<', '>', '<', '>']);
    expect(page.match(/"/gu)).toHaveLength(2);
    expect(page.match(/'/gu)).toHaveLength(2);
    expect(markup`${`&amp; <a href='x'>"`}`.text).toBe('&amp;amp; &lt;a href=&#39;x&#39;&gt;&quot;');
  });

  it('takes markup of its own as it is, and text that looks like it not', () => {
    const bold = markup`<b>${'a & b'}&nbsp;</b>`;
    expect(markup`<p>${bold}${bold.text}</p>`.text).toBe(
      '<p><b>a &amp; b&nbsp;</b>&lt;b&gt;a &amp;amp; b&amp;nbsp;&lt;/b&gt;</p>',
    );
  });

  it('puts lists one after the other, numbers as they are, and nothing for what is undefined', () => {
    const items = [1, 2].map((number) => markup`<li>${number}</li>`);
    expect(markup`<ul>${items}${[['<', undefined], '>']}${undefined}</ul>`.text).toBe(
      '<ul><li>1</li><li>2</li>&lt;&gt;</ul>',
    );
  });
});

describe('Html.style', () => {
  it('keeps a style sheet from ending its element', () => {
    expect(Html.style('a > b { color: "red"; }').text).toBe('<style>a > b { color: "red"; }</style>');
    expect(() => Html.style('</style><script>')).toThrow(RangeError);
  });
});
