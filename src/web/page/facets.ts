/** The choices beside the events: which values there are, how often, and which one is chosen. */
import { type Count, type FacetName, type Facets, facetNames } from '../answers.js'
import type { Asked } from './address.js'
import { button, element, number, part, spoken } from './elements.js'

const titles: Readonly<Record<FacetName, string>> = { log: 'Log', action: 'What happened', list: 'List', reason: 'Why held' }

export function showFacets(facets: Facets, asked: Asked, choose: (name: FacetName, value: string | undefined) => void): void {
  const focused = document.activeElement?.getAttribute('data-facet')
  part('facets').replaceChildren(
    ...facetNames.map(name => {
      const chosen = asked[name]
      const counts = facets[name]
      // What is chosen stays visible, also where nothing of it is left.
      const missing = chosen !== undefined && !counts.some(({ value }) => value === chosen) ? [{ value: chosen, count: 0 }] : []
      const most = Math.max(1, ...counts.map(({ count }) => count))
      const items = [...missing, ...counts].map(count =>
        element('li', {}, choice(name, count, most, count.value === chosen, choose)),
      )
      return element(
        'section',
        { 'aria-labelledby': `facet-${name}` },
        element('h3', { id: `facet-${name}` }, titles[name]),
        items.length === 0 ? element('p', { class: 'none' }, 'none') : element('ul', {}, ...items),
      )
    }),
  )
  // The one that was pressed was made anew.
  if (focused)
    for (const made of document.querySelectorAll<HTMLElement>('[data-facet]')) if (made.dataset.facet === focused) made.focus()
}

function choice(
  name: FacetName,
  { value, count }: Count,
  most: number,
  isChosen: boolean,
  choose: (name: FacetName, value: string | undefined) => void,
) {
  const made = button(
    { class: 'choice', 'aria-pressed': isChosen ? 'true' : 'false', 'data-facet': `${name} ${value}`, title: value },
    () => choose(name, isChosen ? undefined : value),
    element('span', { class: 'name' }, name === 'list' ? value : spoken(value)),
    element('span', { class: 'count' }, number(count)),
  )
  made.style.setProperty('--part', `${(100 * count) / most}%`)
  return made
}
