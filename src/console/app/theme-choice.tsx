import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const themes = { system: 'System colours', light: 'Light', dark: 'Dark' } as const;
type Theme = keyof typeof themes;
const storageName = 'symface.theme';

/** Light, dark, or as the system has it; all that the console keeps in the browser. */
export function ThemeChoice(): JSX.Element {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    try {
      localStorage.setItem(storageName, theme);
    } catch {
      // A browser that keeps nothing forgets the choice, too.
    }
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
  try {
    return asTheme(localStorage.getItem(storageName));
  } catch {
    return 'system';
  }
}

function asTheme(text: string | null): Theme {
  return text === 'light' || text === 'dark' ? text : 'system';
}
