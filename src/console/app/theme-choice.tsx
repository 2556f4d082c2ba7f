import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const themes = { system: 'As the system', light: 'Light', dark: 'Dark' } as const;
type Theme = keyof typeof themes;
const storageName = 'symface.theme';

/** Light, dark, or as the system has it; all that the console keeps in the browser. */
export function ThemeChoice(): JSX.Element {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    localStorage.setItem(storageName, theme);
  }, [theme]);
  return (
    <label class="theme-choice">
      <span class="for-screen-readers">Colours</span>
      <select
        value={theme}
        onChange={(event) => {
          setTheme(asTheme(event.currentTarget.value));
        }}
      >
        {Object.entries(themes).map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function readTheme(): Theme {
  return asTheme(localStorage.getItem(storageName));
}

function asTheme(text: string | null): Theme {
  return text === 'light' || text === 'dark' ? text : 'system';
}
