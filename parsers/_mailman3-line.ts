/**
 * The stamps of Mailman 3's `mailman.log`, in which its web server and its REST library write too, each in a format of its own
 * (seen with gunicorn 22 and falcon 3):
 *
 *     Nov 22 17:04:43 2026 (23217) Master started                                         Mailman
 *     [2026-11-22 17:04:58 +0000] [23238] [INFO] Starting gunicorn 22.0.0                 gunicorn: with a zone
 *     [22/Nov/2026:17:40:39 +0000] "POST /3.1/lists HTTP/1.1" 204 0 "-" "curl/7.88.1"     access: with a zone, no process
 *     2026-11-22 17:20:22 [FALCON] [ERROR] GET /3.1/lists => Traceback (most …            falcon: local time, no process
 *
 * Where a site gave `[logging.…]` a format of its own, lines have no stamp that is known here.
 */
import { readStamp, type Stamp } from './_mailman-line.js'

const GUNICORN = /^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})\] \[(\d{1,10})\] (?=\[[A-Z]{1,16}\] )/
const ACCESS = /^\[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] (?=")/
const FALCON = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?=\[FALCON\] )/

/** Reads any of these stamps, or says undefined: then the line continues the record before it. */
export function readAnyStamp(line: string): Stamp | undefined {
  const first = line.charCodeAt(0)
  if (first === 91) {
    const gunicorn = GUNICORN.exec(line)
    if (gunicorn !== null) return stampOf('gunicorn', gunicorn, Number(gunicorn[2]))
    const access = ACCESS.exec(line)
    return access === null ? undefined : stampOf('access', access, undefined)
  }
  if (first >= 48 && first <= 57) {
    const falcon = FALCON.exec(line)
    return falcon === null ? undefined : stampOf('falcon', falcon, undefined)
  }
  return readStamp(line)
}

const stampOf = (kind: Stamp['kind'], match: RegExpExecArray, pid: number | undefined): Stamp => ({
  kind,
  time: match[1]!,
  pid,
  label: '',
  textStart: match[0].length,
})
