import { createTheme, type MantineThemeOverride, type VariantColorsResolver } from '@mantine/core';

/** What a colour means: ok done and proven · wait somebody else's turn · warn a deadline is near · err failed, act ·
 * hold legal exception or sandbox · grey by rule · accent what to press. */
export type Tone = 'accent' | 'ok' | 'wait' | 'warn' | 'err' | 'hold' | 'grey';

const TONES: readonly string[] = ['accent', 'ok', 'wait', 'warn', 'err', 'hold', 'grey'] satisfies Tone[];

/** Mantine's `autoContrast` does not follow a colour that differs between the schemes (white on light petrol is 2.0:1),
 * so every variant is said here, in tokens. */
const colours: VariantColorsResolver = ({ color, variant }) => {
  const tone = color !== undefined && TONES.includes(color) ? color : 'accent';
  const own = `var(--${tone})`;
  const soft = `var(--${tone}-soft)`;
  if (variant === 'filled')
    return {
      background: own,
      hover: tone === 'accent' || tone === 'err' ? `var(--${tone}-hover)` : own,
      color: tone === 'accent' ? 'var(--on-accent)' : 'var(--surface)',
      border: '1px solid transparent',
    };
  if (variant === 'light') return { background: soft, hover: soft, color: own, border: '1px solid transparent' };
  if (variant === 'outline' && tone !== 'accent')
    return { background: 'var(--surface)', hover: soft, color: own, border: `1px solid ${own}` };
  if (variant === 'subtle' || variant === 'transparent')
    return {
      background: 'transparent',
      hover: variant === 'subtle' ? 'var(--sunken)' : 'transparent',
      color: color === undefined ? 'var(--text)' : own,
      border: '1px solid transparent',
    };
  return {
    background: 'var(--surface)',
    hover: 'var(--sunken)',
    color: 'var(--text)',
    border: '1px solid var(--control)',
  };
};

export const theme: MantineThemeOverride = createTheme({
  primaryColor: 'teal', // never seen: tokens.css says what the primary colour is, in both schemes
  respectReducedMotion: true,
  variantColorResolver: colours,
  components: {
    // One filled button a screen: the others are outlined unless they say so.
    Button: { defaultProps: { variant: 'outline', size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', size: 32 } },
    // Its own lock of the page's scroll would write a style element, which the content security policy refuses.
    Modal: { defaultProps: { lockScroll: false, centered: true, radius: 10, transitionProps: { duration: 120 } } },
    Drawer: { defaultProps: { lockScroll: false, transitionProps: { duration: 120 } } },
    Menu: { defaultProps: { transitionProps: { duration: 0 }, shadow: 'md', position: 'bottom-end' } },
    Popover: { defaultProps: { transitionProps: { duration: 0 }, shadow: 'md' } },
    Tooltip: {
      defaultProps: {
        openDelay: 400,
        transitionProps: { duration: 0 },
        events: { hover: true, focus: true, touch: false },
      },
    },
    Select: {
      defaultProps: { checkIconPosition: 'right', comboboxProps: { transitionProps: { duration: 0 }, shadow: 'md' } },
    },
  },
});
