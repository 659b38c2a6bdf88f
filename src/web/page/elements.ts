/**
 * The only place where elements are made. Text becomes text nodes, never markup, with what would reorder or hide it shown as an
 * escape; attributes are named by us.
 */
import { printable } from '../../diagnostics/printable.js'

type Attribute = string | number | boolean | undefined

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : safe(String(value)))
  made.append(...children.map(child => (typeof child === 'string' ? document.createTextNode(safe(child)) : child)))
  return made
}

const safe = (text: string): string => printable(text, { newlines: true })

export const button = (attributes: Readonly<Record<string, Attribute>>, press: () => void, ...children: (Node | string)[]) => {
  const made = element('button', { type: 'button', ...attributes }, ...children)
  made.addEventListener('click', press)
  return made
}

/** An element of the page's own HTML. */
export function part<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T
}

export const number = (n: number): string => n.toLocaleString('en')

/** `message-held` → `message held`; `smtp_failure` → `smtp failure`. */
export const spoken = (slug: string): string => slug.replace(/[-_]/g, ' ')

/** A sentence of ours, in which backticks mark what stands in a program: as text and code. */
export const sentence = (text: string): (Node | string)[] =>
  text.split('`').map((piece, i) => (i % 2 === 0 ? piece : element('code', {}, piece)))
