/**
 * Where the holes of a template stand in a text. No text is made for that and no list: of the templates that are tried, most do
 * not fit.
 */
import type { Group, Plan, Step } from './_plan.js'

/** How many places are tried for the end of a template, from the right. */
const MAX_TRIES_FROM_RIGHT = 8
const MAX_WORD = 1024
const MAX_DIGITS = 20
/** Python writes up to 17 digits of a float, behind leading zeros or with an exponent. */
const MAX_FLOAT = 32

const BLANK = 32
const MINUS = 45
const POINT = 46
const EXPONENT = 101

/** Of the text that was matched last: hole i begins at `bounds[2 * i]` and ends before `bounds[2 * i + 1]`. */
export const bounds: number[] = []

/** Fills `bounds`, or says false where the text is not of this template. */
export function matches(text: string, { groups, textHoles, tail }: Plan): boolean {
  if (tail !== '' && !standsAt(text, tail, text.length - tail.length)) return false
  const [first] = groups
  const last = textHoles.length - 1
  let at = standsAt(text, first.literal, 0) ? endOfSteps(text, first, 0) : -1
  if (at < 0) return false
  if (last < 0) return at === text.length
  for (let i = 0; i <= last; i++) {
    const group = groups[i + 1]!
    const start = i === last ? findLast(text, group, at) : find(text, group, at, textHoles[i]!.last)
    if (start < 0) return false
    const hole = 2 * (group.firstHole - 1)
    bounds[hole] = at
    bounds[hole + 1] = start
    at = groupEnd
  }
  return true
}

/** Where the group ends that `find` found last. */
let groupEnd = 0

/** The first (or last) place from `from` on where the whole group fits. */
function find(text: string, group: Group, from: number, last: boolean): number {
  const { literal } = group
  let at = last ? text.lastIndexOf(literal) : text.indexOf(literal, from)
  while (at >= from) {
    groupEnd = endOfSteps(text, group, at)
    if (groupEnd >= 0) return at
    at = last ? (at === 0 ? -1 : text.lastIndexOf(literal, at - 1)) : text.indexOf(literal, at + 1)
  }
  return -1
}

/** The place from `from` on where the last group fits and reaches the end of the text. */
function findLast(text: string, group: Group, from: number): number {
  const { literal, steps } = group
  if (steps.length === 0) {
    const start = text.length - literal.length // `matches` saw that it stands there
    return start >= from ? start : -1
  }
  let at = text.lastIndexOf(literal)
  for (let tries = 0; tries < MAX_TRIES_FROM_RIGHT && at >= from; tries++) {
    if (endOfSteps(text, group, at) === text.length) return at
    if (at === 0) break
    at = text.lastIndexOf(literal, at - 1)
  }
  return -1
}

/** The end of the group whose literal text stands at `start`, or -1. */
function endOfSteps(text: string, { literal, steps, firstHole }: Group, start: number): number {
  let at = start + literal.length
  for (let i = 0; i < steps.length; i++) {
    const { kind, then, stop } = steps[i]!
    const end = kind === 'word' ? endOfWord(text, at, stop) : kind === 'int' ? endOfInt(text, at) : endOfFloat(text, at)
    if (end < 0 || !standsAt(text, then, end)) return -1
    bounds[2 * (firstHole + i)] = at
    bounds[2 * (firstHole + i) + 1] = end
    at = end + then.length
  }
  return at
}

/** @param stop what ends the word besides a blank, unless it stands at its very beginning; '': nothing */
function endOfWord(text: string, start: number, stop: Step['stop']): number {
  const first = stop.charCodeAt(0) // NaN is no character
  const most = start + MAX_WORD
  let at = start
  for (let code = text.charCodeAt(at); code > BLANK; code = text.charCodeAt(at)) {
    if (code === first && at > start && standsAt(text, stop, at)) return at
    if (at === most) return -1
    at++
  }
  return at === start ? -1 : at
}

function endOfInt(text: string, start: number): number {
  const digits = text.charCodeAt(start) === MINUS ? start + 1 : start
  let at = digits
  while (isDigit(text.charCodeAt(at))) if (++at - digits > MAX_DIGITS) return -1
  return at === digits ? -1 : at
}

/** Digits, points, exponents and minuses, as many as there are; a number or not is for others to say. */
function endOfFloat(text: string, start: number): number {
  const first = text.charCodeAt(start) === MINUS ? start + 1 : start
  let at = first
  while (isOfFloat(text.charCodeAt(at))) if (++at - first > MAX_FLOAT) return -1
  return at === first ? -1 : at
}

const isOfFloat = (code: number): boolean => isDigit(code) || code === POINT || code === EXPONENT || code === MINUS
const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** What `startsWith` says, which V8 compares one character at a time: this is three times as fast. */
const standsAt = (text: string, literal: string, at: number): boolean =>
  literal === '' || (text.charCodeAt(at) === literal.charCodeAt(0) && text.slice(at, at + literal.length) === literal)
