// A dashboard from rows of panels: places on Kibana's grid of 48 columns, references, controls, and the links to the others.
import { dataViewId, field, versions } from './view.mjs'

export const gridColumns = 48

/** Shown at the head of each, in this order. */
const all = {
  'mailman-overview': 'Overview',
  'mailman-why-held': 'Why is it held?',
  'mailman-delivery': 'Delivery',
  'mailman-membership': 'Membership and abuse',
  'mailman-agent': 'The agent itself',
}

/** Text of ours, never of a log: Kibana shows Markdown as it is. */
export const text = (title, markdown) => ({ kind: 'text', title, markdown })
/** A saved search, as rows. */
export const rows = (id, title) => ({ kind: 'search', title, id: `mailman-${id}` })

const links = id =>
  Object.entries(all)
    .map(([other, name]) => (other === id ? `**${name}**` : `[${name}](#/view/${other})`))
    .join(' · ')

function panelOf(made, index, gridData) {
  const panelIndex = `p${index}`
  const common = { panelIndex, gridData: { ...gridData, i: panelIndex }, version: versions.dashboard, title: made.title }
  const hidden = made.hidesTitle ? { hidePanelTitles: true } : {}
  switch (made.kind) {
    case 'lens': {
      const references = made.attributes.references.map(one => ({ ...one, name: `${panelIndex}:${one.name}` }))
      const embeddableConfig = { attributes: made.attributes, enhancements: {}, ...hidden }
      return { references, panel: { ...common, type: 'lens', embeddableConfig } }
    }
    case 'search': {
      const panelRefName = `panel_${panelIndex}`
      const references = [{ type: 'search', id: made.id, name: `${panelIndex}:${panelRefName}` }]
      return { references, panel: { ...common, type: 'search', embeddableConfig: { enhancements: {} }, panelRefName } }
    }
    default: {
      const params = { fontSize: 12, openLinksInNewTab: false, markdown: made.markdown }
      const data = { aggs: [], searchSource: { query: { query: '', language: 'kuery' }, filter: [] } }
      const savedVis = { title: made.title, description: '', type: 'markdown', params, uiState: {}, data }
      return {
        references: [],
        panel: { ...common, type: 'visualization', embeddableConfig: { savedVis, enhancements: {}, ...hidden } },
      }
    }
  }
}

/** @param content rows, each its height and then its panels, which share the width. @throws Error where they do not fill it */
function place(content) {
  let y = 0
  const placed = []
  for (const [h, ...panels] of content) {
    const w = gridColumns / panels.length
    if (!Number.isInteger(w)) throw new Error(`${panels.length} panels do not share ${gridColumns} columns`)
    panels.forEach((made, i) => {
      placed.push(panelOf(made, placed.length, { x: i * w, y, w, h }))
    })
    y += h
  }
  return placed
}

/** Lists from which the person chooses a value for the whole page. */
function controlsOf(controls, view) {
  const panels = Object.fromEntries(
    controls.map(([name, title], order) => {
      const id = `c${order}`
      const explicitInput = { id, fieldName: field(name), title, selectedOptions: [], enhancements: {} }
      return [id, { order, width: 'medium', grow: true, type: 'optionsListControl', explicitInput }]
    }),
  )
  const ignore = { ignoreFilters: false, ignoreQuery: false, ignoreTimerange: false, ignoreValidations: false }
  return {
    references: Object.keys(panels).map(id => ({
      type: 'index-pattern',
      id: view,
      name: `controlGroup_${id}:optionsListDataView`,
    })),
    controlGroupInput: {
      controlStyle: 'oneLine',
      chainingSystem: 'HIERARCHICAL',
      ignoreParentSettingsJSON: JSON.stringify(ignore),
      panelsJSON: JSON.stringify(panels),
    },
  }
}

/** @param options `view`: the id of another data view than that of the logs, for the controls */
export function dashboard(id, { description, timeFrom, controls, view = dataViewId }, ...content) {
  const name = all[id]
  const placed = place([[3, { ...text('Dashboards', links(id)), hidesTitle: true }], ...content])
  const control = controlsOf(controls, view)
  return {
    type: 'dashboard',
    id,
    attributes: {
      title: `Mailman: ${name}`,
      description,
      timeRestore: true,
      timeFrom,
      timeTo: 'now',
      refreshInterval: { pause: true, value: 60_000 },
      optionsJSON: JSON.stringify({
        useMargins: true,
        syncColors: true,
        syncCursor: true,
        syncTooltips: false,
        hidePanelTitles: false,
      }),
      panelsJSON: JSON.stringify(placed.map(({ panel }) => panel)),
      controlGroupInput: control.controlGroupInput,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }) },
      version: 1,
    },
    references: [...placed.flatMap(({ references }) => references), ...control.references],
  }
}
