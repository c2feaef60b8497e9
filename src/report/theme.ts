/** One colour in both of the page's schemes. */
interface Token {
  readonly light: string;
  readonly dark: string;
}

/**
 * The page's colours. Text has a contrast of at least 4.5:1 on `paper` and on `panel`, lines that carry meaning 3:1
 * (WCAG 2.2, 1.4.3 and 1.4.11). The parts of memory differ in lightness as well as in hue.
 */
const TOKENS = {
  paper: { light: '#ffffff', dark: '#15181c' },
  panel: { light: '#f6f7f8', dark: '#1d2126' },
  ink: { light: '#1c2024', dark: '#e7eaee' },
  muted: { light: '#5a6470', dark: '#a3adb8' },
  rule: { light: '#d5dae0', dark: '#373e47' },
  grid: { light: '#e8ebee', dark: '#2a3037' },
  trial: { light: '#8a94a0', dark: '#77828e' },
  accent: { light: '#0b5cad', dark: '#7db8ff' },
  caution: { light: '#8a4b00', dark: '#f0b35a' },
  'caution-panel': { light: '#fff6e6', dark: '#2b2316' },
  good: { light: '#1a6f3c', dark: '#6fd39a' },
  bad: { light: '#a12222', dark: '#ff9a91' },
  noise: { light: '#e9ecf0', dark: '#2a3038' },
  objects: { light: '#1f5fa8', dark: '#4d8fdb' },
  'on-objects': { light: '#ffffff', dark: '#0d1117' },
  unused: { light: '#eda93a', dark: '#e0a23a' },
  'on-unused': { light: '#1c2024', dark: '#0d1117' },
  retained: { light: '#9ccaee', dark: '#a9d0ef' },
  'on-retained': { light: '#1c2024', dark: '#0d1117' },
  stacks: { light: '#3aa584', dark: '#3fb08d' },
  'on-stacks': { light: '#1c2024', dark: '#0d1117' },
  metadata: { light: '#c07fb0', dark: '#c98abb' },
  'on-metadata': { light: '#1c2024', dark: '#0d1117' },
  outside: { light: '#bcc2c9', dark: '#868e98' },
  'on-outside': { light: '#1c2024', dark: '#0d1117' },
} as const satisfies Readonly<Record<string, Token>>;

/** The name of one of the page's colours. */
export type TokenName = keyof typeof TOKENS;

/**
 * Anchors of the ramp that the levels of GOGC are drawn in, small to large. Blue to yellow with lightness rising all
 * the way, so that the order survives red-green blindness and greyscale print.
 */
const RAMP: Readonly<Record<'light' | 'dark', readonly string[]>> = {
  light: ['#3a1172', '#32509a', '#227b93', '#2c9672', '#719f2c', '#b8920a'],
  dark: ['#8d83f5', '#6ca4f7', '#4fc3d6', '#59d3a0', '#b3d95b', '#f3d352'],
};
const RAMP_STEPS = 24;

/** What a chart is painted with: strings that stand in an SVG's `fill` and `stroke`. */
export interface Theme {
  /** A colour of the page. */
  token(name: TokenName): string;
  /** The colour of one of `count` ordered levels, counted from 0. */
  level(rank: number, count: number): string;
}

/** Colours as CSS variables with the light colour to fall back on: one SVG serves light, dark and print. */
export const pageTheme: Theme = {
  token: (name) => `var(--${name}, ${TOKENS[name].light})`,
  level(rank, count) {
    const step = count < 2 ? RAMP_STEPS / 2 : Math.round((rank / (count - 1)) * (RAMP_STEPS - 1));
    return `var(--level-${step}, ${rampColour('light', step)})`;
  },
};

/** The CSS declarations of one scheme. */
export function schemeDeclarations(scheme: 'light' | 'dark'): string {
  const tokens = Object.entries(TOKENS).map(([name, token]) => `--${name}:${token[scheme]}`);
  const ramp = Array.from({ length: RAMP_STEPS }, (_, step) => `--level-${step}:${rampColour(scheme, step)}`);
  return [`color-scheme:${scheme}`, ...tokens, ...ramp].join(';');
}

function rampColour(scheme: 'light' | 'dark', step: number): string {
  const anchors = RAMP[scheme];
  const at = (step / (RAMP_STEPS - 1)) * (anchors.length - 1);
  const before = Math.min(Math.floor(at), anchors.length - 2);
  const channel = (index: number): string => {
    const [from, to] = [before, before + 1].map((i) => Number.parseInt((anchors[i] ?? '').slice(index, index + 2), 16));
    return Math.round((from ?? 0) + ((to ?? 0) - (from ?? 0)) * (at - before))
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
