import type { Content, Html } from './html.ts';
import { html, trusted } from './html.ts';
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
}

/** A whole page of HTML that needs no network. */
export function page({ title, toolVersion, allowed = [], style = '', body }: Page): string {
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    ...allowed,
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
        ${body}
      </body>
    </html> `.text;
}

/** The line above a page's title: the program, and a choice of light or dark. */
export function pageBar(toolVersion: string): Html {
  return html`<div class="bar">
    <p class="brand">gctune <span>${toolVersion}</span></p>
    <fieldset class="scheme">
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
    </fieldset>
  </div>`;
}
