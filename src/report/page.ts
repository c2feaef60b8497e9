import type { Content, Html } from './html.ts';
import { html, trusted, withoutHidden } from './html.ts';
import { pageStyle } from './page-style.ts';

/** What a page of ours is made of. Texts are untrusted. */
export interface Page {
  readonly title: string;
  readonly toolVersion: string;
  /** What the content policy allows beside inline style: nothing may be loaded and no script run, whatever names say. */
  readonly allowed?: readonly string[];
  /** Rules beside those that all pages have. */
  readonly style?: string;
  readonly body: Content;
  /** The page's own script, allowed by its hash, and what it works on. */
  readonly script?: PageScript;
}

/** A script of ours within a page, with its data. */
export interface PageScript {
  readonly code: string;
  /** The SHA-256 of the code in base64, as a content policy has it. */
  readonly hash: string;
  readonly data: unknown;
}

/** A whole page of HTML that needs no network. */
export function page({ title, toolVersion, allowed = [], style = '', body, script }: Page): string {
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    ...allowed,
    ...(script === undefined ? [] : [`script-src 'sha256-${script.hash}'`]),
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="gctune ${toolVersion}" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – gctune</title>
        <style>
          ${trusted(pageStyle() + style)}
        </style>
      </head>
      <body>
        ${body} ${script !== undefined && scripted(script)}
      </body>
    </html> `.text;
}

/** Keys in one order: the same data is the same bytes, whether it was read or has just been made. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Data is not run; nothing in it can end its element, and the code is ours. */
function scripted({ code, data }: PageScript): Html {
  const json = withoutHidden(JSON.stringify(data, inOrder)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return trusted(`<script type="application/json" id="page-data">${json}</script><script>${code}</script>`);
}

/** The line above a page's title: the program, and a choice of light or dark. */
export function pageBar(toolVersion: string): Html {
  return html`<div class="bar">
    <p class="brand">gctune <span>${toolVersion}</span></p>
    ${schemeChoice()}
  </div>`;
}

/** The choice of light or dark, which needs no script. */
export function schemeChoice(): Html {
  return html`<fieldset class="scheme">
    <legend>Colours</legend>
    ${(['auto', 'light', 'dark'] as const).map(
      (scheme) =>
        html`<label
          ><input
            type="radio"
            name="scheme"
            id="scheme-${scheme}"
            ${scheme === 'auto' && html` checked`}
          />${scheme}</label
        >`,
    )}
  </fieldset>`;
}
