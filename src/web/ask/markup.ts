/**
 * The only place where the list's pages make HTML: what is put into a template is escaped, and what would reorder or hide text is
 * shown as an escape. Attributes stand in quotes.
 */
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { printable } from '../../diagnostics/printable.js'

export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>
type Value = string | number | Markup | readonly Markup[]

export const markup = (parts: TemplateStringsArray, ...values: readonly Value[]): Markup =>
  html(parts, ...values.map(value => (typeof value === 'string' ? printable(value, { newlines: true }) : value)))

/** A sentence of ours, in which backticks mark what stands in a program. */
export const sentence = (text: string): readonly Markup[] =>
  text.split('`').map((piece, i) => (i % 2 === 0 ? markup`${piece}` : markup`<code>${piece}</code>`))

export interface Frame {
  readonly title: string
  /** Of the list whose page it is; undefined: nobody has opened one. */
  readonly list?: string
  readonly at?: 'list' | 'events' | 'message'
  readonly foot: string
  readonly script?: string
}

/** @param body of the page, without its header */
export const pageOf = ({ title, list, at, foot, script }: Frame, body: Markup): Markup => markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} – Mailman events</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="page.css">
${script === undefined ? '' : markup`<script type="module" src="${script}"></script>`}
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header>
<a class="brand" href="./">Ask my list</a>
${list === undefined ? '' : navigation(at)}
</header>
<main id="main">
${body}
</main>
<footer><p>${foot}</p></footer>
</body>
</html>
`

const links = [
  ['list', 'The list'],
  ['events', 'Search'],
  ['message', 'One message'],
] as const

const navigation = (at: Frame['at']): Markup => markup`<nav aria-label="Pages">
${links.map(([path, name]) =>
  path === at ? markup`<a href="${path}" aria-current="page">${name}</a>` : markup`<a href="${path}">${name}</a>`,
)}
</nav>
<form class="leave" method="post" action="close"><button type="submit">Leave</button></form>`
