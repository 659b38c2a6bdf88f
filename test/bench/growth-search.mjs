// What people ask of the embedded store, and how long it takes to answer; for logs of growth-logs.mjs.
import { built } from './program.mjs'

/** @param event any one of the store */
export const questions = [
  ['the newest 50 of all', () => ({})],
  ['one message id', event => ({ messageId: event.email.message_id })],
  ['a word that one event has', event => ({ text: event.email.message_id.split('@')[0] })],
  ['a word that is nowhere', () => ({ text: 'nosuchword' })],
  ['a word that every fourth event has', () => ({ text: 'held' })],
  ['that word, on one list', () => ({ text: 'held', list: 'list-7' })],
  ['two words next to each other', () => ({ text: '"suspicious header"' })],
  ['one list of a hundred', () => ({ list: 'list-7' })],
  ['one address of 5,000', event => ({ address: event.email.from.address })],
  ['one action, one list', () => ({ action: 'message-held', list: 'list-7' })],
]

/** @returns {Promise<{ least: number, most: number }[]>} milliseconds, for each of the questions */
export async function askStore(file, times) {
  const { openSqliteStore } = await import(built('src/store/sqlite-query.js'))
  const store = openSqliteStore(file)
  try {
    const { hits } = await store.search({ action: 'message-held', limit: 1, order: 'oldest' })
    const results = []
    for (const [, make] of questions) {
      const query = { ...make(hits[0].document), limit: 50, order: 'newest' }
      const took = []
      for (let i = 0; i < times; i++) {
        const from = performance.now()
        await store.search(query)
        took.push(performance.now() - from)
      }
      results.push({ least: Math.min(...took), most: Math.max(...took) })
    }
    return results
  } finally {
    await store.close()
  }
}
