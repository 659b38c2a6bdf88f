// tsc writes files 0644; the command must be executable, since npm links it before `prepare` has built it.
import { chmodSync } from 'node:fs'

chmodSync(new URL('../dist/src/main.js', import.meta.url), 0o755)
